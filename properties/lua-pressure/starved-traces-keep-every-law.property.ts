/**
 * starved-traces-keep-every-law: at whichever growth of memory, or at whichever request, a trace runs out of memory,
 * every law holds to its end, and when it runs once more in the state it left: on the reclaiming allocator, and on the
 * bump pool with its exact answers.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { judge, Lockstep } from '../../fuzz/lockstep.ts';
import { SUBJECTS } from '../../fuzz/subjects/index.ts';
import type { Subject } from '../../fuzz/subjects/subject.ts';
import { formatTrace, parseTrace } from '../../fuzz/trace/text.ts';
import { operationCount, STRIDE, type Trace, traceOf } from '../../fuzz/trace/trace.ts';
import { builtBytes } from '../../wasm/allocators/reclaiming-instance.ts';
import { traces } from '../arbitraries/traces.ts';
import { broken, claim } from '../claim.ts';
import { BrokenClaim } from '../report-failure.ts';
import { StarvingSubject } from './starving-subject.ts';

const KIB = 1024;
const POOL_HEADER_BYTES = 16;
const CORPUS = join(import.meta.dirname, '../../corpus');

/** The trace, then the same again in the state it left. */
const twice = (trace: Trace): Trace => Uint32Array.of(...trace, ...trace);

function expectLaws(lockstep: Lockstep, trace: Trace, what: string): void {
  const violation = judge(lockstep, trace);
  if (violation === undefined) return;
  const { law, step, request, answer, allowed } = violation;
  broken({ request: `${request} at step ${step}, ${what}`, answer, allowed, but: `${law}\n${formatTrace(trace)}` });
}

class Starvation {
  readonly subject: StarvingSubject;
  readonly #lockstep: Lockstep;

  constructor(module: string, memoryBytes: number) {
    this.subject = StarvingSubject.of(builtBytes(module), memoryBytes);
    this.#lockstep = new Lockstep(this.subject);
  }

  /** Refuses every growth of `trace`, one at a time; how many there were. */
  atEveryGrowth(trace: Trace): number {
    this.subject.refusedGrowth = 0;
    expectLaws(this.#lockstep, trace, 'nothing refused');
    const { growCalls } = this.subject.instance;
    for (let call = 1; call <= growCalls; call += 1) {
      this.subject.refusedGrowth = call;
      expectLaws(this.#lockstep, twice(trace), `growth ${call} refused`);
    }
    return growCalls;
  }

  /** Starves every request of `trace`, one at a time; how many there were. */
  atEveryRequest(trace: Trace): number {
    this.subject.starvedRequest = 0;
    expectLaws(this.#lockstep, trace, 'nothing starved');
    const { requests } = this.subject;
    for (let request = 1; request <= requests; request += 1) {
      this.subject.starvedRequest = request;
      expectLaws(this.#lockstep, twice(trace), `request ${request} starved`);
    }
    return requests;
  }
}

/** The traces under corpus/`folder`/starters. */
function starters(folder: string): { name: string; trace: Trace }[] {
  const directory = join(CORPUS, folder, 'starters');
  return readdirSync(directory).map((name) => ({
    name,
    trace: parseTrace(readFileSync(join(directory, name), 'utf8'), name).trace,
  }));
}

describe('the reclaiming allocator, whichever growth is refused', () => {
  const growing = new Starvation('reclaiming-safe', 1024 * KIB);

  claim(
    'in any trace',
    [traces(growing.subject.profile)],
    (operations) => void growing.atEveryGrowth(traceOf(operations)),
    { runs: 30 },
  );

  it('in the starters, which grow memory more than 20 times', () => {
    const growths = starters('generic').map(({ trace }) => growing.atEveryGrowth(trace));
    expect(growths.reduce((sum, count) => sum + count)).toBeGreaterThan(20);
  });

  it('which shows an allocator that takes no notice', () => {
    const faulty = new Starvation('faults/reclaiming-growth-ignores-a-refusal', 1024 * KIB);
    const refuse = (): void => starters('generic').forEach(({ trace }) => void faulty.atEveryGrowth(trace));
    expect(refuse).toThrow(BrokenClaim);
  });
});

describe('the reclaiming allocator, whichever request finds the heap full', () => {
  const fixed = new Starvation('reclaiming-safe', 128 * KIB);

  claim(
    'in any trace',
    [traces(fixed.subject.profile)],
    (operations) => void fixed.atEveryRequest(traceOf(operations)),
    { runs: 25 },
  );

  it('in what a Lua script asked for', () => {
    const recorded = starters('lua-reclaiming').find(({ name }) => name === 'recorded-every-kind.trace');
    const requests = fixed.atEveryRequest(recorded?.trace ?? traceOf([]));
    expect(requests).toBeGreaterThan(100);
    expect(fixed.subject.starved).toBeGreaterThan(100);
  });
});

describe('the bump pool, wherever the rest of it is taken', () => {
  const subject = SUBJECTS.find(({ name }) => name === 'lua-bump')?.create() as Subject;
  const lockstep = new Lockstep(subject);

  claim(
    'in any trace',
    [traces(subject.profile)],
    (operations) => {
      const trace = traceOf(operations);
      for (let taken = 0; taken < operationCount(trace); taken += 1) {
        const before = trace.subarray(0, taken * STRIDE);
        lockstep.run(before);
        const restBytes = Math.max(0, (subject.statistics()?.['remaining'] ?? 0) - POOL_HEADER_BYTES);
        const fill = traceOf([{ kind: 'malloc', operands: [255, restBytes] }]);
        expectLaws(
          lockstep,
          Uint32Array.of(...before, ...fill, ...trace.subarray(taken * STRIDE)),
          `taken at ${taken}`,
        );
      }
    },
    { runs: 15 },
  );
});
