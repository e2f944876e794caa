/**
 * What an ordinary program asks of a heap: 7 of 16 operations are malloc, 3 realloc, 6 free; sizes to 256 bytes, one in
 * 32 from a tail to 16 KiB. Every peer draws the same mix, each in its own way, and all are judged by the same lockstep.
 */
import { CODE } from '../../fuzz/trace/operation.ts';
import type { Random } from '../../fuzz/trace/random.ts';
import { STRIDE, type Trace } from '../../fuzz/trace/trace.ts';

/** Traces have 1 to this many operations. */
export const MOST_OPERATIONS = 1000;

const SLOT_COUNT = 256;
const SMALL_BYTES = 256;
const LARGE_BYTES = 16384;

/** Sixteenths: what operation a draw of four bits is. */
const KINDS = [
  ...Array<number>(7).fill(CODE.malloc),
  ...Array<number>(3).fill(CODE.realloc),
  ...Array<number>(6).fill(CODE.free),
];

/** Writes the operation that `word`, 32 random bits, stands for at index `at` of `trace`. */
export function writeOperation(trace: Trace, at: number, word: number): void {
  const kind = KINDS[word & 15] ?? CODE.malloc;
  trace[at] = kind;
  trace[at + 1] = (word >>> 4) % SLOT_COUNT;
  trace[at + 2] = kind === CODE.free ? 0 : sizeOf(word >>> 12);
}

/** A size from 20 random bits. */
function sizeOf(bits: number): number {
  const large = bits % 32 === 0;
  return 1 + ((bits >>> 5) % (large ? LARGE_BYTES : SMALL_BYTES));
}

/** A trace in our own engine's way. */
export function drawTrace(random: Random): Trace {
  const operations = random.between(1, MOST_OPERATIONS);
  const trace = new Uint32Array(operations * STRIDE);
  for (let at = 0; at < trace.length; at += STRIDE) writeOperation(trace, at, random.word());
  return trace;
}
