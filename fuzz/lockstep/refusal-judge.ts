/** NULL for a request of bytes: whether it is honest, and whether nothing changed. */
import type { LawId } from '../laws.ts';
import type { Profile } from '../model/profile.ts';
import { growsInVain, mayRefuse } from '../model/refusal.ts';
import { regionText } from '../violation.ts';
import { roomText } from './arena-text.ts';
import type { CountersJudge } from './counters-judge.ts';
import { type GrowthJudge, PAGE_BYTES } from './growth-judge.ts';
import type { Sides } from './sides.ts';

/** The law that a request of `sizeBytes` bytes which cannot be met is under. */
export function refusalLaw({ arenaStart, arenaEnd }: Profile, sizeBytes: number): LawId {
  return sizeBytes > arenaEnd - arenaStart ? 'impossible-sizes-are-refused' : 'exhaustion-is-reported';
}

export class RefusalJudge {
  readonly #sides: Sides;
  readonly #counters: CountersJudge;
  readonly #growth: GrowthJudge;

  constructor(sides: Sides, counters: CountersJudge, growth: GrowthJudge) {
    this.#sides = sides;
    this.#counters = counters;
    this.#growth = growth;
  }

  /** Judges NULL; `expected` is what the contract answers, where there is one. */
  judge(sizeBytes: number, alignmentBytes: number, expected: number | undefined): void {
    this.#counters.refusals++;
    const { profile, model, progress, contents } = this.#sides;
    if (expected !== undefined && expected !== 0) {
      const allowed = `${regionText(expected, sizeBytes)}: the request can be met`;
      progress.break('refusals-are-honest', 'NULL', allowed);
    }
    if (expected === undefined && !mayRefuse(profile, model, sizeBytes, alignmentBytes)) {
      progress.break('refusals-are-honest', 'NULL', `a block: ${roomText(profile, model)}`);
    }
    const { grownBytes } = this.#growth;
    if (grownBytes > 0 && growsInVain(profile, sizeBytes, grownBytes, contents.sizeBytes())) {
      const answer = `NULL, and ${grownBytes / PAGE_BYTES} pages more`;
      progress.break('refusals-are-honest', answer, 'a block in the memory that was had for it');
    }
    this.#growth.judge(sizeBytes, alignmentBytes);
    this.#counters.judgeUnchanged(refusalLaw(profile, sizeBytes));
  }
}
