import { describe, expect, it } from 'vitest';
import { targetFor } from '../targets.ts';
import { traceOf } from '../trace/trace.ts';
import type { CampaignTarget } from './campaign-target.ts';
import { hangViolation } from './finding.ts';
import type { ShrinkJob } from './jobs.ts';
import { Watch } from './watch.ts';
import { workerSide } from './worker-side.ts';

const blocks = traceOf(Array.from({ length: 70 }, (_, slot) => ({ kind: 'malloc' as const, operands: [slot, 8] })));

function request(name: string, job: Parameters<ReturnType<typeof workerSide>>[0]['job']) {
  return { target: { name }, news: [], job, skipped: [] };
}

describe('the worker’s side', () => {
  it('makes a target once and does job after job', () => {
    let made = 0;
    const counted = (reference: { name: string }): CampaignTarget => {
      made++;
      return targetFor(reference);
    };
    const answer = workerSide({ buffer: new Watch().buffer }, counted);
    const survey = { type: 'survey', traces: [blocks] } as const;
    const first = answer(request('host-stack', survey));
    expect(first).toMatchObject({ done: { result: { type: 'survey' }, effort: { executions: 1 } } });
    expect(answer(request('host-stack', survey))).toEqual(first);
    expect(made).toBe(1);
  });

  it('says why a job could not be done', () => {
    const answer = workerSide({ buffer: new Watch().buffer }, targetFor);
    const reply = answer(request('nobody', { type: 'survey', traces: [] }));
    expect(reply).toMatchObject({ failed: expect.stringContaining('no subject "nobody"') });
    const odd = workerSide({ buffer: new Watch().buffer }, () => {
      throw 'odd';
    });
    expect(odd(request('x', { type: 'survey', traces: [] }))).toEqual({ failed: 'odd' });
  });
});

describe('shrinking', () => {
  const answer = workerSide({ buffer: new Watch().buffer }, targetFor);
  const origin = { seed: 0, round: 0, lane: 0, run: 0 };
  const shrunk = (job: ShrinkJob) => answer(request('canary', job));
  const overlap = { ...hangViolation(blocks, 1), law: 'regions-never-overlap' as const };

  it('ends 1-minimal', () => {
    const reply = shrunk({ type: 'shrink', finding: { trace: blocks, violation: overlap, origin, minimal: false } });
    expect(reply).toMatchObject({ done: { result: { finding: { minimal: true, violation: { step: 65 } } } } });
  });

  it('leaves alone what is flaky, and what does not come again', () => {
    const flaky = { trace: blocks, violation: overlap, origin, minimal: false, flaky: 'x' };
    expect(shrunk({ type: 'shrink', finding: flaky })).toMatchObject({ done: { result: { finding: flaky } } });
    const gone = { trace: blocks.slice(0, 8), violation: overlap, origin, minimal: false };
    expect(shrunk({ type: 'shrink', finding: gone })).toMatchObject({ done: { result: { finding: gone } } });
  });
});

describe('the watch', () => {
  it('shows what is under way, and cuts what is too long to show', () => {
    const watch = new Watch(new SharedArrayBuffer((4 + 262144) * 4));
    watch.begin();
    expect(watch.underWay()).toMatchObject({ execution: -1 });
    watch.enter(blocks);
    expect(watch.underWay()).toMatchObject({ execution: 0, trace: blocks });
    watch.enter(new Uint32Array(262144 + 4));
    expect(watch.underWay().trace).toHaveLength(262144);
  });
});
