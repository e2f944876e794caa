import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startCrew } from '../start-crew.ts';
import { targetFor } from '../targets.ts';
import { formatTrace, parseTrace } from '../trace/text.ts';
import { operationCount, traceOf } from '../trace/trace.ts';
import { LANE_RUNS, LANES } from './campaign.ts';
import { readState } from './campaign-state.ts';
import { LocalCrew } from './local-crew.ts';
import { runToEnd, type Trial, trialCampaign } from './trial-campaign.ts';

const ROUND = LANES * LANE_RUNS;

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'heaplaw-campaign-'));
  return () => rmSync(directory, { recursive: true });
});

const fresh = (): LocalCrew => new LocalCrew(targetFor);

/** A campaign that every claim about the canary looks at: shrinking its finding takes a second. */
const CANARY = { subject: 'canary', seed: 42 };
const CANARY_RUNS = 300;
const canaryDirectory = mkdtempSync(join(tmpdir(), 'heaplaw-campaign-canary-'));
const canary = trialCampaign(canaryDirectory, { ...CANARY, crew: fresh() });
beforeAll(() => runToEnd(canary.campaign, CANARY_RUNS));
afterAll(() => rmSync(canaryDirectory, { recursive: true }));

const leftIn = (trial: Trial) => ({ corpus: trial.corpusNames(), findings: trial.findingNames() });

/** What a run of so many traces leaves behind. */
async function leftBy(place: string, subject: string, seed: number, runs: number) {
  const trial = trialCampaign(join(directory, place), { subject, seed, crew: fresh() });
  await runToEnd(trial.campaign, runs);
  return leftIn(trial);
}

describe('a seed', () => {
  it('gives the same corpus and findings every time', async () => {
    const first = leftIn(canary);
    expect(first.corpus.length).toBeGreaterThan(10);
    expect(first.findings).toHaveLength(1);
    expect(await leftBy('second', CANARY.subject, CANARY.seed, CANARY_RUNS)).toEqual(first);
  });

  it('gives another corpus than another seed', async () => {
    const first = await leftBy('first', 'host-stack', 1, 64);
    expect((await leftBy('second', 'host-stack', 2, 64)).corpus).not.toEqual(first.corpus);
  });
});

describe('any number of workers', () => {
  const crew = startCrew(2, 25);
  afterAll(() => crew.close());

  it('gives the same corpus and findings', async () => {
    const trial = trialCampaign(join(directory, 'threads'), { ...CANARY, crew });
    await runToEnd(trial.campaign, CANARY_RUNS);
    expect(leftIn(trial)).toEqual(leftIn(canary));
  });

  it('takes no lane behind the first that found something, where a campaign ends at its first finding', async () => {
    const ends = { subject: 'canary', seed: 7, endOnFinding: true };
    const trials = [fresh(), crew].map((each, place) =>
      trialCampaign(join(directory, `${place}`), { ...ends, crew: each }),
    );
    for (const { campaign } of trials) {
      await campaign.begin();
      await campaign.round(ROUND);
    }
    const [alone, threads] = trials.map((trial) => ({ runs: trial.campaign.tally.runs, names: trial.findingNames() }));
    expect(alone?.names).toHaveLength(1);
    expect(alone?.runs).toBeLessThan(ROUND);
    expect(threads).toEqual(alone);
  });
});

describe('the canary', () => {
  it('is found and shrunk to the least trace: 65 blocks of a byte', () => {
    const [saved] = canary.campaign.findings;
    expect(saved?.finding).toMatchObject({ minimal: true, violation: { law: 'regions-never-overlap', step: 65 } });
    const { trace } = parseTrace(readFileSync(saved?.path ?? '', 'utf8'));
    expect(operationCount(trace)).toBe(65);
  });
});

describe('a run that was cut short', () => {
  it('goes on as if nothing had happened', async () => {
    const short = { subject: 'host-stack', seed: 9, maximumOperations: 4 };
    const whole = trialCampaign(join(directory, 'whole'), { ...short, crew: fresh() });
    await runToEnd(whole.campaign, 2 * ROUND);
    const place = join(directory, 'killed');
    const killed = trialCampaign(place, { ...short, crew: fresh() });
    await killed.campaign.begin();
    await killed.campaign.round(ROUND);
    killed.campaign.save(false);
    const again = trialCampaign(place, { ...short, crew: fresh() });
    await runToEnd(again.campaign, 2 * ROUND);
    expect(again.campaign.runsBefore).toBe(ROUND);
    expect(again.corpusNames()).toEqual(whole.corpusNames());
  });

  it('goes on without a seed, too, and counts its own runs only', async () => {
    const first = trialCampaign(directory, { subject: 'host-stack', seed: 9, crew: fresh() });
    await runToEnd(first.campaign, 64);
    const names = first.corpusNames();
    const next = trialCampaign(directory, { subject: 'host-stack', crew: fresh() });
    await runToEnd(next.campaign, 64);
    expect(next.campaign.seed).toBe(9);
    expect(next.campaign.tally.runs).toBe(64);
    expect(next.campaign.tally.imported).toBe(names.length);
    expect(next.corpusNames()).toEqual(expect.arrayContaining(names));
    expect(readState(join(directory, 'host-stack', 'state.json'))).toMatchObject({ round: 2, runs: 64, ended: true });
  });
});

