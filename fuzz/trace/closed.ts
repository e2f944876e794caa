/** Traces that leave a stack as they found it, however often they are repeated. */
import { wordAt } from './operand-positions.ts';
import { CODE } from './operation.ts';
import { STRIDE, type Trace } from './trace.ts';

const DEPTHS: ReadonlyMap<number, number> = new Map([
  [CODE.mark, 1],
  [CODE.pop, -1],
  [CODE.malloc, 0],
  [CODE.calloc, 0],
  [CODE.aligned_alloc, 0],
]);

/** Whether `trace` begins with a mark and ends with the pop that goes with it, and nothing else ends a block or the heap. */
export function isClosed(trace: Trace): boolean {
  let depth = 0;
  for (let at = 0; at < trace.length; at += STRIDE) {
    const by = DEPTHS.get(wordAt(trace, at));
    if (by === undefined || (at > 0 && depth === 0)) return false;
    depth += by;
    if (depth < 0) return false;
  }
  return trace.length > 0 && wordAt(trace, 0) === CODE.mark && depth === 0;
}
