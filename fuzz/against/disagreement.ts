/** Where two allocators answer one request differently, and neither memory nor alignment explains it. */
import type { Operation } from '../trace/operation.ts';
import { formatOperation } from '../trace/text.ts';
import { operationAt, type Trace } from '../trace/trace.ts';
import { ANSWER, type Answer, type Run } from './plain-run.ts';

export interface Disagreement {
  /** Disagreements of one kind are counted together. */
  readonly kind: string;
  readonly request: string;
  /** What either did. */
  readonly left: string;
  readonly right: string;
  /** From 0. */
  readonly step: number;
}

/** What the two can hold. */
export interface Bounds {
  readonly largestArenaBytes: number;
  readonly smallestCapacityBytes: number;
}

/** A request is met with much room where this many times what is live, and what is asked for, would still fit. */
const MUCH_ROOM = 8;
const RESERVE_BYTES = 65536;

const WORDS: Readonly<Record<Answer, string>> = {
  [ANSWER.none]: 'nothing',
  [ANSWER.granted]: 'granted',
  [ANSWER.refused]: 'NULL',
  [ANSWER.trapped]: 'a trap',
};

/** The first step at which the runs part, if what follows from it is a matter of contract. Later steps say nothing. */
export function disagreementOf(trace: Trace, left: Run, right: Run, bounds: Bounds): Disagreement | undefined {
  const step = left.answers.findIndex((answer, index) => answer !== right.answers[index]);
  if (step < 0) return undefined;
  const operation = operationAt(trace, step);
  const room = roomFor(needOf(operation), Math.max(left.takenBytes[step] ?? 0, right.takenBytes[step] ?? 0), bounds);
  const [one, other] = [WORDS[left.answers[step] ?? ANSWER.none], WORDS[right.answers[step] ?? ANSWER.none]];
  if (room === undefined) return undefined;
  const kind = `${operation.kind} ${room}: ${one} against ${other}`;
  return { kind, request: formatOperation(operation), left: one, right: other, step };
}

interface Need {
  readonly sizeBytes: number;
  /** With what an alignment may cost. */
  readonly mostBytes: number;
}

function needOf({ kind, operands }: Operation): Need {
  const [, second = 0, third = 0] = operands;
  if (kind === 'calloc') return { sizeBytes: second * third, mostBytes: second * third };
  if (kind === 'aligned_alloc') return { sizeBytes: third, mostBytes: third + 2 * second };
  return { sizeBytes: second, mostBytes: second };
}

/** Why the answers should be the same; undefined where sound allocators may part, for one is fuller or smaller. */
function roomFor({ sizeBytes, mostBytes }: Need, takenBytes: number, bounds: Bounds): string | undefined {
  if (sizeBytes === 0) return 'of nothing';
  if (sizeBytes > bounds.largestArenaBytes) return 'of more than there is';
  const need = MUCH_ROOM * (mostBytes + takenBytes) + RESERVE_BYTES;
  return need <= bounds.smallestCapacityBytes ? 'with much room' : undefined;
}
