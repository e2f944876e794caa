/** What the library says about a broken law: the finding as plain data, and as text to print. */
import type { Finding } from '../engine/finding.ts';
import { sizeText } from '../engine/finding-store.ts';
import { LAWS, type LawId } from '../laws.ts';
import { violationBlock } from '../report/violation-block.ts';
import { formatTrace } from '../trace/text.ts';
import { operationCount } from '../trace/trace.ts';

/** A law that broke, with the smallest trace known that shows it. */
export interface FuzzFinding {
  readonly law: LawId;
  /** The law as a sentence. */
  readonly claim: string;
  /** The operation at which it broke, from 1. */
  readonly step: number;
  /** That operation, as in `%2 = aligned_alloc 16 24`. */
  readonly request: string;
  /** What the subject answered: a region, NULL, a trap's message. */
  readonly answer: string;
  /** What the law allows. */
  readonly allowed: string;
  /** Why the answer is not allowed, where that says more than `allowed`. */
  readonly but?: string;
  /** The text form of the trace, header included: the content of a `.trace` file, for `replay` and `npx heaplaw`. */
  readonly trace: string;
  /** Operations of the trace. */
  readonly operations: number;
  /** True when no single operation can go and no size can be lowered. */
  readonly minimal: boolean;
  /** How a fresh instance behaved instead, when the violation did not come again there. */
  readonly flaky?: string;
  /** All of this as text for people. */
  readonly text: string;
}

/** `finding` of `subject` in the library's words. */
export function findingReport(finding: Finding, subject: string): FuzzFinding {
  const { violation, minimal, flaky, origin } = finding;
  const { law, step, request, answer, allowed, but } = violation;
  const trace = formatTrace(finding.trace, { subject, law, step: String(step), seed: String(origin.seed) });
  return {
    law,
    claim: LAWS[law],
    step,
    request,
    answer,
    allowed,
    ...(but === undefined ? {} : { but }),
    trace,
    operations: operationCount(finding.trace),
    minimal,
    ...(flaky === undefined ? {} : { flaky }),
    text: textOf(finding, subject, trace),
  };
}

function textOf({ violation, trace, minimal, flaky }: Finding, subject: string, traceText: string): string {
  const evidence = {
    subject,
    trace,
    file: sizeText(trace, minimal),
    replay: 'replay(trace, subject), with this trace:',
  };
  const block = violationBlock(violation, flaky === undefined ? evidence : { ...evidence, flaky });
  return `${block}\n\n${traceText}`;
}
