/** Passes that put simpler operations in the place of others. */
import { slotPosition, wordAt } from './operand-positions.ts';
import { CODE } from './operation.ts';
import { deletePairs, deleteWindows, slotsOf, without } from './shrink-delete.ts';
import type { Reduction } from './shrink-reduction.ts';
import { STRIDE, type Trace } from './trace.ts';

/** realloc becomes free plus malloc only where the trace is short: it makes a longer one to get a shorter one. */
const SPLIT_UP_TO = 32;
/** Each operation, with each slot and each other operation gone: some thousand runs. */
const RETARGET_UP_TO = 14;

/** Each operation becomes the simplest kind that still fails. */
export function simplifyKinds(reduction: Reduction): void {
  for (let index = reduction.count - 1; index >= 0; index--) {
    for (const words of simplerThan(reduction.best, index * STRIDE)) {
      if (reduction.attempt(replaced(reduction.best, index, words))) break;
    }
  }
}

/** Other operations with the same slot and bytes, the simplest first. */
function simplerThan(trace: Trace, at: number): number[][] {
  const [code, slot = 0, second = 0, third = 0] = trace.subarray(at, at + STRIDE);
  switch (code) {
    case CODE.realloc:
      return [
        [CODE.free, slot],
        [CODE.malloc, slot, second],
      ];
    case CODE.calloc:
      return [
        [CODE.malloc, slot, (second * third) % 2 ** 32],
        [CODE.calloc, slot, 1, (second * third) % 2 ** 32],
      ];
    case CODE.aligned_alloc:
      return [[CODE.malloc, slot, third]];
    default:
      return [];
  }
}

/** `trace` with the operation at `index` replaced by those of `operations`, packed but for their padding. */
function replaced(trace: Trace, index: number, ...operations: readonly number[][]): Trace {
  const result = new Uint32Array(trace.length + (operations.length - 1) * STRIDE);
  result.set(trace.subarray(0, index * STRIDE));
  for (const [offset, words] of operations.entries()) result.set(words, (index + offset) * STRIDE);
  result.set(trace.subarray((index + 1) * STRIDE), (index + operations.length) * STRIDE);
  return result;
}

/** A realloc becomes free and malloc when that lets more operations go than it adds. */
export function splitReallocs(reduction: Reduction): void {
  for (let index = reduction.count - 1; index >= 0; index--) {
    if (reduction.count > SPLIT_UP_TO) return;
    const [code, slot = 0, sizeBytes = 0] = reduction.best.subarray(index * STRIDE, (index + 1) * STRIDE);
    if (code !== CODE.realloc) continue;
    const longer = replaced(reduction.best, index, [CODE.free, slot], [CODE.malloc, slot, sizeBytes]);
    reduction.explore(longer, shorten);
  }
}

function shorten(trial: Reduction): void {
  deleteWindows(trial);
  deletePairs(trial);
}

/** `free %0`, `%0 = malloc 8` becomes `%0 = realloc %0 8`; `%0 = malloc 8`, `%0 = realloc %0 9` becomes `malloc 9`. */
export function foldChains(reduction: Reduction): void {
  for (let index = reduction.count - 1; index > 0; index--) {
    const before = previousOnSlot(reduction.best, index);
    if (before < 0) continue;
    const folded = fold(reduction.best, before, index);
    if (folded !== undefined) reduction.attempt(folded);
  }
}

function previousOnSlot(trace: Trace, index: number): number {
  const slot = trace[slotPosition(trace, index * STRIDE)];
  if (slot === undefined) return -1;
  for (let at = (index - 1) * STRIDE; at >= 0; at -= STRIDE) {
    if (trace[slotPosition(trace, at)] === slot) return at / STRIDE;
  }
  return -1;
}

function fold(trace: Trace, before: number, index: number): Trace | undefined {
  const [code, slot = 0, sizeBytes = 0] = trace.subarray(index * STRIDE, (index + 1) * STRIDE);
  const earlier = trace[before * STRIDE];
  if (code === CODE.realloc && (earlier === CODE.malloc || earlier === CODE.realloc)) {
    const grown = replaced(trace, before, [earlier, slot, sizeBytes]);
    return without(grown, (other) => other === index);
  }
  if (code !== CODE.malloc || earlier !== CODE.free) return undefined;
  const joined = replaced(trace, index, [CODE.realloc, slot, sizeBytes]);
  return without(joined, (other) => other === before);
}

/** In a short trace: any operation goes while any other takes another slot, one that is used or a new one. */
export function retargetAndDelete(reduction: Reduction): void {
  if (reduction.count > RETARGET_UP_TO) return;
  for (let index = reduction.count - 1; index >= 0; index--) retarget(reduction, index);
}

function retarget(reduction: Reduction, index: number): void {
  const { best } = reduction;
  const position = slotPosition(best, index * STRIDE);
  if (position < 0) return;
  const used = slotsOf(best);
  const fresh = Array.from({ length: used.length + 1 }, (_, slot) => slot).filter((slot) => !used.includes(slot));
  for (const slot of [...used, ...fresh.slice(0, 1)]) {
    const moved = best.slice();
    moved[position] = slot;
    for (let gone = 0; gone < reduction.count && reduction.best === best; gone++) {
      reduction.attempt(without(moved, (other) => other === gone));
    }
  }
}

/** Names the slots %0, %1, ... in order of first use. */
export function renameSlots(reduction: Reduction): void {
  const names = slotsOf(reduction.best);
  const renamed = reduction.best.slice();
  for (let at = 0; at < renamed.length; at += STRIDE) {
    const position = slotPosition(renamed, at);
    if (position >= 0) renamed[position] = names.indexOf(wordAt(renamed, position));
  }
  reduction.attempt(renamed);
}
