/** Every faulty subject is found, shrunk to its shortest trace and named by its law; the sound ones by none. */
import { describe, expect, it } from 'vitest';
import { LAW_IDS, type LawId } from '../../fuzz/laws.ts';
import { judge, Lockstep } from '../../fuzz/lockstep.ts';
import type { Subject } from '../../fuzz/subjects/subject.ts';
import { generateTrace } from '../../fuzz/trace/generate.ts';
import { Random } from '../../fuzz/trace/random.ts';
import { shrink } from '../../fuzz/trace/shrink.ts';
import { formatOperation, parseTrace } from '../../fuzz/trace/text.ts';
import { operationAt, operationCount, STRIDE, type Trace } from '../../fuzz/trace/trace.ts';
import type { Violation } from '../../fuzz/violation.ts';
import { PlainHeap } from './plain-heap.ts';
import { PlainPool } from './plain-pool.ts';
import { SUBJECT_FAULTS, type SubjectFault } from './subject-faults.ts';

const SEED = 42;
const MOST_TRACES = 2000;
const MOST_OPERATIONS = 120;
/** Twice as many as the rarest leak of the table takes to show. */
const ROUNDS = 16;
/** Laws of reads and writes: `wasm-memory-faults.test.ts` has their faults. */
const LAWS_OF_WASM_MEMORY: readonly LawId[] = [
  'borders-are-exact',
  'little-endian-round-trips',
  'writes-touch-only-their-bytes',
  'strings-are-utf8',
];

/** Runs a trace on a subject and takes the second look that `law` needs: another salt, or repetition. */
class Bench {
  readonly lockstep: Lockstep;
  readonly #create: () => Subject;
  readonly #law: LawId | undefined;

  constructor(create: () => Subject, law?: LawId) {
    this.lockstep = new Lockstep(create());
    this.#create = create;
    this.#law = law;
  }

