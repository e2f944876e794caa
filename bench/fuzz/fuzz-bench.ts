/**
 * Checked operations a second, on the Lua module's malloc, realloc and free with every law on and every byte checked.
 *
 * Our engine, its generation included, beside the bare calls of the same traces and beside fast-check in its two usual
 * forms. All that check use the same lockstep; only where the traces come from differs.
 */
import { Lockstep } from '../../fuzz/lockstep.ts';
import { SUBJECTS } from '../../fuzz/subjects/index.ts';
import type { Subject } from '../../fuzz/subjects/subject.ts';
import { Random } from '../../fuzz/trace/random.ts';
import { operationCount, type Trace } from '../../fuzz/trace/trace.ts';
import type { Bench, BenchResult, Row, Target } from '../bench.ts';
import { median, type Timing } from '../interleave.ts';
import { runBare } from './bare-calls.ts';
import { runCommands, runPacked } from './fast-check-peers.ts';
import { interleaveTraces, type TracePeer } from './interleave-traces.ts';
import { drawTrace } from './workload.ts';

const SUBJECT = 'lua-bump-c';

/** Rounds of the interleaving. Shared machines need more than the usual 15 for a median that stays. */
const ROUNDS = 25;

/** Traces that are drawn again and again: more than V8 could learn by heart. */
const POOL = 512;

const SEED = 42;

const NAMES = {
  bare: 'bare calls',
  checked: 'the same traces checked',
  ours: 'heaplaw, drawing too',
  commands: 'fast-check commands',
  packed: 'fast-check integers',
};

export const fuzzBench: Bench = {
  about: `checked operations on ${SUBJECT}, every law on, every byte checked`,
  run: () => [measure()],
};

function measure(): BenchResult {
  const lockstep = new Lockstep(newSubject());
  const judged = [checked, ours, withCommands, withPacked].map((peer) => peer(lockstep));
  const timings = interleaveTraces([bare(newSubject()), ...judged], ROUNDS);
  const row: Row = { work: 'one operation', timings };
  return { title: `Checked operations: ${perSecond(timings)}`, rows: [row], targets: targets(row) };
}

function targets(row: Row): Target[] {
  return [
    { claim: 'at most 5x the cost of the bare calls', row, slow: NAMES.bare, fast: NAMES.checked, atLeast: 1 / 5 },
    { claim: 'faster than fast-check commands', row, slow: NAMES.commands, fast: NAMES.ours, atLeast: 4 },
    { claim: 'faster than fast-check packed integers', row, slow: NAMES.packed, fast: NAMES.ours, atLeast: 1 },
  ];
}

/** `heaplaw 4.1 M/s, ...` */
function perSecond(timings: readonly Timing[]): string {
  return timings.map(({ name, roundsNs }) => `${name} ${(1000 / median(roundsNs)).toFixed(2)} M/s`).join(', ');
}

function bare(subject: Subject): TracePeer {
  return { name: NAMES.bare, run: overPool((trace) => runBare(subject, trace)) };
}

function checked(lockstep: Lockstep): TracePeer {
  return { name: NAMES.checked, run: overPool((trace) => expectSound(lockstep, trace)) };
}

/** Runs traces drawn beforehand, in turn. */
function overPool(runTrace: (trace: Trace) => void): TracePeer['run'] {
  const random = new Random(SEED);
  const pool = Array.from({ length: POOL }, () => drawTrace(random));
  let next = 0;
  return (operations) => {
    let done = 0;
    while (done < operations) {
      const trace = pool[next++ % POOL] ?? new Uint32Array(0);
      runTrace(trace);
      done += operationCount(trace);
    }
    return done;
  };
}

function expectSound(lockstep: Lockstep, trace: Trace): void {
  const violation = lockstep.run(trace);
  if (violation !== undefined) throw new Error(`${SUBJECT} broke ${violation.law}`);
}

function ours(lockstep: Lockstep): TracePeer {
  let random = new Random(SEED);
  let drawn = 0;
  const run = (operations: number): number => {
    const before = lockstep.operations;
    while (lockstep.operations - before < operations) {
      if (drawn++ % POOL === 0) random = new Random(SEED);
      expectSound(lockstep, drawTrace(random));
    }
    return lockstep.operations - before;
  };
  return { name: NAMES.ours, run };
}

function withCommands(lockstep: Lockstep): TracePeer {
  return { name: NAMES.commands, run: (operations) => runCommands(lockstep, operations) };
}

function withPacked(lockstep: Lockstep): TracePeer {
  return { name: NAMES.packed, run: (operations) => runPacked(lockstep, operations) };
}

function newSubject(): Subject {
  const definition = SUBJECTS.find(({ name }) => name === SUBJECT);
  if (definition === undefined) throw new Error(`no subject "${SUBJECT}"`);
  return definition.create();
}
