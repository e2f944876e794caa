/**
 * Small traces drawn anew, for a finding that holds on to operations which only bring the heap where the defect lies: taking
 * one away brings it elsewhere, and another trace may come there at once.
 */
import { sizePositions, wordAt } from './operand-positions.ts';
import { Random } from './random.ts';
import type { Reduction } from './shrink-reduction.ts';
import type { Trace } from './trace.ts';

/** Nobody minds a trace of so many operations. */
const SHORT = 2;
/** Operations: longer traces are hardly ever hit by chance. */
const LONGEST_DRAWN = 6;
/** Draws for each length: five findings of `npm run detect` are shorter for them, one of 8 operations has 2. */
const DRAWS = 512;
const SEED = 0x5eed;

/** True when a drawn trace of fewer operations breaks the law in the same way, and has taken the place of the best. */
export function redraw(reduction: Reduction): boolean {
  const { draw, count } = reduction;
  if (draw === undefined || count <= SHORT) return false;
  const random = new Random(SEED);
  for (let length = SHORT; length < Math.min(count, LONGEST_DRAWN + 1); length++) {
    for (let drawn = 0; drawn < DRAWS && !reduction.exhausted; drawn++) {
      if (reduction.attempt(draw(random, length))) return true;
    }
  }
  return false;
}

/** Filling so much takes as long as eight thousand operations. */
const HEAVY_BYTES = 2 ** 23;
/** No memory has them: they are refused, and nothing is filled. */
const LEAST_IMPOSSIBLE_BYTES = 2 ** 30;

/** The same at once where the trace fills so much that thousands of small ones take no longer than a hundred runs of it. */
export function redrawHeavy(reduction: Reduction): void {
  if (bytesOf(reduction.best) >= HEAVY_BYTES) redraw(reduction);
}

function bytesOf(trace: Trace): number {
  return sizePositions(trace)
    .map((position) => wordAt(trace, position))
    .filter((sizeBytes) => sizeBytes < LEAST_IMPOSSIBLE_BYTES)
    .reduce((sum, sizeBytes) => sum + sizeBytes, 0);
}
