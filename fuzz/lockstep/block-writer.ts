/** Writes the bytes of the blocks that were given, and records them. */
import type { Contents } from '../model/contents.ts';
import type { Block, HeapModel } from '../model/heap-model.ts';
import { OUTCOME } from '../model/shape.ts';
import { mix } from '../trace/random.ts';
import type { Progress } from './progress.ts';
import type { Sides } from './sides.ts';
import { ODD } from './spread.ts';
import { UsableJudge } from './usable-judge.ts';

export class BlockWriter {
  /** Bytes written so far, in KiB. */
  filledKib = 0;
  readonly #sides: Sides;
  readonly #model: HeapModel;
  readonly #contents: Contents;
  readonly #progress: Progress;
  readonly #usable: UsableJudge | undefined;
  readonly #salt: number;

  constructor(sides: Sides, salt: number) {
    this.#sides = sides;
    this.#model = sides.model;
    this.#contents = sides.contents;
    this.#progress = sides.progress;
    this.#usable = sides.subject.hasUsableSize === true ? new UsableJudge(sides) : undefined;
    this.#salt = salt;
  }

  /** Keeps what the operation with `code` gave in `slot`; a refusal empties it, as the assignment in C would. */
  keep(code: number, slot: number, pointer: number, sizeBytes: number, alignmentBytes: number): void {
    if (pointer === 0) return this.#keepNull(code, slot, sizeBytes);
    const isReused = pointer + sizeBytes < this.#model.highestEnd;
    this.#sides.see(code, sizeBytes, isReused ? OUTCOME.reused : OUTCOME.fresh);
    const seed = Math.imul(this.#progress.step, ODD) ^ pointer ^ this.#salt;
    this.#model.add(slot, pointer, sizeBytes, alignmentBytes, seed, this.#progress.step);
    if (sizeBytes > 0) this.#contents.fillNew(pointer, sizeBytes, seed);
    this.#usable?.judge(pointer, sizeBytes);
    this.filledKib += sizeBytes / 1024;
  }

  #keepNull(code: number, slot: number, sizeBytes: number): void {
    this.#sides.see(code, sizeBytes, OUTCOME.refused);
    this.#model.forget(slot);
  }

  /** Keeps `block` where a realloc to `sizeBytes` bytes put it. */
  keepMoved(block: Block, pointer: number, sizeBytes: number, alignmentBytes: number): void {
    const oldBytes = block.sizeBytes;
    this.#contents.fill(pointer, oldBytes, sizeBytes, block.seed);
    if (sizeBytes > oldBytes) this.filledKib += (sizeBytes - oldBytes) / 1024;
    this.#model.move(block, pointer, sizeBytes, alignmentBytes, this.#progress.step);
    this.#usable?.judge(pointer, sizeBytes);
  }

  /** Keeps [pointer, pointer + sizeBytes), which the host grew memory by and the subject may not use. */
  keepForeign(pointer: number, sizeBytes: number): void {
    const seed = mix(pointer ^ this.#salt) | 0;
    this.#contents.fillNew(pointer, sizeBytes, seed);
    this.#model.addForeign(pointer, sizeBytes, seed, this.#progress.step);
  }
}
