/**
 * Lua that makes garbage on every allocator, and on the Lua machines people use instead: how long a round takes, how far
 * a script gets, how much memory it has taken then. The state of lua-bump is made anew before every run, untimed; the
 * others go on in theirs, so that what they give back is timed with the rest.
 */
import type { Bench, BenchResult, Row } from '../bench.ts';
import type { Timing } from '../interleave.ts';
import { type Engine, freshEngines } from './engines.ts';
import { chunkOf, churnOf, type PressureWorkload, WORKLOADS } from './workloads.ts';

/** Odd, so that the median is one that was measured. */
const ROUNDS = 15;
const WARM_UP_ROUNDS = 5;
const CHURN_MEGABYTES = 100;
/** Enough for a figure: its heap is that of JavaScript, and it is several times slower. */
const FENGARI_MEGABYTES = 5;
const MEBIBYTE = 2 ** 20;

const engines = await freshEngines();

export const luaPressureBench: Bench = {
  about: 'Lua that makes garbage, on both allocators and beside wasmoon and fengari',
  run: () => [speed(), endurance()],
};

function speed(): BenchResult {
  return { title: 'A round of garbage', rows: WORKLOADS.map(rowOf), targets: [] };
}

function rowOf(workload: PressureWorkload): Row {
  const chunk = chunkOf(workload);
  const timings: Timing[] = engines.map(({ name }) => ({ name, roundsNs: [] }));
  const samples = timings.map(({ roundsNs }) => roundsNs as number[]);
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round += 1) {
    engines.forEach((engine, index) => {
      const ns = nanosecondsOf(engine, chunk) / workload.rounds;
      if (round >= 0) samples[index]?.push(ns);
    });
  }
  return { work: workload.name, timings };
}

function nanosecondsOf(engine: Engine, chunk: string): number {
  engine.renew();
  const startedAt = process.hrtime.bigint();
  engine.run(chunk);
  return Number(process.hrtime.bigint() - startedAt);
}

function endurance(): BenchResult {
  return {
    title: `How far a script gets that makes ${CHURN_MEGABYTES} MiB of strings, 320 KiB of them alive`,
    rows: [],
    targets: [],
    notes: engines.map(enduranceOf),
  };
}

function enduranceOf(engine: Engine): string {
  engine.renew();
  const megabytes = engine.name === 'fengari' ? FENGARI_MEGABYTES : CHURN_MEGABYTES;
  const startedAt = performance.now();
  const made = engine.run(churnOf(megabytes)) / MEBIBYTE;
  const elapsedMs = performance.now() - startedAt;
  const ending = made < megabytes ? 'then a memory error' : 'to its end';
  const memory = engine.memoryBytes();
  const peak = memory === undefined ? "JavaScript's heap" : `${(memory / MEBIBYTE).toFixed(2)} MiB of linear memory`;
  return `${engine.name.padEnd(15)} ${made.toFixed(1)} MiB, ${ending}; ${(elapsedMs / made).toFixed(1)} ms a MiB; ${peak}`;
}
