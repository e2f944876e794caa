/** A reduction under way: the best trace so far, and the one way to improve on it. */
import type { LawId } from '../laws.ts';
import type { Violation } from '../violation.ts';
import type { Random } from './random.ts';
import { isSmaller } from './shrink-order.ts';
import { STRIDE, type Trace } from './trace.ts';

/** Runs a trace and says which law it breaks; undefined when none. */
export type StillFails = (trace: Trace) => Violation | undefined;

export interface ShrinkOptions {
  /** Traces that may be run at the most. */
  readonly maximumExecutions?: number;
  /** Asked before each run; true ends the reduction with the best so far. */
  readonly stop?: () => boolean;
  /** Called with each improvement, so that the best so far is never lost. */
  readonly onProgress?: (best: Trace, violation: Violation) => void;
  /** Sizes worth trying in place of many small blocks: the subject's capacity, its arena. */
  readonly sizes?: readonly number[];
  /** Draws a trace of at most `most` operations for the same subject. */
  readonly draw?: (random: Random, most: number) => Trace;
}

/** What the passes work on. */
export class Reduction {
  best: Trace;
  violation: Violation;
  /** Traces run so far, the first included. */
  executions = 1;
  /** True once the budget or the deadline ended it: what was not tried cannot be vouched for. */
  exhausted = false;
  readonly sizes: readonly number[];
  readonly draw: ShrinkOptions['draw'];
  readonly #stillFails: StillFails;
  readonly #options: ShrinkOptions;
  readonly #maximumExecutions: number;
  readonly #tried = new Set<number>();

  constructor(trace: Trace, violation: Violation, stillFails: StillFails, options: ShrinkOptions) {
    this.best = trace;
    this.violation = violation;
    this.sizes = options.sizes ?? [];
    this.draw = options.draw;
    this.#stillFails = stillFails;
    this.#options = options;
    this.#maximumExecutions = options.maximumExecutions ?? 50_000;
  }

  /** The number of operations of the best trace. */
  get count(): number {
    return this.best.length / STRIDE;
  }

  /** Takes `candidate` when it is smaller and breaks the same law by the same kind of operation. */
  attempt(candidate: Trace): boolean {
    if (this.exhausted || !isSmaller(candidate, this.best) || this.#knows(candidate)) return false;
    if (this.executions >= this.#maximumExecutions || this.#options.stop?.() === true) {
      this.exhausted = true;
      return false;
    }
    this.executions++;
    const violation = this.#stillFails(candidate);
    if (violation === undefined || !isAlike(violation, this.violation)) return false;
    this.#accept(candidate, violation);
    return true;
  }

  /** Runs `passes` from `start`, which need not be smaller, and keeps the outcome when that is; else changes nothing. */
  explore(start: Trace, passes: (reduction: Reduction) => void): boolean {
    if (this.exhausted || this.#knows(start)) return false;
    const trial = new Reduction(start, this.violation, this.#stillFails, {
      ...this.#options,
      maximumExecutions: this.#maximumExecutions - this.executions,
      onProgress: () => {},
    });
    const violation = this.#stillFails(start);
    this.executions++;
    if (violation === undefined || !isAlike(violation, this.violation)) return false;
    passes(trial);
    this.executions += trial.executions - 1;
    if (!isSmaller(trial.best, this.best)) return false;
    this.#accept(trial.best, trial.violation);
    return true;
  }

  /** What follows the step that broke the law has no part in it. */
  cutTail(): void {
    if (this.violation.step < this.count) this.attempt(this.best.slice(0, this.violation.step * STRIDE));
  }

  #accept(candidate: Trace, violation: Violation): void {
    this.best = candidate;
    this.violation = violation;
    this.#options.onProgress?.(candidate, violation);
    this.cutTail();
  }

  /** Whether `candidate` was tried before; notes it. Rounds repeat most candidates of the round before. */
  #knows(candidate: Trace): boolean {
    const digest = digestOf(candidate);
    if (this.#tried.has(digest)) return true;
    this.#tried.add(digest);
    return false;
  }
}

/** Which operation is first answered otherwise depends on the bytes of blocks, and says nothing of the defect. */
const OF_ANY_KIND: LawId = 'same-trace-same-answers';

/** The same law, broken by the same kind of operation. */
export function isAlike(found: Violation, violation: Violation): boolean {
  return found.law === violation.law && (found.kind === violation.kind || found.law === OF_ANY_KIND);
}

/** 53 bits of two multiplicative hashes: among 10^5 candidates two collide once in 10^6 reductions. */
function digestOf(trace: Trace): number {
  let low = 0x811c9dc5;
  let high = trace.length;
  for (const word of trace) {
    low = Math.imul(low ^ word, 0x01000193);
    low ^= low >>> 15;
    high = Math.imul(high ^ word, 0x9e3779b1);
    high ^= high >>> 13;
  }
  return (high >>> 11) * 2 ** 32 + (low >>> 0);
}
