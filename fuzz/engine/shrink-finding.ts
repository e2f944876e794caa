/** Makes a finding's trace as small as it gets, and makes sure that a fresh instance shows the small one, too. */
import { shrink } from '../trace/shrink.ts';
import type { Violation } from '../violation.ts';
import type { Examiner } from './examiner.ts';
import type { Finding } from './finding.ts';
import type { Watch } from './watch.ts';

/** Traces tried for one finding: a few seconds for most subjects; ten times what our longest reductions took. */
const MAXIMUM_EXECUTIONS = 50_000;

/** A smaller finding of the same law and kind; `finding` itself when there is none, or when it did not come again. */
export function shrinkFinding(
  finding: Finding,
  examiner: Examiner,
  watch: Watch,
  landmarkSizes: readonly number[],
): Finding {
  const { violation } = finding;
  if (finding.flaky !== undefined || !isAlike(examiner.check(finding.trace, violation), violation)) return finding;
  const shrunk = shrink(finding.trace, (trace) => examiner.check(trace, violation), {
    maximumExecutions: MAXIMUM_EXECUTIONS,
    stop: () => watch.stopped,
    sizes: landmarkSizes,
  });
  const seen = examiner.examine(shrunk.trace, violation);
  if (seen === undefined || !isAlike(seen, violation)) return finding;
  return { ...finding, trace: shrunk.trace, violation: seen, minimal: shrunk.minimal };
}

function isAlike(found: Violation | undefined, violation: Violation): boolean {
  return found?.law === violation.law && found.kind === violation.kind;
}
