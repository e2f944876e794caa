/** Makes a finding's trace as small as it gets, and makes sure that a fresh instance shows the small one, too. */
import { shrink } from '../trace/shrink.ts';
import type { Trace } from '../trace/trace.ts';
import type { Violation } from '../violation.ts';
import type { CampaignTarget } from './campaign-target.ts';
import type { Examiner } from './examiner.ts';
import type { Finding } from './finding.ts';

/** Traces tried for one finding: a few seconds for most subjects; ten times what our longest reductions took. */
const MAXIMUM_EXECUTIONS = 50_000;

/** Operations, or KiB filled, all of these may take together: ten seconds or so, for repetitions and full heaps. */
const MAXIMUM_EFFORT = 2 ** 23;

/** What an operation that never ends takes, in those that do: its fuel lasts for a tenth of a second. */
const HANG_OPERATIONS = 2 ** 16;

export interface ShrinkTools {
  readonly examiner: Examiner;
  readonly target: Pick<CampaignTarget, 'landmarkSizes' | 'generate'>;
  /** True ends the reduction with the best so far. */
  readonly stop: () => boolean;
  /** Told of each improvement. */
  readonly onProgress?: (best: Trace, violation: Violation) => void;
}

/** A smaller finding of the same law and kind; `finding` itself when there is none, or when it did not come again. */
export function shrinkFinding(finding: Finding, { examiner, target, ...hooks }: ShrinkTools): Finding {
  const { violation } = finding;
  if (finding.flaky !== undefined || !isAlike(examiner.check(finding.trace, violation), violation)) return finding;
  const effort = (): number => examiner.judge.effort ?? examiner.judge.operations;
  const lastEffort = effort() + MAXIMUM_EFFORT;
  let hangs = 0;
  const stop = (): boolean => hooks.stop() || effort() + hangs * HANG_OPERATIONS > lastEffort;
  const check = (trace: Trace): Violation | undefined => {
    const seen = examiner.check(trace, violation);
    if (seen?.law === 'operations-end') hangs++;
    return seen;
  };
  const { landmarkSizes: sizes, generate: draw } = target;
  const options = { maximumExecutions: MAXIMUM_EXECUTIONS, sizes, draw, ...hooks, stop };
  const shrunk = shrink(finding.trace, check, options);
  const seen = examiner.examine(shrunk.trace, violation);
  if (seen === undefined || !isAlike(seen, violation)) return finding;
  return { ...finding, trace: shrunk.trace, violation: seen, minimal: shrunk.minimal };
}

function isAlike(found: Violation | undefined, violation: Violation): boolean {
  return found?.law === violation.law && found.kind === violation.kind;
}
