/** The traces a campaign builds on, and which of them it tries next. */
import type { Random } from '../trace/random.ts';
import type { Trace } from '../trace/trace.ts';

export interface CorpusEntry {
  readonly trace: Trace;
  /** Every shape the trace shows in a fresh instance. */
  readonly shapes: readonly number[];
}

/** The newest entries are tried more often: what lies behind a new shape is least explored. */
const RECENT = 16;

export class Corpus {
  readonly #entries: CorpusEntry[] = [];
  /** For each shape the smallest entry that shows it, over the entries that stay. */
  readonly #smallest = new Map<number, number>();
  #favoured: readonly number[] = [];
  #lasting = 0;

  get size(): number {
    return this.#entries.length;
  }

  /** Entries that are the smallest to show some shape. */
  get favouredCount(): number {
    return this.#favoured.length;
  }

  /** Adds entries for good. */
  learn(entries: readonly CorpusEntry[]): void {
    if (entries.length === 0) return;
    this.forgetLane();
    for (const entry of entries) {
      const index = this.#entries.push(entry) - 1;
      for (const shape of entry.shapes) this.#claim(shape, index);
    }
    this.#lasting = this.#entries.length;
    this.#favoured = [...new Set(this.#smallest.values())].sort((a, b) => a - b);
  }

  /** Adds an entry until the lane ends. */
  addForLane(trace: Trace): void {
    this.#entries.push({ trace, shapes: [] });
  }

  /** Removes what was added for a lane. */
  forgetLane(): void {
    this.#entries.length = this.#lasting;
  }

  /** A trace to vary: recent ones, small ones and ones with rare shapes more often than others. */
  pick(random: Random): Trace {
    // The shorter of two: a run takes as long as its trace, and short ones break as many laws.
    const [one, other] = [this.#entryAt(this.#pickIndex(random)).trace, this.#entryAt(this.#pickIndex(random)).trace];
    return one.length <= other.length ? one : other;
  }

  /** Any trace, each as likely. */
  pickAny(random: Random): Trace {
    return random.pick(this.#entries).trace;
  }

  #pickIndex(random: Random): number {
    const size = this.#entries.length;
    const share = random.below(4);
    if (share === 0) return size - 1 - random.below(Math.min(size, RECENT));
    return share === 1 || this.#favoured.length === 0 ? random.below(size) : random.pick(this.#favoured);
  }

  #claim(shape: number, index: number): void {
    const holder = this.#smallest.get(shape);
    const holds = holder !== undefined && this.#entryAt(holder).trace.length <= this.#entryAt(index).trace.length;
    if (!holds) this.#smallest.set(shape, index);
  }

  #entryAt(index: number): CorpusEntry {
    const entry = this.#entries[index];
    if (entry === undefined) throw new RangeError(`no corpus entry ${index} of ${this.#entries.length}`);
    return entry;
  }
}
