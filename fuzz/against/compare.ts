/** Runs the same traces on two allocators: where do their contracts differ, and which does the work with less? */
import type { Profile } from '../model/profile.ts';
import type { Subject, SubjectDefinition } from '../subjects/subject.ts';
import { generateTrace } from '../trace/generate.ts';
import { Random } from '../trace/random.ts';
import { operationCount, STRIDE, type Trace } from '../trace/trace.ts';
import { type Bounds, type Disagreement, disagreementOf } from './disagreement.ts';
import { mergedProfile, promisesApart } from './merged-profile.ts';
import { PlainRunner, type Run } from './plain-run.ts';

/** What one allocator needed for all traces. */
export interface Standing {
  readonly name: string;
  /** The mean over all traces of footprint by peak of live bytes: 1 is as tight as can be. */
  footprintByPeak: number;
  /** Pages that it grew memory by itself, over all traces. */
  grownPages: number;
  refusals: number;
  operations: number;
  /** Milliseconds for these operations. */
  elapsedMs: number;
}

export interface CountedDisagreement extends Disagreement {
  /** Traces that showed it. */
  readonly count: number;
  /** The smallest of them, with nothing in it that can go. */
  readonly trace: Trace;
}

export interface Comparison {
  /** What the profiles promise differently. */
  readonly promises: readonly string[];
  readonly disagreements: readonly CountedDisagreement[];
  readonly standings: readonly [Standing, Standing];
  readonly traces: number;
}

export interface CompareOptions {
  readonly seed: number;
  /** Traces to run. */
  readonly runs: number;
  readonly maximumOperations: number;
  /** Asked before each trace; true ends the comparison. */
  readonly stop?: () => boolean;
}

/** Traces with less live than this say nothing on footprints: headers and alignment are all there is. */
const LEAST_PEAK_BYTES = 1024;

/** Compares `left` and `right`. The traces follow from the seed alone. */
export function compare(left: SubjectDefinition, right: SubjectDefinition, options: CompareOptions): Comparison {
  const comparing = new Comparing(left, right);
  const random = new Random(options.seed);
  for (let run = 0; run < options.runs && options.stop?.() !== true; run++) {
    comparing.take(generateTrace(random, comparing.policy, options.maximumOperations));
  }
  return comparing.result();
}

class Side {
  readonly subject: Subject;
  readonly standing: Standing;
  #runner: PlainRunner | undefined;
  #measured = 0;

  constructor({ name, create }: SubjectDefinition) {
    this.subject = create();
    this.standing = { name, footprintByPeak: 0, grownPages: 0, refusals: 0, operations: 0, elapsedMs: 0 };
  }

  /** Runs `trace` as `policy` has it, and nothing more. */
  run(trace: Trace, policy: Profile): Run {
    this.#runner ??= new PlainRunner(this.subject, policy);
    return this.#runner.run(trace);
  }

  /** Runs `trace` and takes it into the standing. */
  measure(trace: Trace, policy: Profile): Run {
    const began = performance.now();
    const run = this.run(trace, policy);
    this.standing.elapsedMs += performance.now() - began;
    this.standing.operations += run.operations;
    this.standing.refusals += run.refusals;
    this.standing.grownPages += run.grownPages;
    if (run.peakLiveBytes >= LEAST_PEAK_BYTES) this.#average(run.footprintBytes / run.peakLiveBytes);
    return run;
  }

  #average(value: number): void {
    this.#measured++;
    this.standing.footprintByPeak += (value - this.standing.footprintByPeak) / this.#measured;
  }
}

class Comparing {
  readonly policy: Profile;
  readonly #bounds: Bounds;
  readonly #left: Side;
  readonly #right: Side;
  readonly #known = new Map<string, CountedDisagreement>();
  #traces = 0;

  constructor(left: SubjectDefinition, right: SubjectDefinition) {
    this.#left = new Side(left);
    this.#right = new Side(right);
    const [one, other] = [this.#left.subject.profile, this.#right.subject.profile];
    this.policy = mergedProfile(one, other);
    this.#bounds = {
      largestArenaBytes: Math.max(one.arenaEnd - one.arenaStart, other.arenaEnd - other.arenaStart),
      smallestCapacityBytes: this.policy.capacityBytes,
    };
  }

  take(trace: Trace): void {
    this.#traces++;
    const [left, right] = [this.#left.measure(trace, this.policy), this.#right.measure(trace, this.policy)];
    const found = disagreementOf(trace, left, right, this.#bounds);
    if (found === undefined) return;
    const known = this.#known.get(found.kind);
    if (known !== undefined) this.#known.set(found.kind, { ...known, count: known.count + 1 });
    else this.#known.set(found.kind, { ...this.#smallest(trace, found), count: 1 });
  }

  result(): Comparison {
    return {
      promises: promisesApart(this.#left.subject.profile, this.#right.subject.profile),
      disagreements: [...this.#known.values()].sort((one, other) => other.count - one.count),
      standings: [this.#left.standing, this.#right.standing],
      traces: this.#traces,
    };
  }

  /** Drops one operation after another while the same kind of disagreement remains. */
  #smallest(trace: Trace, found: Disagreement): Disagreement & { readonly trace: Trace } {
    let best = { ...found, trace: trace.slice(0, (found.step + 1) * STRIDE) };
    for (let index = operationCount(best.trace) - 1; index >= 0; index--) {
      const candidate = best.trace.filter((_, at) => Math.floor(at / STRIDE) !== index);
      const again = this.#disagreement(candidate);
      if (again?.kind === found.kind) best = { ...again, trace: candidate.slice(0, (again.step + 1) * STRIDE) };
    }
    return best;
  }

  #disagreement(trace: Trace): Disagreement | undefined {
    const [left, right] = [this.#left.run(trace, this.policy), this.#right.run(trace, this.policy)];
    return disagreementOf(trace, left, right, this.#bounds);
  }
}
