/** The subject's own counters, against what the contract fixes and what the trace implies. */
import type { LawId } from '../laws.ts';
import type { Statistics } from '../subjects/subject.ts';
import type { Sides } from './sides.ts';

const NO_STATISTICS: Statistics = {};

export class CountersJudge {
  readonly #sides: Sides;

  constructor(sides: Sides) {
    this.#sides = sides;
  }

  /** Breaks `law` when a counter is wrong. */
  judge(law: LawId): void {
    const wrong = this.#wrongCounter();
    if (wrong !== undefined) this.#sides.progress.break(law, wrong, 'the counters that the trace implies');
  }

  /** A refused request leaves every counter, and the size of memory, as it was. */
  judgeUnchanged(law: LawId): void {
    const changed = this.#wrongCounter();
    if (changed !== undefined) this.#sides.progress.break(law, 'NULL, and a change', 'NULL, and no change', changed);
  }

  /** The first counter that is not what the contract, or the trace, implies. */
  #wrongCounter(): string | undefined {
    const actual = this.#sides.subject.statistics();
    if (actual === undefined) return undefined;
    const expected = this.#sides.predictor?.statistics() ?? NO_STATISTICS;
    for (const name in actual) {
      const wanted = this.#impliedByTrace(name) ?? expected[name];
      if (wanted !== undefined && wanted !== actual[name])
        return `${name} is ${actual[name]}, the trace implies ${wanted}`;
    }
    return undefined;
  }

  #impliedByTrace(counter: string): number | undefined {
    switch (counter) {
      case 'liveBlocks':
        return this.#sides.model.live.length;
      case 'liveBytes':
        return this.#sides.model.liveBytes;
      case 'peakDrift':
      case 'inconsistency':
        return 0;
      default:
        return undefined;
    }
  }
}
