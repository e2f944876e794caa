/** A heap of cells of one size with its list of free cells inside the cells: for tests, with as many checks as asked for. */
import { defineSubject, type OwnAllocator } from '../library/define-subject.ts';
import type { SubjectDefinition } from '../subjects/subject.ts';

/** Holds the largest block that a test asks for, with a header before it. */
const CELL_BYTES = 32768;
const HEADER_BYTES = 8;
const PAGES = 40;
const IN_USE = 0x11223344;

/** `checked`: free takes only pointers that malloc gave and nobody has freed since. */
export function cellHeap(name: string, { checked }: { readonly checked: boolean }): SubjectDefinition {
  return defineSubject({ name, promises: { alignmentBytes: 8 }, create: () => new CellHeap(checked) });
}

class CellHeap implements OwnAllocator {
  readonly memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES });
  readonly #words = new DataView(this.memory.buffer);
  readonly #checked: boolean;
  #top = CELL_BYTES;
  #free = 0;

  constructor(checked: boolean) {
    this.#checked = checked;
  }

  malloc(sizeBytes: number): number {
    if (sizeBytes > CELL_BYTES - 2 * HEADER_BYTES) return 0;
    const cell = this.#take();
    if (cell === 0) return 0;
    this.#words.setUint32(cell, IN_USE, true);
    return cell + HEADER_BYTES;
  }

  free(pointer: number): void {
    if (pointer === 0) return;
    const cell = pointer - HEADER_BYTES;
    if (this.#checked && (cell % CELL_BYTES !== 0 || this.#words.getUint32(cell, true) !== IN_USE)) {
      throw new Error(`free of ${pointer}: no live block begins there`);
    }
    this.#words.setUint32(cell, 0, true);
    this.#words.setUint32(pointer, this.#free, true);
    this.#free = cell;
  }

  #take(): number {
    const cell = this.#free;
    if (cell !== 0) {
      this.#free = this.#words.getUint32(cell + HEADER_BYTES, true);
      return cell;
    }
    if (this.#top + CELL_BYTES > this.memory.buffer.byteLength) return 0;
    this.#top += CELL_BYTES;
    return this.#top - CELL_BYTES;
  }
}
