/** Makes a finding's trace as small as it gets, and makes sure that a fresh instance shows the small one, too. */
import { shrink } from '../trace/shrink.ts';
import { isAlike } from '../trace/shrink-reduction.ts';
import type { Trace } from '../trace/trace.ts';
import type { Violation } from '../violation.ts';
import type { CampaignTarget } from './campaign-target.ts';
import type { Examiner } from './examiner.ts';
import type { Finding } from './finding.ts';

/** Traces tried for one finding: a few seconds for most subjects; ten times what our longest reductions took. */
const MAXIMUM_EXECUTIONS = 50_000;

/** Seconds for which a finding from the last moment of a run is made smaller, when no more is looked for. */
export const SECONDS_AFTER_THE_END = 5;

/** Operations, or KiB filled, all of these may take together: ten seconds or so, for repetitions and full heaps. */
const MAXIMUM_EFFORT = 2 ** 23;

/** What an operation that never ends takes, in those that do: the usual fuel lasts for a tenth of a second. */
const HANG_OPERATIONS = 2 ** 16;

const HANG = 'operations-end';

export interface ShrinkTools {
  readonly examiner: Examiner;
  readonly target: Pick<CampaignTarget, 'landmarkSizes' | 'generate'>;
  /** True ends the reduction with the best so far. */
  readonly stop: () => boolean;
  /** Told of each improvement. */
  readonly onProgress?: (best: Trace, violation: Violation) => void;
}

/** Shares of the usual fuel that a hang is looked for with, so that it costs as little as another operation. */
const SHARES: readonly number[] = [1 / 256, 1 / 64, 1 / 16, 1 / 4];
/** The operations before the hang must do with so much less still: those of other traces may take more. */
const MARGIN = 4;

/** A smaller finding of the same law and kind; `finding` itself when there is none, or when it did not come again. */
export function shrinkFinding(finding: Finding, tools: ShrinkTools): Finding {
  const { examiner } = tools;
  const { trace, violation } = finding;
  if (finding.flaky !== undefined || !isSeen(examiner.check(trace, violation), violation)) return finding;
  return shrunkImpatiently(finding, tools) ?? shrunk(finding, tools) ?? finding;
}

/**
 * The same for a hang, on less fuel than usual. Undefined where that cannot be, or where the smaller trace does not hang
 * on the usual fuel: then its last operation was only slow.
 */
function shrunkImpatiently(finding: Finding, tools: ShrinkTools): Finding | undefined {
  const { judge } = tools.examiner;
  if (finding.violation.law !== HANG || judge.patience === undefined) return undefined;
  const usual = judge.patience;
  try {
    judge.patience = leastPatience(finding, tools.examiner);
    // What is not confirmed is told to nobody.
    return judge.patience < usual ? shrunk(finding, { ...tools, onProgress: () => {} }) : undefined;
  } finally {
    judge.patience = usual;
  }
}

/** The least of the shares of fuel with which the trace comes to its hang as before, with some to spare; 1 where none does. */
function leastPatience({ trace, violation }: Finding, examiner: Examiner): number {
  const isEnough = (share: number): boolean => {
    examiner.judge.patience = share / MARGIN;
    const seen = examiner.check(trace, violation);
    return isSeen(seen, violation) && seen?.step === violation.step;
  };
  return SHARES.find(isEnough) ?? 1;
}

/** The finding that a fresh instance confirms with the usual fuel; undefined when it does not. */
function shrunk(finding: Finding, { examiner, target, ...hooks }: ShrinkTools): Finding | undefined {
  const { violation } = finding;
  const { judge } = examiner;
  const effort = (): number => judge.effort ?? judge.operations;
  const lastEffort = effort() + MAXIMUM_EFFORT;
  let hangs = -examiner.hangsBeside;
  const stop = (): boolean => hooks.stop() || effort() + (hangs + examiner.hangsBeside) * HANG_OPERATIONS > lastEffort;
  const check = (trace: Trace): Violation | undefined => {
    const seen = examiner.check(trace, violation);
    if (seen?.law === HANG) hangs += judge.patience ?? 1;
    return seen;
  };
  const { landmarkSizes: sizes, generate: draw } = target;
  const options = { maximumExecutions: MAXIMUM_EXECUTIONS, sizes, draw, ...hooks, stop };
  const { trace, minimal } = shrink(finding.trace, check, options);
  const seen = examiner.examine(trace, violation);
  return seen !== undefined && isAlike(seen, violation) ? { ...finding, trace, violation: seen, minimal } : undefined;
}

function isSeen(found: Violation | undefined, violation: Violation): boolean {
  return found !== undefined && isAlike(found, violation);
}
