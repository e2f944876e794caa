/** Who judges what. */
import { AnswerJudge } from './answer-judge.ts';
import { ContentsJudge } from './contents-judge.ts';
import { CountersJudge } from './counters-judge.ts';
import { GrowthJudge } from './growth-judge.ts';
import { RefusalJudge } from './refusal-judge.ts';
import { RegionJudge } from './region-judge.ts';
import type { Sides } from './sides.ts';
import { ZeroSizeJudge } from './zero-size-judge.ts';

export class Judges {
  readonly contents: ContentsJudge;
  readonly counters: CountersJudge;
  readonly growth: GrowthJudge;
  readonly regions: RegionJudge;
  readonly refusals: RefusalJudge;
  readonly zeroSizes: ZeroSizeJudge;
  readonly answers: AnswerJudge;

  constructor(sides: Sides) {
    this.contents = new ContentsJudge(sides);
    this.counters = new CountersJudge(sides);
    this.growth = new GrowthJudge(sides);
    this.regions = new RegionJudge(sides);
    this.refusals = new RefusalJudge(sides, this.counters, this.growth);
    this.zeroSizes = new ZeroSizeJudge(sides, this.counters);
    this.answers = new AnswerJudge(sides, this);
  }

  /** Forgets what was seen in the run before. */
  startOver(): void {
    this.answers.startOver();
    this.refusals.startOver();
    this.zeroSizes.startOver();
  }
}