  examine(trace: Trace): Violation | undefined {
    const violation = judge(this.lockstep, trace);
    if (violation !== undefined) return violation;
    if (this.#law === 'freed-memory-is-reused') return this.lockstep.runRepeated(trace, ROUNDS);
    return this.#law === 'same-trace-same-answers' ? this.#parting(trace) : undefined;
  }

  #parting(trace: Trace): Violation | undefined {
    if (this.#agrees(trace)) return undefined;
    const count = operationCount(trace);
    const step = this.#firstParting(trace, count);
    const operation = operationAt(trace, step - 1);
    const request = formatOperation(operation);
    const what = { answer: 'two answers', allowed: 'one answer', relation: 'none' } as const;
    return { law: 'same-trace-same-answers', step, kind: operation.kind, request, ...what };
  }

  #firstParting(trace: Trace, count: number): number {
    const steps = Array.from({ length: count }, (_, index) => index + 1);
    return steps.find((length) => !this.#agrees(trace.subarray(0, length * STRIDE))) ?? count;
  }

  /** This instance has run traces before; the other is fresh, and its blocks hold other bytes. */
  #agrees(trace: Trace): boolean {
    const fresh = new Lockstep(this.#create(), 0x5a17);
    fresh.run(trace);
    this.lockstep.run(trace);
    return this.lockstep.answers === fresh.answers;
  }
}

interface Found {
  readonly trace: Trace;
  readonly violation: Violation;
}

const foundBefore = new Map<SubjectFault, Found>();

/** The first trace of the generator on which `bench` sees the law of `fault` break; looked for once. */
function foundFor(fault: SubjectFault, bench: Bench): Found {
  const found = foundBefore.get(fault) ?? find(bench, fault.law);
  if (found === undefined) throw new Error(`not found in ${MOST_TRACES} traces`);
  foundBefore.set(fault, found);
  return found;
}

function find(bench: Bench, law: LawId): Found | undefined {
  const random = new Random(SEED);
  const { profile } = bench.lockstep.subject;
  for (let run = 0; run < MOST_TRACES; run++) {
    const trace = generateTrace(random, profile, MOST_OPERATIONS);
    const violation = bench.examine(trace);
    if (violation?.law === law) return { trace, violation };
  }
  return undefined;
}

function shownTrace({ shown }: SubjectFault): Trace {
  return parseTrace(`# heaplaw trace 1\n${shown.split('; ').join('\n')}`).trace;
}

function linesOf(trace: Trace): string {
  return Array.from({ length: operationCount(trace) }, (_, index) => formatOperation(operationAt(trace, index))).join(
    '; ',
  );
}

/** Laws that are judged when a trace has ended, so that every trace cut short is judged by them anew. */
const JUDGED_AT_THE_END: readonly LawId[] = [
  'same-trace-same-answers',
  'freed-memory-is-reused',
  'everything-freed-is-everything-available',
];

describe('a faulty subject', () => {
  it.each(SUBJECT_FAULTS)('$name: breaks $law by the trace stated', (fault) => {
    const violation = new Bench(fault.create, fault.law).examine(shownTrace(fault));
    expect(violation?.law, JSON.stringify(violation)).toBe(fault.law);
  });

  it.each(SUBJECT_FAULTS)('$name: is found by the generator and shrinks to the length stated', (fault) => {
    const bench = new Bench(fault.create, fault.law);
    const found = foundFor(fault, bench);
    const { capacityBytes } = bench.lockstep.subject.profile;
    const shrunk = shrink(found.trace, (trace) => bench.examine(trace), { sizes: [capacityBytes] });
    expect(shrunk.violation.law).toBe(fault.law);
    expect(shrunk.minimal).toBe(true);
    expect(operationCount(shrunk.trace), linesOf(shrunk.trace)).toBe(operationCount(shownTrace(fault)));
  });

  const named = SUBJECT_FAULTS.filter(({ law }) => !JUDGED_AT_THE_END.includes(law));
  it.each(named)('$name: the step named is the first at which the law is broken', (fault) => {
    const bench = new Bench(fault.create);
    const { trace, violation } = foundFor(fault, bench);
    expect(formatOperation(operationAt(trace, violation.step - 1))).toBe(violation.request);
    expect(bench.examine(trace.slice(0, (violation.step - 1) * STRIDE))).toBeUndefined();
    expect(bench.examine(trace.slice(0, violation.step * STRIDE))).toEqual(violation);
  });

  it.each(SUBJECT_FAULTS.filter(({ only }) => only))('$name: breaks no law but $law', (fault) => {
    const bench = new Bench(fault.create, fault.law);
    const random = new Random(SEED);
    const traces = Array.from({ length: 40 }, () =>
      generateTrace(random, bench.lockstep.subject.profile, MOST_OPERATIONS),
    );
    const broken = new Set(traces.map((trace) => bench.examine(trace)?.law).filter((law) => law !== undefined));
    broken.add(fault.law);
    expect([...broken]).toEqual([fault.law]);
  });
});

describe('the laws of a lockstep', () => {
  it('are each the only one that some fault breaks', () => {
    const needed = SUBJECT_FAULTS.filter(({ only }) => only).map(({ law }) => law);
    expect([...new Set(needed)].sort()).toEqual(LAW_IDS.filter((law) => !LAWS_OF_WASM_MEMORY.includes(law)).sort());
  });
});

describe('a sound subject', () => {
  it.each([
    { name: 'heap', create: (): Subject => new PlainHeap() },
    { name: 'fixed heap', create: (): Subject => new PlainHeap({ initialPages: 4, maximumPages: 4 }) },
    { name: 'pool', create: (): Subject => new PlainPool() },
  ])('$name breaks no law', ({ create }) => {
    const bench = new Bench(create);
    const random = new Random(SEED);
    for (let run = 0; run < 300; run++) {
      const trace = generateTrace(random, bench.lockstep.subject.profile, MOST_OPERATIONS);
      expect(bench.examine(trace), linesOf(trace)).toBeUndefined();
    }
  });
});
