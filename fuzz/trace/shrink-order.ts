/** Which of two traces is the smaller: fewer operations, then simpler kinds, then smaller numbers, then lower slots. */
import { slotPosition, wordAt } from './operand-positions.ts';
import { CODE, OPERATION_KINDS, type OperationKind } from './operation.ts';
import { STRIDE, type Trace } from './trace.ts';

/** The simpler, the lower. Kinds not named here are not exchanged for one another. */
const COMPLEXITY: Partial<Record<OperationKind, number>> = {
  free: 1,
  malloc: 2,
  calloc: 3,
  aligned_alloc: 4,
  realloc: 5,
};
const BY_CODE = Uint32Array.from(OPERATION_KINDS, (kind) => COMPLEXITY[kind] ?? 6);

/** True when `candidate` is strictly smaller than `best`. */
export function isSmaller(candidate: Trace, best: Trace): boolean {
  if (candidate.length !== best.length) return candidate.length < best.length;
  for (const measure of [complexity, numbers, counts, words, misnamed, slots]) {
    const difference = measure(candidate) - measure(best);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

function complexity(trace: Trace): number {
  let sum = 0;
  for (let at = 0; at < trace.length; at += STRIDE) sum += wordAt(BY_CODE, wordAt(trace, at));
  return sum;
}

/** The bytes that calloc asks for in all count, so that one element of 40 bytes is smaller than three of 14. */
function numbers(trace: Trace): number {
  let sum = words(trace);
  for (let at = 0; at < trace.length; at += STRIDE) {
    const [count, sizeBytes] = [wordAt(trace, at + 2), wordAt(trace, at + 3)] as const;
    if (trace[at] === CODE.calloc) sum += count * sizeBytes - count - sizeBytes;
  }
  return sum;
}

function counts(trace: Trace): number {
  let sum = 0;
  for (let at = 0; at < trace.length; at += STRIDE) if (trace[at] === CODE.calloc) sum += wordAt(trace, at + 2);
  return sum;
}

/** Unused words are 0, so that all words but code and slot may be added. */
function words(trace: Trace): number {
  let sum = -slots(trace);
  for (let at = 0; at < trace.length; at += STRIDE) {
    sum += wordAt(trace, at + 1) + wordAt(trace, at + 2) + wordAt(trace, at + 3);
  }
  return sum;
}

/** Slots that are not named %0, %1, ... in order of first use. */
function misnamed(trace: Trace): number {
  const seen = new Set<number>();
  let sum = 0;
  for (let at = 0; at < trace.length; at += STRIDE) {
    const slot = trace[slotPosition(trace, at)];
    if (slot === undefined || seen.has(slot)) continue;
    if (slot !== seen.size) sum++;
    seen.add(slot);
  }
  return sum;
}

function slots(trace: Trace): number {
  let sum = 0;
  for (let at = 0; at < trace.length; at += STRIDE) sum += wordAt(trace, slotPosition(trace, at));
  return sum;
}
