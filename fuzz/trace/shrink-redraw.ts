/**
 * Small traces drawn anew, for a finding that holds on to operations which only bring the heap where the defect lies: taking
 * one away brings it elsewhere, and another trace may come there at once.
 */
import { Random } from './random.ts';
import type { Reduction } from './shrink-reduction.ts';

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
