/**
 * Larger sizes in the place of those that many operations need: a page that fifteen small blocks fill is full with two larger
 * ones as well.
 *
 * A raised trace is no smaller, and often breaks nothing before the blocks are gone that there is no room for any more. So
 * the sizes are raised and some blocks left out in one step, and the outcome counts once fewer operations are left.
 */
import { sizePositions, slotPosition, wordAt } from './operand-positions.ts';
import { deletePairs, deleteSlots, deleteWindows, without } from './shrink-delete.ts';
import type { Reduction } from './shrink-reduction.ts';
import { STRIDE, type Trace } from './trace.ts';

/** A handful of operations needs no other sizes. */
const SHORT = 5;
/** Longer traces have too many blocks that may go. */
const LONGEST = 128;
/** What a few blocks of fill a span, a page, two, a WebAssembly page: the largest first, for they need the fewest blocks. */
const RAISED_BYTES = [60_000, 16_000, 8000, 4000, 2000, 1000, 500, 100] as const;
/** Larger blocks are written for as long as a hundred operations take, each time. */
const HEAVY_BYTES = 2 ** 17;
/** Of the sizes of a trace, the most frequent. */
const GROUPS = 3;

/** True when a trace of fewer operations and larger sizes has taken the place of the best. */
export function raiseSizes(reduction: Reduction): boolean {
  if (reduction.count <= SHORT || reduction.count > LONGEST) return false;
  const landmarks = reduction.sizes.filter((sizeBytes) => sizeBytes < HEAVY_BYTES);
  const targets = [...new Set([...RAISED_BYTES, ...landmarks])].sort((a, b) => b - a);
  return targets.some((toBytes) => raisedTo(toBytes, reduction.best).some((raised) => thinOut(reduction, raised)));
}

/** `trace` with every smaller size raised, and with all that equal one of the most frequent of them. */
function raisedTo(toBytes: number, trace: Trace): Trace[] {
  const every = raisedWhere(trace, toBytes, (sizeBytes) => sizeBytes < toBytes);
  const groups = frequentSizes(trace).filter((sizeBytes) => sizeBytes < toBytes);
  return [every, ...groups.map((group) => raisedWhere(trace, toBytes, (sizeBytes) => sizeBytes === group))];
}

function raisedWhere(trace: Trace, toBytes: number, isRaised: (sizeBytes: number) => boolean): Trace {
  const raised = trace.slice();
  for (const position of sizePositions(trace)) if (isRaised(wordAt(trace, position))) raised[position] = toBytes;
  return raised;
}

function frequentSizes(trace: Trace): number[] {
  const times = new Map<number, number>();
  for (const position of sizePositions(trace)) {
    const sizeBytes = wordAt(trace, position);
    times.set(sizeBytes, (times.get(sizeBytes) ?? 0) + 1);
  }
  return [...times]
    .sort(([, a], [, b]) => b - a)
    .map(([sizeBytes]) => sizeBytes)
    .slice(0, GROUPS);
}

/** Tries `raised` as it is, then without one block, two, three, ... of those that are used least. */
function thinOut(reduction: Reduction, raised: Trace): boolean {
  const slots = dispensableSlots(raised);
  return Array.from({ length: slots.length }, (_, left) => new Set(slots.slice(0, left))).some((gone) => {
    const thinned = without(raised, (index) => gone.has(wordAt(raised, slotPosition(raised, index * STRIDE))));
    return reduction.explore(thinned, shorten);
  });
}

/** The slots of `trace`, those that fewer operations name first. */
function dispensableSlots(trace: Trace): number[] {
  const uses = new Map<number, number>();
  for (let at = 0; at < trace.length; at += STRIDE) {
    const position = slotPosition(trace, at);
    if (position >= 0) uses.set(wordAt(trace, position), (uses.get(wordAt(trace, position)) ?? 0) + 1);
  }
  return [...uses].sort(([, a], [, b]) => a - b).map(([slot]) => slot);
}

function shorten(trial: Reduction): void {
  deleteWindows(trial);
  deleteSlots(trial);
  deletePairs(trial);
}
