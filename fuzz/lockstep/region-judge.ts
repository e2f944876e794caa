/** Where a block may lie: at a multiple of its alignment, inside the arena and memory, and on no other block. */
import type { Contents } from '../model/contents.ts';
import type { Block, HeapModel } from '../model/heap-model.ts';
import { isPowerOfTwo } from '../model/predictor.ts';
import { regionText, relationOf } from '../violation.ts';
import { ownerText, roomText } from './arena-text.ts';
import type { Sides } from './sides.ts';

export class RegionJudge {
  readonly #sides: Sides;
  readonly #model: HeapModel;
  readonly #contents: Contents;
  readonly #arenaStart: number;
  readonly #arenaEnd: number;

  constructor(sides: Sides) {
    this.#sides = sides;
    this.#model = sides.model;
    this.#contents = sides.contents;
    this.#arenaStart = sides.profile.arenaStart;
    this.#arenaEnd = sides.profile.arenaEnd;
  }

  /** Judges [pointer, pointer + sizeBytes), and claims it for a block that is yet to be recorded. */
  claim(pointer: number, sizeBytes: number, alignmentBytes: number): void {
    this.judge(pointer, sizeBytes, alignmentBytes);
    if (!this.#model.claim(pointer, sizeBytes)) this.#overlap(pointer, sizeBytes, alignmentBytes, undefined);
  }

  /** As `claim`, for `block`, which has given up where it lies now. */
  claimAnew(block: Block, pointer: number, sizeBytes: number, alignmentBytes: number): void {
    const oldBytes = block.sizeBytes;
    block.sizeBytes = 0;
    const claimed = this.#model.claim(pointer, sizeBytes);
    block.sizeBytes = oldBytes;
    if (!claimed) this.#overlap(pointer, sizeBytes, alignmentBytes, block);
  }

  /** Judges all but whether another block is in the way. */
  judge(pointer: number, sizeBytes: number, alignmentBytes: number): void {
    const end = pointer + sizeBytes;
    const isInside = pointer >= this.#arenaStart && end <= this.#arenaEnd && end <= this.#contents.sizeBytes();
    if (isInside && isPowerOfTwo(alignmentBytes) && (pointer & (alignmentBytes - 1)) === 0) return;
    this.#judgeClosely(pointer, sizeBytes, alignmentBytes);
  }

  #judgeClosely(pointer: number, sizeBytes: number, alignmentBytes: number): void {
    const { progress, profile } = this.#sides;
    if (sizeBytes > this.#arenaEnd - this.#arenaStart) {
      const room = roomText(profile, this.#model);
      progress.break('impossible-sizes-are-refused', regionText(pointer, sizeBytes), 'NULL', room);
    }
    if (pointer % alignmentBytes !== 0) {
      const allowed = `${sizeBytes} bytes at a multiple of ${alignmentBytes}`;
      progress.break('pointers-are-aligned', regionText(pointer, sizeBytes), allowed);
    }
    this.#judgeBounds(pointer, sizeBytes);
  }

  #judgeBounds(pointer: number, sizeBytes: number): void {
    const end = pointer + sizeBytes;
    let memoryBytes = this.#contents.sizeBytes();
    if (end > memoryBytes) memoryBytes = this.#contents.renewedSizeBytes();
    if (pointer >= this.#arenaStart && end <= this.#arenaEnd && end <= memoryBytes) return;
    const within = regionText(this.#arenaStart, Math.min(this.#arenaEnd, memoryBytes) - this.#arenaStart);
    const answer = regionText(pointer, sizeBytes);
    this.#sides.progress.break('regions-stay-in-bounds', answer, `${sizeBytes} bytes within ${within}`);
  }

  #overlap(pointer: number, sizeBytes: number, alignmentBytes: number, self: Block | undefined): never {
    const other = this.#overlapped(pointer, sizeBytes, self);
    const allowed = `${sizeBytes} bytes, ${alignmentBytes}-aligned, free of live regions`;
    const but = `${regionText(other.pointer, other.sizeBytes)} is live since step ${other.bornAt} (${ownerText(other)})`;
    const relation = relationOf(pointer, sizeBytes, other);
    this.#sides.progress.break('regions-never-overlap', regionText(pointer, sizeBytes), allowed, but, relation);
  }

  #overlapped(pointer: number, sizeBytes: number, self: Block | undefined): Block {
    const others = [...this.#model.live, ...this.#model.foreign].filter((block) => block !== self);
    const other = others.find((block) => overlaps(pointer, sizeBytes, block));
    if (other === undefined) throw new Error('the region map refused a claim that no live block explains');
    return other;
  }
}

function overlaps(pointer: number, sizeBytes: number, block: Block): boolean {
  if (block.sizeBytes === 0) return false;
  return block.pointer < pointer + sizeBytes && pointer < block.pointer + block.sizeBytes;
}
