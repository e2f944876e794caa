/** A list of operations, packed: four unsigned words an operation, the kind's code first, unused words 0. */
import { CODE, OPERATION_KINDS, type Operation, operandsOf } from './operation.ts';

export type Trace = Uint32Array;

/** Words an operation takes in a packed trace. */
export const STRIDE = 4;

/** Slots a trace may name: %0 to %255. */
export const SLOTS = 256;

/** The number of operations in `trace`. */
export function operationCount(trace: Trace): number {
  return trace.length / STRIDE;
}

/** Packs operations given as data. Operands are taken modulo 2^32. */
export function traceOf(operations: readonly Operation[]): Trace {
  const trace = new Uint32Array(operations.length * STRIDE);
  operations.forEach((operation, index) => {
    trace[index * STRIDE] = CODE[operation.kind];
    trace.set(operation.operands, index * STRIDE + 1);
  });
  return trace;
}

/** The operation at `index` (from 0) as data. Throws RangeError when there is none. */
export function operationAt(trace: Trace, index: number): Operation {
  const kind = OPERATION_KINDS[trace[index * STRIDE] ?? OPERATION_KINDS.length];
  if (kind === undefined) throw new RangeError(`no operation at index ${index} of ${operationCount(trace)}`);
  const start = index * STRIDE + 1;
  return { kind, operands: Array.from(trace.subarray(start, start + operandsOf(kind).length)) };
}

/** Every operation as data. */
export function operationsOf(trace: Trace): Operation[] {
  return Array.from({ length: operationCount(trace) }, (_, index) => operationAt(trace, index));
}
