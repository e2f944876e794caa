/** Traces that a heap in order answers alike however often they are repeated, with all freed between. */
import { wordAt } from './operand-positions.ts';
import { CODE } from './operation.ts';
import { STRIDE, type Trace } from './trace.ts';

/** Whether `trace` mallocs and frees blocks of one size only, or frees every block before it asks for the next. */
export function isSteady(trace: Trace): boolean {
  let isOneSize = true;
  let isOneBlock = true;
  let sizeBytes = -1;
  for (let at = 0; at < trace.length; at += STRIDE) {
    const code = wordAt(trace, at);
    if (code === CODE.free) continue;
    if (code !== CODE.malloc) return false;
    isOneSize &&= sizeBytes < 0 || wordAt(trace, at + 2) === sizeBytes;
    isOneBlock &&= wordAt(trace, at + STRIDE) === CODE.free && wordAt(trace, at + STRIDE + 1) === wordAt(trace, at + 1);
    if (!isOneSize && !isOneBlock) return false;
    sizeBytes = wordAt(trace, at + 2);
  }
  return true;
}
