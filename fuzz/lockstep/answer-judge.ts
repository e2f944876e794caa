/** Everything that can be said of a fresh block, or of its refusal, before its bytes are written. */
import { regionText } from '../violation.ts';
import type { GrowthJudge } from './growth-judge.ts';
import { type RefusalJudge, refusalLaw } from './refusal-judge.ts';
import type { RegionJudge } from './region-judge.ts';
import type { Sides } from './sides.ts';
import { ODD } from './spread.ts';
import type { ZeroSizeJudge } from './zero-size-judge.ts';

/** The judges of the parts of an answer. */
export interface PartJudges {
  readonly regions: RegionJudge;
  readonly growth: GrowthJudge;
  readonly refusals: RefusalJudge;
  readonly zeroSizes: ZeroSizeJudge;
}

export class AnswerJudge {
  readonly #sides: Sides;
  readonly #regions: RegionJudge;
  readonly #growth: GrowthJudge;
  readonly #refusals: RefusalJudge;
  readonly #zeroSizes: ZeroSizeJudge;
  #digest = 0;

  constructor(sides: Sides, { regions, growth, refusals, zeroSizes }: PartJudges) {
    this.#sides = sides;
    this.#regions = regions;
    this.#growth = growth;
    this.#refusals = refusals;
    this.#zeroSizes = zeroSizes;
  }

  /** A digest of every answer since `startOver`. */
  get digest(): number {
    return this.#digest >>> 0;
  }

  startOver(): void {
    this.#digest = 0;
  }

  /** Takes an answer into the digest. */
  note(pointer: number): void {
    this.#digest = Math.imul(this.#digest ^ pointer, ODD);
  }

  /** Judges the answer to the operation with `code`, and claims its region; `expected` is what the contract answers. */
  judge(code: number, pointer: number, sizeBytes: number, alignmentBytes: number, expected: number | undefined): void {
    this.note(pointer);
    if (sizeBytes === 0) {
      this.#zeroSizes.judge(code, pointer, alignmentBytes, expected);
      return this.#growth.judge(sizeBytes, alignmentBytes);
    }
    if (pointer === 0) return this.#refusals.judge(sizeBytes, alignmentBytes, expected);
    this.#regions.claim(pointer, sizeBytes, alignmentBytes);
    this.#growth.judge(sizeBytes, alignmentBytes);
    this.judgeExpected(pointer, sizeBytes, expected);
  }

  /** Judges a block against what the contract answers, where there is one. */
  judgeExpected(pointer: number, sizeBytes: number, expected: number | undefined): void {
    if (expected !== undefined && expected !== pointer) this.#breakUnexpected(pointer, sizeBytes, expected);
  }

  #breakUnexpected(pointer: number, sizeBytes: number, expected: number): never {
    const law = expected === 0 ? refusalLaw(this.#sides.profile, sizeBytes) : 'agrees-with-the-contract';
    const allowed = expected === 0 ? 'NULL: the contract refuses it' : `exactly ${regionText(expected, sizeBytes)}`;
    this.#sides.progress.break(law, regionText(pointer, sizeBytes), allowed);
  }
}
