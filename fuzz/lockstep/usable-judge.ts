/**
 * What `malloc_usable_size` says of a block: at least what was asked for, and the caller may write all of it.
 * Source: malloc_usable_size(3), "the excess bytes can be overwritten by the application without ill effects".
 */
import { regionText, relationOf } from '../violation.ts';
import type { Sides } from './sides.ts';

/** Written in turn where nothing was asked for: nobody reads it, and a heap that keeps its books there is harmed by one. */
const SLACK_BYTES = [0xa5, 0x5a] as const;

export class UsableJudge {
  readonly #sides: Sides;

  constructor(sides: Sides) {
    this.#sides = sides;
  }

  /** Judges the block of `sizeBytes` bytes that was given at `pointer`, and writes what it has beyond. */
  judge(pointer: number, sizeBytes: number): void {
    const { progress, watched, contents } = this.#sides;
    if (sizeBytes === 0 || !progress.isFollowed) return;
    const usableBytes = watched.usableSize(pointer);
    if (usableBytes === undefined) return;
    if (usableBytes < sizeBytes) this.#breakSize(usableBytes, sizeBytes);
    if (usableBytes > sizeBytes) this.#judgeSlack(pointer, sizeBytes, usableBytes);
    contents.write(pointer + sizeBytes, pointer + usableBytes, SLACK_BYTES[progress.step % 2] ?? 0);
  }

  #breakSize(usableBytes: number, sizeBytes: number): never {
    const answer = `a block of ${usableBytes} bytes, as malloc_usable_size says`;
    this.#sides.progress.break('regions-never-overlap', answer, `${sizeBytes} bytes, none of them another's`);
  }

  #judgeSlack(pointer: number, sizeBytes: number, usableBytes: number): void {
    const { progress, model, contents } = this.#sides;
    const answer = `${regionText(pointer, sizeBytes)}, usable to 0x${(pointer + usableBytes).toString(16)}`;
    const memoryBytes = contents.sizeBytes();
    if (pointer + usableBytes > memoryBytes) {
      progress.break('regions-stay-in-bounds', answer, `an end within memory of ${memoryBytes} bytes`);
    }
    const other = model.overlapping(pointer + sizeBytes, usableBytes - sizeBytes);
    if (other === undefined) return;
    const but = `${regionText(other.pointer, other.sizeBytes)} is live since step ${other.bornAt}`;
    const relation = relationOf(pointer, usableBytes, other);
    progress.break('regions-never-overlap', answer, 'an end before the next live block', but, relation);
  }
}
