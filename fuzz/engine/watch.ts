/**
 * What a worker shows of itself while it is busy, in memory shared with the main thread: the trace under way, so that
 * a trace that never ends can be saved after the worker was ended, and a beat that a watchdog looks at.
 */
import type { Trace } from '../trace/trace.ts';

const STOP = 0;
const BEAT = 1;
const EXECUTION = 2;
const LENGTH = 3;
const HEAD_WORDS = 4;

/** Longer traces are cut in the picture of what is under way; no generated trace is this long. */
const CAPACITY_WORDS = 1 << 18;

/** What is to end early, each with all before it. What was found is still made small when no more is looked for. */
const STOPS = ['nothing', 'drawing', 'everything'] as const;
export type Stop = (typeof STOPS)[number];

/** What was under way, as the main thread sees it. */
export interface UnderWay {
  /** Counts since the worker began; it moves while the worker does. */
  readonly beat: number;
  /** Which execution of the job it is, from 0; -1 before the first. */
  readonly execution: number;
  readonly trace: Trace;
}

export class Watch {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;
  #skipped: ReadonlySet<number> = new Set();

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer((HEAD_WORDS + CAPACITY_WORDS) * 4)) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer);
  }

  /** A new job begins. Executions numbered in `skipped` did not end when the job was tried before. */
  begin(skipped: readonly number[] = []): void {
    this.#skipped = new Set(skipped);
    Atomics.store(this.#words, EXECUTION, -1);
    Atomics.add(this.#words, BEAT, 1);
  }

  /** An execution begins. False when it is known not to end, and is to be left out. */
  enter(trace: Trace): boolean {
    const words = this.#words;
    const execution = Atomics.add(words, EXECUTION, 1) + 1;
    if (this.#skipped.has(execution)) return false;
    const shown = Math.min(trace.length, CAPACITY_WORDS);
    words.set(shown === trace.length ? trace : trace.subarray(0, shown), HEAD_WORDS);
    words[LENGTH] = shown;
    Atomics.add(words, BEAT, 1);
    return true;
  }

  /** The execution under way goes on: some of its operations have ended. */
  goOn(): void {
    Atomics.add(this.#words, BEAT, 1);
  }

  /** Executions of the job so far. */
  get executions(): number {
    return Atomics.load(this.#words, EXECUTION) + 1;
  }

  /** Whether the worker was asked to draw no more traces. */
  get stopped(): boolean {
    return Atomics.load(this.#words, STOP) >= STOPS.indexOf('drawing');
  }

  /** Whether it was asked to end its job at once, be it the reduction of a finding. */
  get hurried(): boolean {
    return Atomics.load(this.#words, STOP) >= STOPS.indexOf('everything');
  }

  /** Asks the worker to end its job early, or takes that back. */
  stop(what: Stop): void {
    Atomics.store(this.#words, STOP, STOPS.indexOf(what));
  }

  /** The beat alone, which is what a watchdog looks at. */
  get beat(): number {
    return Atomics.load(this.#words, BEAT);
  }

  /** What is under way. Only meaningful while the worker stands still. */
  underWay(): UnderWay {
    const words = this.#words;
    const length = words[LENGTH] ?? 0;
    return {
      beat: this.beat,
      execution: Atomics.load(words, EXECUTION),
      trace: Uint32Array.from(words.subarray(HEAD_WORDS, HEAD_WORDS + length)),
    };
  }
}
