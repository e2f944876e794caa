/** What the bytes of blocks must be: kept while they live, kept by a realloc, zero after a calloc. */
import type { Contents } from '../model/contents.ts';
import type { Block, HeapModel } from '../model/heap-model.ts';
import { regionText } from '../violation.ts';
import { ownerText } from './arena-text.ts';
import type { Sides } from './sides.ts';

export class ContentsJudge {
  readonly #sides: Sides;
  readonly #model: HeapModel;
  readonly #contents: Contents;

  constructor(sides: Sides) {
    this.#sides = sides;
    this.#model = sides.model;
    this.#contents = sides.contents;
  }

  /** Verifies every live block. */
  sweep(): void {
    for (const block of this.#model.live) this.verify(block);
    for (const block of this.#model.foreign) this.verify(block);
  }

  /** Judges whether a live block is as it was left. */
  verify(block: Block): void {
    if (!this.#isIntact(block)) this.#breakDamaged(block);
  }

  /** The first byte of `block` that changed, and how; undefined when none did. */
  damageOf(block: Block): string | undefined {
    return this.#isIntact(block) ? undefined : this.#damageText(block, block.pointer, block.sizeBytes);
  }

  /** Judges whether `pointer`, where a realloc moved `block`, holds its first `keptBytes` bytes. */
  judgePrefix(block: Block, pointer: number, keptBytes: number): void {
    if (this.#contents.isIntact(pointer, keptBytes, block.sizeBytes, block.seed)) return;
    const but = this.#damageText(block, pointer, keptBytes);
    const relation = pointer === block.pointer ? 'same-start' : 'none';
    const allowed = `the first ${keptBytes} bytes as they were`;
    this.#sides.progress.break('realloc-keeps-the-prefix', regionText(pointer, keptBytes), allowed, but, relation);
  }

  judgeZeroes(pointer: number, sizeBytes: number): void {
    const offset = this.#contents.firstNonZero(pointer, sizeBytes);
    if (offset < 0) return;
    const byte = this.#contents.byteAt(pointer + offset);
    const but = `the byte at offset ${offset} is 0x${byte.toString(16)}`;
    this.#sides.progress.break('calloc-gives-zeroes', regionText(pointer, sizeBytes), 'a block of zeroes', but);
  }

  #isIntact({ pointer, sizeBytes, seed }: Block): boolean {
    return this.#contents.isIntact(pointer, sizeBytes, sizeBytes, seed);
  }

  #breakDamaged(block: Block): never {
    const { pointer, sizeBytes, bornAt } = block;
    this.#sides.progress.break(
      'bytes-survive-their-neighbours',
      `${regionText(pointer, sizeBytes)} (${ownerText(block)}, live since step ${bornAt}) changed`,
      'no change to a live block that was not given',
      this.#damageText(block, pointer, sizeBytes),
    );
  }

  #damageText({ sizeBytes: writtenBytes, seed }: Block, pointer: number, sizeBytes: number): string {
    const offset = this.#contents.firstDamage(pointer, sizeBytes, writtenBytes, seed);
    const found = this.#contents.byteAt(pointer + offset).toString(16);
    const wanted = this.#contents.expectedByte(offset, seed).toString(16);
    return `the byte at offset ${offset} is 0x${found}, written was 0x${wanted}`;
  }
}
