/**
 * One sentence about the code that fast-check tries to refute.
 *
 * `claim` is for a property file that needs nothing else; `defineClaim` gives the claim as data, so that the suite's own
 * tests can turn it against a faulty copy.
 */
import { relative } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BrokenClaim, type Refutation, reportFailure } from './report-failure.ts';
import { DEFAULT_RUNS } from './run-settings.ts';

export { answerTo, broken } from './report-failure.ts';

/** One arbitrary a value. */
export type Arbitraries<Values extends readonly unknown[]> = { [Key in keyof Values]: fc.Arbitrary<Values[Key]> };

export interface ClaimOptions {
  /** Runs when FC_NUM_RUNS is not set; scaled by FC_NUM_RUNS / 100 when it is. 100 when absent. */
  readonly runs?: number;
}

/** How hard to try. */
export interface Effort {
  /** Part of the claim's runs, above 0; 1 when absent. A claim without arbitraries runs once all the same. */
  readonly share?: number;
  /** Whether a case that refutes is made smaller; true when absent. False for who only asks whether there is one. */
  readonly shrinks?: boolean;
}

/** A claim as data. */
export interface Claim {
  /** Reads as a sentence; unique in its file. */
  readonly title: string;
  /** Tries to refute it, with the seed and path of this run. Undefined when it stands. */
  refute(effort?: Effort): Refutation | undefined;
}

/**
 * A claim that holds when `predicate` returns for all values. A predicate that finds it broken calls `broken`.
 * With no arbitraries the predicate runs once.
 */
export function defineClaim<Values extends unknown[]>(
  title: string,
  arbitraries: Arbitraries<Values>,
  predicate: (...values: NoInfer<Values>) => void,
  options: ClaimOptions = {},
): Claim {
  const property = fc.property(fc.tuple<Values>(...arbitraries), (values) => predicate(...values));
  const runs = options.runs ?? DEFAULT_RUNS;
  const refute = ({ share = 1, shrinks = true }: Effort = {}): Refutation | undefined => {
    const numRuns = arbitraries.length === 0 ? 1 : scaled(runs * share);
    // Left out when false, as a replay ends at its failure by the settings of the run.
    const ending = shrinks ? {} : { endOnFailure: true };
    const details = withoutStacks(() => fc.check(property, { numRuns, ...ending }));
    return details.failed ? refutationIn(details, errorOf(property, details)) : undefined;
  };
  return { title, refute };
}

/** Runs `call` with errors that carry no stack: most of them are refusals that are asked for, a thousand a claim. */
function withoutStacks<Result>(call: () => Result): Result {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return call();
  } finally {
    Error.stackTraceLimit = limit;
  }
}

/** What a run that failed threw. The case is run once more where the error is not ours, for a stack to show. */
function errorOf<Value>(property: fc.IProperty<Value>, details: fc.RunDetails<Value>): unknown {
  const { seed, counterexamplePath: path, errorInstance } = details;
  if (errorInstance instanceof BrokenClaim || path === null) return errorInstance;
  return fc.check(property, { seed, path, endOnFailure: true }).errorInstance ?? errorInstance;
}

/** Hands a claim to vitest. */
export function registerClaim(claim: Claim): void {
  it(claim.title, () => {
    const refutation = claim.refute();
    if (refutation !== undefined) throw failure(refutation);
  });
}

/** Defines a claim and hands it to vitest. */
export function claim<Values extends unknown[]>(
  title: string,
  arbitraries: Arbitraries<Values>,
  predicate: (...values: NoInfer<Values>) => void,
  options: ClaimOptions = {},
): void {
  registerClaim(defineClaim(title, arbitraries, predicate, options));
}

function scaled(runs: number): number {
  const asked = fc.readConfigureGlobal()?.numRuns ?? DEFAULT_RUNS;
  return Math.ceil((runs * asked) / DEFAULT_RUNS);
}

function refutationIn<Value>(details: fc.RunDetails<[Value]>, error: unknown): Refutation {
  return {
    error: error ?? new Error('fc.pre skipped too many cases: make the arbitrary produce valid ones'),
    counterexample: details.counterexample?.[0],
    seed: details.seed,
    path: details.counterexamplePath ?? '0',
    runs: details.numRuns,
    shrinks: details.numShrinks,
  };
}

/** The report as an error. Its stack would show this file, never the defect, so it has none. */
function failure(refutation: Refutation): Error {
  const { currentTestName = 'unnamed claim', testPath = 'properties' } = expect.getState();
  const report = reportFailure(refutation, { fullTitle: currentTestName, file: relative(process.cwd(), testPath) });
  const error = new Error(report, refutation.error instanceof BrokenClaim ? {} : { cause: refutation.error });
  error.stack = report;
  return error;
}
