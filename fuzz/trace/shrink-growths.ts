/** Passes that grow memory from outside by fewer operations. */
import { wordAt } from './operand-positions.ts';
import { CODE } from './operation.ts';
import { without } from './shrink-delete.ts';
import type { Reduction } from './shrink-reduction.ts';
import { STRIDE, type Trace } from './trace.ts';

/** All growths at once in the first, else each in the one before it. */
export function mergeGrowths(reduction: Reduction): void {
  const all = growthsOf(reduction.best);
  if (all.length < 2 || reduction.attempt(merged(reduction.best, all))) return;
  for (let index = all.length - 1; index > 0; index--) {
    const [before, growth] = growthsOf(reduction.best).slice(index - 1, index + 1);
    if (before !== undefined && growth !== undefined) reduction.attempt(merged(reduction.best, [before, growth]));
  }
}

function growthsOf(trace: Trace): number[] {
  const indexes: number[] = [];
  for (let at = 0; at < trace.length; at += STRIDE) if (trace[at] === CODE.grow) indexes.push(at / STRIDE);
  return indexes;
}

/** `trace` with only the first of `growths` left, of as many pages as all. */
function merged(trace: Trace, [first = 0, ...rest]: readonly number[]): Trace {
  const result = trace.slice();
  const pages = [first, ...rest].reduce((sum, index) => sum + wordAt(trace, index * STRIDE + 1), 0);
  result[first * STRIDE + 1] = pages;
  const gone = new Set(rest);
  return without(result, (index) => gone.has(index));
}
