/** A violation with the trace that shows it. */
import { OPERATION_KINDS } from '../trace/operation.ts';
import { formatOperation } from '../trace/text.ts';
import { operationAt, operationCount, STRIDE, type Trace } from '../trace/trace.ts';
import type { Violation } from '../violation.ts';

/** Where in the seed's stream a trace was made. */
export interface Origin {
  readonly seed: number;
  readonly round: number;
  readonly lane: number;
  readonly run: number;
}

export interface Finding {
  readonly trace: Trace;
  readonly violation: Violation;
  readonly origin: Origin;
  /** How a fresh instance behaved instead, when the violation did not come again there. */
  readonly flaky?: string;
  /** True when no single operation can go and no size can be lowered. */
  readonly minimal: boolean;
}

/** Findings of one bucket are taken for the same defect: the smallest is kept. */
export function bucketOf(violation: Violation): string {
  return `${violation.law}/${violation.kind}/${violation.relation}`;
}

/** The violation of a trace in which no operation ended for `timeoutSeconds`. */
export function hangViolation(trace: Trace, timeoutSeconds: number): Violation {
  const step = Math.max(1, operationCount(trace));
  const operation = trace.length < STRIDE ? undefined : operationAt(trace, step - 1);
  return {
    law: 'operations-end',
    step,
    kind: operation?.kind ?? OPERATION_KINDS[0] ?? 'malloc',
    request: operation === undefined ? 'nothing yet' : formatOperation(operation),
    answer: `none within ${timeoutSeconds} s, by this operation or one before it`,
    allowed: 'an answer',
    relation: 'none',
  };
}
