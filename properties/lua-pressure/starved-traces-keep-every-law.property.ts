/**
 * starved-traces-keep-every-law: at whichever growth of memory, or at whichever request, a trace runs out of memory,
 * every law holds to its end and when it runs once more: on the reclaiming allocator, and on the bump pool with its
 * exact answers.
 */
import { describe, expect, it } from 'vitest';
import { judge, Lockstep } from '../../fuzz/lockstep.ts';
import { SUBJECTS } from '../../fuzz/subjects/index.ts';
import type { Subject } from '../../fuzz/subjects/subject.ts';
import { formatTrace } from '../../fuzz/trace/text.ts';
import { operationCount, STRIDE, type Trace, traceOf } from '../../fuzz/trace/trace.ts';
import type { Violation } from '../../fuzz/violation.ts';
import { builtBytes } from '../../wasm/allocators/reclaiming-instance.ts';
import { traces } from '../arbitraries/traces.ts';
import { claim } from '../claim.ts';
import { StarvingSubject } from './starving-subject.ts';

const KIB = 1024;
const POOL_HEADER_BYTES = 16;
const MODULE = builtBytes('reclaiming-safe');

/** The trace, then the same again in the state it left. */
const twice = (trace: Trace): Trace => Uint32Array.of(...trace, ...trace);

function expectLaws(lockstep: Lockstep, trace: Trace, what: string): void {
  const violation: Violation | undefined = judge(lockstep, trace);
  if (violation === undefined) return;
  expect.fail(`${what}: ${JSON.stringify(violation, null, 1)}\n${formatTrace(trace)}`);
}

describe('the reclaiming allocator', () => {
  const growing = StarvingSubject.of(MODULE, 1024 * KIB);
  const growingLockstep = new Lockstep(growing);
  const fixed = StarvingSubject.of(MODULE, 128 * KIB);
  const fixedLockstep = new Lockstep(fixed);
  let refusals = 0;

  claim(
    'whichever growth is refused',
    [traces(growing.profile)],
    (operations) => {
      const trace = twice(traceOf(operations));
      growing.refusedGrowth = 0;
      growingLockstep.run(traceOf(operations));
      const { growCalls } = growing.instance;
      for (let call = 1; call <= growCalls; call += 1) {
        growing.refusedGrowth = call;
        expectLaws(growingLockstep, trace, `growth ${call} refused`);
        refusals += 1;
      }
    },
    { runs: 60 },
  );

  it('was refused many growths', () => {
    expect(refusals).toBeGreaterThan(60);
  });

  claim(
    'whichever request finds the heap full',
    [traces(fixed.profile)],
    (operations) => {
      const trace = twice(traceOf(operations));
      fixed.starvedRequest = 0;
      fixedLockstep.run(traceOf(operations));
      const { requests } = fixed;
      for (let request = 1; request <= requests; request += 1) {
        fixed.starvedRequest = request;
        expectLaws(fixedLockstep, trace, `request ${request} starved`);
      }
    },
    { runs: 25 },
  );

  it('was refused many requests', () => {
    expect(fixed.starved).toBeGreaterThan(100);
  });
});

describe('the bump pool', () => {
  const subject = SUBJECTS.find(({ name }) => name === 'lua-bump')?.create() as Subject;
  const lockstep = new Lockstep(subject);

  claim(
    'wherever the rest of it is taken',
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
