/** What is made of a hunt. */
import type { LawId } from '../../fuzz/laws.ts';
import { formatTrace } from '../../fuzz/trace/text.ts';
import { operationCount } from '../../fuzz/trace/trace.ts';
import type { Case } from './case.ts';
import type { Hunted } from './hunt.ts';

/**
 * `found`: a law that the fault may break. `other-law`: a law that the fault is not listed under, which is a mistake of
 * the suite or of the list. `missed`: nothing within the time. `alarm`: something in a sound allocator. `flaky`: seen,
 * and not seen again in a fresh instance.
 */
export type Outcome = 'found' | 'other-law' | 'missed' | 'silent' | 'alarm' | 'flaky';

export interface Verdict {
  readonly outcome: Outcome;
  readonly law?: LawId;
  readonly hunted: Hunted;
  /** Operations of the trace found; 0 when there is none. */
  readonly operations: number;
  /** The trace in the text form. */
  readonly trace: string;
}

/** True when the suite did what it is for. */
export function isRight({ outcome }: Verdict): boolean {
  return outcome === 'found' || outcome === 'silent';
}

export function verdictOn(tried: Case, hunted: Hunted): Verdict {
  const { finding } = hunted;
  const outcome = outcomeOf(tried, hunted);
  if (finding === undefined) return { outcome, hunted, operations: 0, trace: '' };
  const { trace, violation } = finding;
  return { outcome, law: violation.law, hunted, operations: operationCount(trace), trace: formatTrace(trace) };
}

function outcomeOf({ fault, laws }: Case, { finding }: Hunted): Outcome {
  if (finding === undefined) return fault === undefined ? 'silent' : 'missed';
  if (fault === undefined) return 'alarm';
  if (finding.flaky !== undefined) return 'flaky';
  return laws.includes(finding.violation.law) ? 'found' : 'other-law';
}
