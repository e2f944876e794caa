/** Passes that remove operations and change none. */
import { slotPosition } from './operand-positions.ts';
import { CODE } from './operation.ts';
import type { Reduction } from './shrink-reduction.ts';
import { STRIDE, type Trace } from './trace.ts';

/** Any two operations of traces up to this length are tried; 1,128 pairs. */
const PAIRS_UP_TO = 48;
/** Any three of traces up to this length; 364 triples. */
const TRIPLES_UP_TO = 14;

/** `trace` without the operations from `first` up to `end`, counted from 0. */
export function withoutWindow(trace: Trace, first: number, end: number): Trace {
  const result = new Uint32Array(trace.length - (end - first) * STRIDE);
  result.set(trace.subarray(0, first * STRIDE));
  result.set(trace.subarray(end * STRIDE), first * STRIDE);
  return result;
}

/** `trace` without the operations of which `isGone` is true. */
export function without(trace: Trace, isGone: (index: number) => boolean): Trace {
  const result = new Uint32Array(trace.length);
  let length = 0;
  for (let at = 0; at < trace.length; at += STRIDE) {
    if (isGone(at / STRIDE)) continue;
    result.set(trace.subarray(at, at + STRIDE), length);
    length += STRIDE;
  }
  return result.slice(0, length);
}

/** Delta debugging: windows of half the trace, a quarter, ... one operation, the last first. */
export function deleteWindows(reduction: Reduction): void {
  for (let width = Math.max(1, reduction.count >>> 1); ; width >>>= 1) {
    deleteWindowsOf(reduction, width);
    if (width <= 1) return;
  }
}

function deleteWindowsOf(reduction: Reduction, width: number): void {
  let end = reduction.count;
  while (end > 0) {
    const first = Math.max(0, end - width);
    reduction.attempt(withoutWindow(reduction.best, first, end));
    end = Math.min(first, reduction.count);
  }
}

/** Every operation on one slot at once. */
export function deleteSlots(reduction: Reduction): void {
  for (const slot of slotsOf(reduction.best)) {
    const { best } = reduction;
    reduction.attempt(without(best, (index) => best[slotPosition(best, index * STRIDE)] === slot));
  }
}

/** The slots that `trace` names, in order of first use. */
export function slotsOf(trace: Trace): number[] {
  const slots = new Set<number>();
  for (let at = 0; at < trace.length; at += STRIDE) {
    const slot = trace[slotPosition(trace, at)];
    if (slot !== undefined) slots.add(slot);
  }
  return [...slots];
}

/** An allocation with the free that ends it: either alone may be needed to keep the balance. */
export function deletePairs(reduction: Reduction): void {
  for (let index = reduction.count - 1; index >= 0; index--) {
    const partner = partnerOf(reduction.best, index);
    if (partner >= 0) reduction.attempt(without(reduction.best, (other) => other === index || other === partner));
  }
}

/** The next operation on the slot of operation `index` when that is a free; -1 when not. */
function partnerOf(trace: Trace, index: number): number {
  const slot = trace[slotPosition(trace, index * STRIDE)];
  if (slot === undefined || trace[index * STRIDE] === CODE.free) return -1;
  for (let at = (index + 1) * STRIDE; at < trace.length; at += STRIDE) {
    if (trace[slotPosition(trace, at)] === slot) return trace[at] === CODE.free ? at / STRIDE : -1;
  }
  return -1;
}

/** Any two operations, and any three of a short trace: what only works together goes together. */
export function deleteSubsets(reduction: Reduction): void {
  if (reduction.count <= PAIRS_UP_TO) deleteAnyTwo(reduction);
  if (reduction.count <= TRIPLES_UP_TO) deleteAnyThree(reduction);
}

function deleteAnyTwo(reduction: Reduction): void {
  for (let first = reduction.count - 1; first > 0; first--) {
    for (let second = first - 1; second >= 0; second--) {
      reduction.attempt(without(reduction.best, (index) => index === first || index === second));
    }
  }
}

function deleteAnyThree(reduction: Reduction): void {
  for (let last = reduction.count - 1; last > 1; last--) {
    for (let second = last - 1; second > 0; second--) {
      const { best } = reduction;
      for (let first = second - 1; first >= 0 && best === reduction.best; first--) {
        reduction.attempt(without(best, (index) => index === first || index === second || index === last));
      }
    }
  }
}
