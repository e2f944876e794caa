/** The same work given to fast-check, in the two ways people write it. */
import fc from 'fast-check';
import type { Lockstep } from '../../fuzz/lockstep.ts';
import { CODE } from '../../fuzz/trace/operation.ts';
import { STRIDE, type Trace } from '../../fuzz/trace/trace.ts';
import { MOST_OPERATIONS, writeOperation } from './workload.ts';

/** Runs that fast-check is asked for at a time: enough that starting it costs nothing, few enough to stop in time. */
const RUNS = 4;

/** What a sequence of commands has asked for. */
interface Asked {
  readonly words: number[];
}

class Request implements fc.Command<object, Asked> {
  readonly #code: number;
  readonly #slot: number;
  readonly #sizeBytes: number;

  constructor(code: number, slot: number, sizeBytes: number) {
    this.#code = code;
    this.#slot = slot;
    this.#sizeBytes = sizeBytes;
  }

  check(): boolean {
    return true;
  }

  run(_model: object, asked: Asked): void {
    asked.words.push(this.#code, this.#slot, this.#sizeBytes, 0);
  }
}

const slot = fc.nat({ max: 255 });
const size = fc.oneof(
  { weight: 31, arbitrary: fc.integer({ min: 1, max: 256 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 16384 }) },
);
const requests = (code: number, times: number) =>
  Array.from({ length: times }, () => fc.tuple(slot, size).map(([at, bytes]) => new Request(code, at, bytes)));
const commands = fc.commands([...requests(CODE.malloc, 7), ...requests(CODE.realloc, 3), ...requests(CODE.free, 6)], {
  maxCommands: MOST_OPERATIONS,
  size: 'max',
});

/** `fc.commands` and `fc.modelRun`; what they asked for is judged when the sequence ends. Returns the operations run. */
export function runCommands(lockstep: Lockstep, operations: number): number {
  const property = fc.property(commands, (sequence) => {
    const asked: Asked = { words: [] };
    fc.modelRun(() => ({ model: {}, real: asked }), sequence);
    judge(lockstep, Uint32Array.from(asked.words));
  });
  return runUntil(lockstep, operations, property);
}

const packed = fc.array(fc.integer(), { minLength: 1, maxLength: MOST_OPERATIONS, size: 'max' });

/** An array of integers, each of which is an operation. Returns the operations run. */
export function runPacked(lockstep: Lockstep, operations: number): number {
  const property = fc.property(packed, (words) => {
    const trace = new Uint32Array(words.length * STRIDE);
    for (let index = 0; index < words.length; index++) writeOperation(trace, index * STRIDE, (words[index] ?? 0) >>> 0);
    judge(lockstep, trace);
  });
  return runUntil(lockstep, operations, property);
}

function judge(lockstep: Lockstep, trace: Trace): void {
  const violation = lockstep.run(trace);
  if (violation !== undefined) throw new Error(`the subject of the bench broke ${violation.law}`);
}

let seed = 0;

function runUntil(lockstep: Lockstep, operations: number, property: fc.IProperty<unknown>): number {
  const before = lockstep.operations;
  while (lockstep.operations - before < operations) {
    const details = fc.check(property, { seed: seed++, numRuns: RUNS });
    if (details.failed) throw details.errorInstance;
  }
  return lockstep.operations - before;
}