describe('a run that came to its end', () => {
  it('begins anew when it is asked for again by its seed', async () => {
    await leftBy('same', 'host-stack', 3, 64);
    const trial = trialCampaign(join(directory, 'same'), { subject: 'host-stack', seed: 3, crew: fresh() });
    await runToEnd(trial.campaign, 64);
    expect(trial.campaign.runsBefore).toBe(0);
    expect(trial.campaign.tally.imported).toBe(0);
  });
});

describe('what lies there already', () => {
  const small = traceOf([{ kind: 'malloc', operands: [0, 16] }]);

  it('is run once and joins when it shows something', async () => {
    const starters = join(directory, 'starters');
    mkdirSync(starters);
    writeFileSync(join(starters, 'a.trace'), formatTrace(small));
    writeFileSync(join(starters, 'b.trace'), formatTrace(small));
    const crew = fresh();
    const trial = trialCampaign(directory, { subject: 'host-stack', seed: 3, crew, otherDirectories: [starters] });
    await runToEnd(trial.campaign, 0);
    expect(trial.campaign.tally).toMatchObject({ imported: 1, runs: 0 });
    expect(trial.campaign.corpus).toHaveLength(1);
  });

  it('is left where it is when it cannot be read, with one line', async () => {
    const corpus = join(directory, 'host-stack', 'corpus');
    mkdirSync(corpus, { recursive: true });
    writeFileSync(join(corpus, 'broken.trace'), '# heaplaw trace 1\nmalloc\n');
    const trial = trialCampaign(directory, { subject: 'host-stack', crew: fresh() });
    await runToEnd(trial.campaign, 64);
    const warnings = trial.events.flatMap((event) => (event.type === 'warning' ? [event.text] : []));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/broken\.trace:2: found "malloc", expected/);
    expect(trial.corpusNames()).toContain('broken.trace');
  });

  it('is replayed first when it is a finding, and reported when it still fails', async () => {
    cpSync(canaryDirectory, join(directory, 'twice'), { recursive: true });
    const trial = trialCampaign(join(directory, 'twice'), { subject: 'canary', seed: 43, crew: fresh() });
    await runToEnd(trial.campaign, 0);
    expect(trial.campaign.findings).toHaveLength(1);
    expect(trial.findingNames()).toHaveLength(1);
  });

  it('is explained when the state cannot be understood', async () => {
    mkdirSync(join(directory, 'host-stack'));
    writeFileSync(join(directory, 'host-stack', 'state.json'), '{"seed": "x"}');
    const trial = trialCampaign(directory, { subject: 'host-stack', crew: fresh() });
    await expect(trial.campaign.begin()).rejects.toThrow(/cannot understand .*state\.json: delete it to begin anew/);
  });
});

describe('a stop', () => {
  it('ends a round early, and what was found stays', async () => {
    const crew = fresh();
    const { campaign } = trialCampaign(directory, { subject: 'host-stack', seed: 3, crew });
    await campaign.begin();
    crew.stop('drawing');
    await campaign.round(ROUND);
    expect(campaign.tally.runs).toBe(0);
    crew.stop('nothing');
    await campaign.round(64);
    expect(campaign.tally.runs).toBe(64);
  });

  it.each([
    ['drawing', true],
    ['everything', false],
  ] as const)('of %s leaves time to make small what was found: %s', async (what, minimal) => {
    const starters = join(directory, 'starters');
    mkdirSync(starters);
    const mallocs = Array.from({ length: 80 }, (_, slot) => `%${slot} = malloc 24`);
    writeFileSync(join(starters, 'long.trace'), ['# heaplaw trace 1', ...mallocs, ''].join('\n'));
    const crew = fresh();
    const { campaign } = trialCampaign(directory, { subject: 'canary', seed: 3, crew, otherDirectories: [starters] });
    crew.stop(what);
    await campaign.begin();
    expect(campaign.findings.map(({ finding }) => finding.minimal)).toEqual([minimal]);
  });
});
