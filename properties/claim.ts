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

/** A claim as data. */
export interface Claim {
  /** Reads as a sentence; unique in its file. */
  readonly title: string;
  /** Tries to refute it, with the seed and path of this run and `share` of its runs. Undefined when it stands. */
  refute(share?: number): Refutation | undefined;
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
  const numRuns = (share: number) => (arbitraries.length === 0 ? 1 : scaled(runs * share));
  return { title, refute: (share = 1) => refutationIn(fc.check(property, { numRuns: numRuns(share) })) };
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

function refutationIn<Value>(details: fc.RunDetails<[Value]>): Refutation | undefined {
  if (!details.failed) return undefined;
  return {
    error: details.errorInstance ?? new Error('fc.pre skipped too many cases: make the arbitrary produce valid ones'),
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
