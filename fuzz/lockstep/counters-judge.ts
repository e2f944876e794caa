/** The subject's own counters, against what the contract fixes and what the trace implies. */
import type { LawId } from '../laws.ts';
import { CounterLedger } from '../model/counter-ledger.ts';
import type { Totals } from '../model/counter-meanings.ts';
import type { Statistics } from '../subjects/subject.ts';
import { PAGE_BYTES } from './growth-judge.ts';
import type { Sides } from './sides.ts';

const NO_STATISTICS: Statistics = {};

export class CountersJudge {
  /** Of the run so far. */
  refusals = 0;
  reallocs = 0;
  readonly #sides: Sides;
  /** What judges the counters of a subject whose profile says what they mean. */
  readonly #ledger: CounterLedger | undefined;

  constructor(sides: Sides) {
    this.#sides = sides;
    const { counters } = sides.profile;
    this.#ledger = counters === undefined ? undefined : new CounterLedger(counters);
  }

  /** Reads the counters of a fresh heap. */
  startOver(): void {
    this.refusals = 0;
    this.reallocs = 0;
    if (this.#ledger === undefined) return;
    this.#ledger.restart(this.#read() ?? NO_STATISTICS, this.#totals().pages, this.#sides.progress.isFollowed);
  }

  /** Whether they are to be judged after every operation. */
  get isFollowing(): boolean {
    return this.#ledger?.wantsEveryStep === true;
  }

  /** All blocks are gone at once. */
  reset(): void {
    this.#ledger?.reset(this.#read() ?? NO_STATISTICS);
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
    const actual = this.#read();
    if (actual === undefined) return undefined;
    if (this.#ledger !== undefined) return this.#ledger.wrong(actual, this.#totals());
    const expected = this.#sides.predictor?.statistics() ?? NO_STATISTICS;
    for (const name in actual) {
      const wanted = this.#impliedByTrace(name) ?? expected[name];
      if (wanted !== undefined && wanted !== actual[name])
        return `${name} is ${actual[name]}, the trace implies ${wanted}`;
    }
    return undefined;
  }

  /** Counters of a module are functions of its own, and may trap. */
  #read(): Statistics | undefined {
    return this.#ledger === undefined ? this.#sides.subject.statistics() : this.#sides.watched.statistics();
  }

  #totals(): Totals {
    const { model, contents } = this.#sides;
    const { live, liveBytes, everBlocks: givenBlocks } = model;
    const { refusals, reallocs } = this;
    const emptyBlocks = live.filter((block) => block.sizeBytes === 0).length;
    const pages = contents.sizeBytes() / PAGE_BYTES;
    return { liveBlocks: live.length, givenBlocks, emptyBlocks, liveBytes, refusals, reallocs, pages };
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
