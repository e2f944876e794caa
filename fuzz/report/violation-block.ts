/** A violation as it is printed: the claim that broke, then what was asked, answered and allowed. */
import type { Trace } from '../trace/trace.ts';
import { operationCount } from '../trace/trace.ts';
import type { Violation } from '../violation.ts';
import { type Paint, plain } from './paint.ts';

/** Where the trace lies and how to see it happen again. */
export interface Evidence {
  readonly subject: string;
  readonly trace: Trace;
  /** `.fuzz/findings/x.trace (3 operations, 1-minimal)` */
  readonly file: string;
  readonly replay: string;
  /** How a fresh instance differed, when the violation did not come again. */
  readonly flaky?: string;
}

/** The block, without a newline at its end. */
export function violationBlock(violation: Violation, evidence: Evidence, paint: Paint = plain): string {
  const { law, step, request, answer, allowed, but } = violation;
  const steps = operationCount(evidence.trace);
  const flaky = evidence.flaky === undefined ? '' : ' (flaky)';
  const title = `${paint('red', law)}: broken at step ${step} of ${steps} by ${evidence.subject}${flaky}`;
  const lines = [row('request', request), row('answer', answer), row('allowed', allowed)];
  if (but !== undefined) lines.push(row('but', but));
  if (evidence.flaky !== undefined) lines.push(row('flaky', evidence.flaky));
  return [title, ...lines, row('trace', evidence.file), row('replay', evidence.replay)].join('\n');
}

function row(label: string, text: string): string {
  return `  ${label.padEnd(9)} ${text}`;
}
