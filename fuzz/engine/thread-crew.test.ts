import { afterAll, describe, expect, it } from 'vitest';
import { programFor } from '../start-crew.ts';
import { formatTrace } from '../trace/text.ts';
import { traceOf } from '../trace/trace.ts';
import type { LaneJob, SurveyJob } from './jobs.ts';
import { ThreadCrew } from './thread-crew.ts';

const program = programFor(new URL('./hanging-worker.ts', import.meta.url));
const crew = new ThreadCrew({ workers: 1, timeoutSeconds: 1, program });
afterAll(() => crew.close());

const free = (slot: number) => traceOf([{ kind: 'free', operands: [slot] }]);
const assignment = <SomeJob>(job: SomeJob, name = 'spinning') => ({ target: { name }, corpus: [], job });

describe('a trace that does not end', () => {
  it('is reported, and the job is done without it', async () => {
    const job: SurveyJob = { type: 'survey', traces: [free(1), free(13), free(2)] };
    const { result, hangs } = await crew.perform(assignment(job));
    expect(hangs.map((trace) => formatTrace(trace))).toEqual([formatTrace(free(13))]);
    expect(result.surveyed).toHaveLength(3);
  });

  it('is left out of a lane, which goes on to its end', async () => {
    const lane = { seed: 1, round: 0, lane: 0, runs: 16, maximumOperations: 1, known: new Map() };
    const job: LaneJob = { type: 'lane', ...lane };
    const { result, hangs } = await crew.perform(assignment(job));
    expect(result.runs).toBe(16);
    expect(hangs.length).toBeGreaterThan(0);
    expect(new Set(hangs.map((trace) => trace[1]))).toEqual(new Set([13]));
  });
});

describe('what goes wrong in a worker', () => {
  const job: SurveyJob = { type: 'survey', traces: [free(1)] };

  it('fails the job, not the crew', async () => {
    await expect(crew.perform(assignment(job, 'unknown'))).rejects.toThrow('no such target');
    expect((await crew.perform(assignment(job))).result.surveyed).toHaveLength(1);
  });

  it('fails the job when the worker cannot even begin', async () => {
    const broken = new ThreadCrew({ workers: 1, timeoutSeconds: 1, program: "throw new Error('no engine')" });
    await expect(broken.perform(assignment(job))).rejects.toThrow('no engine');
    await expect(broken.perform(assignment(job))).rejects.toThrow('no engine');
    await broken.close();
  });
});
