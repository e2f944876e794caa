/** Which of two traces is the smaller: fewer operations, then simpler kinds, then smaller numbers, then lower slots. */
import { slotPosition } from './operand-positions.ts';
import { OPERATION_KINDS, type OperationKind } from './operation.ts';
import { STRIDE, type Trace } from './trace.ts';

/** The simpler, the lower. Kinds not named here are not exchanged for one another. */
const COMPLEXITY: Partial<Record<OperationKind, number>> = {
  free: 1,
  malloc: 2,
  calloc: 3,
  aligned_alloc: 4,
  realloc: 5,
};
const BY_CODE = OPERATION_KINDS.map((kind) => COMPLEXITY[kind] ?? 6);

/** True when `candidate` is strictly smaller than `best`. */
export function isSmaller(candidate: Trace, best: Trace): boolean {
  if (candidate.length !== best.length) return candidate.length < best.length;
  for (const measure of [complexity, numbers, slots]) {
    const difference = measure(candidate) - measure(best);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

function complexity(trace: Trace): number {
  let sum = 0;
  for (let at = 0; at < trace.length; at += STRIDE) sum += BY_CODE[trace[at] ?? 0] ?? 0;
  return sum;
}

/** Unused words are 0, so that all words but code and slot may be added. */
function numbers(trace: Trace): number {
  let sum = -slots(trace);
  for (let at = 0; at < trace.length; at += STRIDE) {
    sum += (trace[at + 1] ?? 0) + (trace[at + 2] ?? 0) + (trace[at + 3] ?? 0);
  }
  return sum;
}

function slots(trace: Trace): number {
  let sum = 0;
  for (let at = 0; at < trace.length; at += STRIDE) sum += trace[slotPosition(trace, at)] ?? 0;
  return sum;
}
