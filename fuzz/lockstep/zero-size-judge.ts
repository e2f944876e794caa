/** What requests of 0 bytes are answered with: the same every time, and as promised. */
import type { Block } from '../model/heap-model.ts';
import type { ZeroMalloc } from '../model/profile.ts';
import { mayRefuse } from '../model/refusal.ts';
import { CODE, OPERATION_KINDS } from '../trace/operation.ts';
import type { CountersJudge } from './counters-judge.ts';
import type { Sides } from './sides.ts';

const LAW = 'zero-size-policy-is-constant';

export class ZeroSizeJudge {
  readonly #sides: Sides;
  readonly #counters: CountersJudge;
  /** By the code of the operation, as promised or as seen in this run. */
  readonly #answers: ZeroMalloc[];

  constructor(sides: Sides, counters: CountersJudge) {
    this.#sides = sides;
    this.#counters = counters;
    this.#answers = OPERATION_KINDS.map(() => 'unspecified');
  }

  /** Back to what the profile promises. */
  startOver(): void {
    const { zeroMalloc, zeroOthers } = this.#sides.profile;
    this.#answers.fill(zeroMalloc);
    if (zeroOthers?.calloc !== undefined) this.#answers[CODE.calloc] = zeroOthers.calloc;
    if (zeroOthers?.realloc !== undefined) this.#answers[CODE.realloc] = zeroOthers.realloc;
    if (zeroOthers?.aligned_alloc !== undefined) this.#answers[CODE.aligned_alloc] = zeroOthers.aligned_alloc;
  }

  /** Judges the answer to a request for a new block; `expected` is what the contract answers, where there is one. */
  judge(code: number, pointer: number, alignmentBytes: number, expected: number | undefined): void {
    const policy = this.#answers[code];
    // A full heap says NULL for want of room; and aligned_alloc may answer by the alignment.
    const isForced = pointer === 0 && mayRefuse(this.#sides.profile, this.#sides.model, 1, alignmentBytes);
    if (policy === 'unspecified' && code !== CODE.aligned_alloc && !isForced) {
      this.#answers[code] = pointer === 0 ? 'null' : 'block';
    }
    if (policy === 'null' && pointer !== 0) this.#break(`0x${pointer.toString(16)}`, 'NULL');
    if (policy === 'block' && pointer === 0 && !isForced) this.#break('NULL', 'a block of no bytes');
    if (expected === 0) this.#counters.judgeUnchanged(LAW);
  }

  /** Judges the answer to `realloc(block, 0)`. Returns what became of the block. */
  judgeRealloc(block: Block, pointer: number): 'lives' | 'ended' | 'has-no-bytes' {
    const { profile, model } = this.#sides;
    const frees = profile.zeroRealloc === 'frees';
    // One that makes a block of no bytes anew is refused it in a full heap, and the old one lives on.
    if (!frees && pointer === 0 && mayRefuse(profile, model, 1, 1)) return 'lives';
    // A block of no bytes is what is asked for already, so that it may stay.
    const stays = block.sizeBytes === 0 && pointer !== 0;
    if (!stays && frees && pointer !== 0) this.#break(`0x${pointer.toString(16)}`, 'NULL, the block freed');
    if (!stays && !frees && pointer === 0) this.#break('NULL', 'a block of no bytes');
    return frees && !stays ? 'ended' : 'has-no-bytes';
  }

  #break(answer: string, allowed: string): never {
    this.#sides.progress.break(LAW, answer, `${allowed}, as every time before`);
  }
}
