/** A bump heap in a few lines that has every function a subject may have, for tests of the library. */
import type { OwnAllocator } from './define-subject.ts';

const PAGE_BYTES = 65536;
const ALIGNMENT_BYTES = 8;

/** Thrown for a request that cannot be met. */
export class NoRoom extends Error {}

export class TrialHeap implements OwnAllocator {
  readonly memory = new WebAssembly.Memory({ initial: 2, maximum: 2 });
  #top = PAGE_BYTES;
  #live = new Map<number, number>();
  #marks: { readonly top: number; readonly live: Map<number, number> }[] = [];

  malloc(sizeBytes: number): number {
    return this.alignedAlloc(ALIGNMENT_BYTES, sizeBytes);
  }

  calloc(count: number, sizeBytes: number): number {
    const pointer = this.malloc(count * sizeBytes);
    new Uint8Array(this.memory.buffer).fill(0, pointer, pointer + count * sizeBytes);
    return pointer;
  }

  realloc(pointer: number, oldSizeBytes: number, _alignmentBytes: number, newSizeBytes: number): number {
    const moved = this.malloc(newSizeBytes);
    const end = pointer + Math.min(oldSizeBytes, newSizeBytes);
    new Uint8Array(this.memory.buffer).copyWithin(moved, pointer, end);
    this.free(pointer);
    return moved;
  }

  alignedAlloc(alignmentBytes: number, sizeBytes: number): number {
    const start = Math.ceil(this.#top / alignmentBytes) * alignmentBytes;
    if (start + sizeBytes > 2 * PAGE_BYTES) throw new NoRoom();
    if (sizeBytes === 0) return 0;
    this.#top = start + sizeBytes;
    this.#live.set(start, sizeBytes);
    return start;
  }

  free(pointer: number): void {
    this.#live.delete(pointer);
  }

  mark(): void {
    this.#marks.push({ top: this.#top, live: new Map(this.#live) });
  }

  /** Blocks of before the mark that were freed or moved since stay dead. */
  pop(): boolean {
    const mark = this.#marks.pop();
    if (mark === undefined) return false;
    this.#top = mark.top;
    this.#live = new Map([...mark.live].filter(([pointer]) => this.#live.has(pointer)));
    return true;
  }

  reset(): void {
    this.restart();
  }

  statistics() {
    const sizes = [...this.#live.values()];
    return { liveBlocks: sizes.length, liveBytes: sizes.reduce((sum, size) => sum + size, 0) };
  }

  restart(): void {
    this.#top = PAGE_BYTES;
    this.#live.clear();
    this.#marks = [];
  }
}
