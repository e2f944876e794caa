/** Counters that a subject was seen to keep, held to the rest of the trace. */
import { type CounterPromise, FOLLOWS_EVERY_STEP, LIVE, type Totals, WANTED } from './counter-meanings.ts';

/** What every counter said, by name. */
export type Readings = Readonly<Record<string, number>>;

interface State {
  readonly readings: Readings;
  readonly totals: Totals;
}

const NOTHING: Totals = {
  liveBlocks: 0,
  givenBlocks: 0,
  emptyBlocks: 0,
  liveBytes: 0,
  refusals: 0,
  reallocs: 0,
  pages: 0,
};

/** Compares readings with what the trace implies. */
export class CounterLedger {
  readonly #promises: readonly CounterPromise[];
  readonly #follows: boolean;
  #first: State = { readings: {}, totals: NOTHING };
  #before: State | undefined;
  /** Where nothing lived for the first time in a memory of its size: one that grew may take more for itself. */
  #empty = this.#first;
  /** The greatest reading of each counter that has a peak, since the start or the last reset. */
  readonly #greatest = new Map<string, number>();
  /** Whether a block of no bytes lived, which a peak of live blocks may have counted or not. */
  #hadEmptyBlocks = false;

  constructor(promises: readonly CounterPromise[]) {
    this.#promises = promises;
    this.#follows = promises.some(({ means }) => FOLLOWS_EVERY_STEP.has(means));
  }

  /** A fresh heap of `pages` says `readings`. `everyStep`: there will be readings after every operation. */
  restart(readings: Readings, pages: number, everyStep: boolean): void {
    this.#first = { readings, totals: { ...NOTHING, pages } };
    this.#empty = this.#first;
    this.#before = everyStep ? this.#first : undefined;
    this.#greatest.clear();
    this.#hadEmptyBlocks = false;
    this.#noteGreatest(readings, this.#first.totals);
  }

  /** Whether it wants to be asked after every operation. */
  get wantsEveryStep(): boolean {
    return this.#follows && this.#before !== undefined;
  }

  /** All blocks are gone at once. A counter begins anew, or it counts on: those of a lifetime do. */
  reset(readings: Readings): void {
    const { totals } = this.#first;
    const first = Object.entries(readings).map(([counter, value]) => [counter, this.#firstAfterReset(counter, value)]);
    this.#first = { readings: Object.fromEntries(first), totals };
    this.#empty = this.#first;
    if (this.#before !== undefined) this.#before = this.#first;
    for (const { counter, of } of this.#promises) {
      const hasStayed = of !== undefined && readings[counter] === this.#greatest.get(of);
      if (of !== undefined && !hasStayed) this.#greatest.set(of, readings[of] ?? 0);
    }
  }

  #firstAfterReset(counter: string, value: number): number {
    const countsOn = this.#before === undefined || value === this.#before.readings[counter];
    return countsOn ? value : (this.#first.readings[counter] ?? 0);
  }

  /** The first counter that does not say what `totals` imply, and what it should say; undefined when all do. */
  wrong(readings: Readings, totals: Totals): string | undefined {
    this.#noteGreatest(readings, totals);
    const found = this.#promises.map((promise) => this.#complaint(promise, { readings, totals }));
    if (this.#before !== undefined) this.#before = { readings, totals };
    if (totals.liveBlocks === 0 && totals.pages !== this.#empty.totals.pages) this.#empty = { readings, totals };
    return found.find((complaint) => complaint !== undefined);
  }

  #complaint({ counter, means, of }: CounterPromise, { readings, totals }: State): string | undefined {
    if (this.#hadEmptyBlocks && of !== undefined && of in LIVE) return undefined;
    const value = readings[counter] ?? 0;
    const before = this.#before;
    const wanted = WANTED[means]({
      value,
      first: this.#first.readings[counter] ?? 0,
      totals,
      before: before === undefined ? undefined : { value: before.readings[counter] ?? 0, totals: before.totals },
      greatest: this.#greatest.get(of ?? '') ?? 0,
      empty: totals.pages === this.#empty.totals.pages ? this.#empty.readings[counter] : undefined,
    });
    return wanted === undefined ? undefined : `${counter} is ${value}, the trace implies ${wanted}`;
  }

  #noteGreatest(readings: Readings, totals: Totals): void {
    this.#hadEmptyBlocks ||= totals.emptyBlocks > 0;
    for (const { of } of this.#promises) {
      if (of === undefined) continue;
      const followed = LIVE[of]?.(totals) ?? readings[of] ?? 0;
      this.#greatest.set(of, Math.max(this.#greatest.get(of) ?? 0, followed));
    }
  }
}
