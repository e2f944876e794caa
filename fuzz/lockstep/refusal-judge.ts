/** NULL for a request of bytes: whether it is honest, and whether nothing changed. */
import type { LawId } from '../laws.ts';
import type { Profile } from '../model/profile.ts';
import { growsInVain, mayRefuse } from '../model/refusal.ts';
import { pagesText, regionText } from '../violation.ts';
import { roomText } from './arena-text.ts';
import type { CountersJudge } from './counters-judge.ts';
import { type GrowthJudge, PAGE_BYTES } from './growth-judge.ts';
import type { Sides } from './sides.ts';

/** The law that a request of `sizeBytes` bytes which cannot be met is under. */
export function refusalLaw({ arenaStart, arenaEnd }: Profile, sizeBytes: number): LawId {
  return sizeBytes > arenaEnd - arenaStart ? 'impossible-sizes-are-refused' : 'exhaustion-is-reported';
}

export class RefusalJudge {
  /** Refusals of the run so far of sizes that the arena holds: the others are refused whatever the heap is like. */
  possible = 0;
  /** Refusals of the run so far for which memory grew all the same. */
  growing = 0;
  readonly #sides: Sides;
  readonly #counters: CountersJudge;
  readonly #growth: GrowthJudge;

  constructor(sides: Sides, counters: CountersJudge, growth: GrowthJudge) {
    this.#sides = sides;
    this.#counters = counters;
    this.#growth = growth;
  }

  startOver(): void {
    this.possible = 0;
    this.growing = 0;
  }

  /** Judges NULL; `expected` is what the contract answers, where there is one. */
  judge(sizeBytes: number, alignmentBytes: number, expected: number | undefined): void {
    this.#count(sizeBytes);
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
      const answer = `NULL, and ${pagesText(grownBytes / PAGE_BYTES)} more`;
      progress.break('refusals-are-honest', answer, 'a block in the memory that was had for it');
    }
    this.#growth.judge(sizeBytes, alignmentBytes);
    this.#counters.judgeUnchanged(refusalLaw(profile, sizeBytes));
  }

  #count(sizeBytes: number): void {
    const { arenaStart, arenaEnd } = this.#sides.profile;
    this.#counters.refusals++;
    this.possible += sizeBytes <= arenaEnd - arenaStart ? 1 : 0;
    this.growing += this.#growth.grownBytes > 0 ? 1 : 0;
  }
}
