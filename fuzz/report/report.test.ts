import { describe, expect, it } from 'vitest';
import type { SavedFinding } from '../engine/finding-store.ts';
import { OUTCOME, OUTCOMES_LENGTH, outcomeIndex } from '../model/shape.ts';
import { CanarySubject } from '../subjects/canary.ts';
import { memoryBytesOf } from '../subjects/subject.ts';
import { CODE, type Operation, operandsOf } from '../trace/operation.ts';
import { traceOf } from '../trace/trace.ts';
import type { Violation } from '../violation.ts';
import { account, CallLog, noting } from './account.ts';
import { fuzzerStats, plotLine } from './fuzzer-stats.ts';
import { lawChecks, neverReached } from './law-checks.ts';
import { paintFor, plain } from './paint.ts';
import { Panel, panelLines } from './panel.ts';
import { statusLine } from './status-line.ts';
import { summary } from './summary.ts';
import { table } from './table.ts';
import { byteSize, duration, grouped, rate } from './units.ts';
import type { SubjectView } from './view.ts';
import { violationBlock } from './violation-block.ts';

const violation: Violation = {
  law: 'regions-never-overlap',
  step: 3,
  kind: 'aligned_alloc',
  request: '%2 = aligned_alloc 16 24',
  answer: '0x10000..0x10018',
  allowed: '24 bytes, 16-aligned, free of live regions',
  but: '0x10000..0x10010 is live since step 1 (%0)',
  relation: 'same-start',
};

const trace = traceOf([1, 2, 3].map((): Operation => ({ kind: 'free', operands: [0] })));

const view = (given: Partial<SubjectView> = {}): SubjectView => ({
  subject: 'host-bump',
  seed: 42,
  elapsedMs: 65_000,
  runs: 1_234_567,
  executions: 1_300_000,
  operations: 98_765_432,
  rounds: 603,
  corpusSize: 321,
  corpusOperations: 4096,
  found: 300,
  imported: 21,
  shapes: 654,
  slowestMs: 12.4,
  hangs: 0,
  sinceNewMs: 5000,
  sinceFindingMs: undefined,
  sinceFindingRuns: 1_234_567,
  findings: [],
  checks: { 'regions-never-overlap': 1000 },
  neverReached: [],
  ...given,
});

const saved: SavedFinding = {
  finding: { trace, violation, origin: { seed: 42, round: 0, lane: 0, run: 0 }, minimal: true },
  path: '.fuzz/findings/x.trace',
};

describe('a violation', () => {
  const file = '.fuzz/findings/regions-never-overlap-5c1e0d.trace (3 operations, 1-minimal)';
  const replay = 'npm run fuzz -- host-stack .fuzz/findings/regions-never-overlap-5c1e0d.trace';
  const evidence = { subject: 'host-stack', trace, file, replay };

  it('is printed as design.md shows it', () => {
    expect(violationBlock(violation, evidence).split('\n')).toEqual([
      'regions-never-overlap: broken at step 3 of 3 by host-stack',
      '  request   %2 = aligned_alloc 16 24',
      '  answer    0x10000..0x10018',
      '  allowed   24 bytes, 16-aligned, free of live regions',
      '  but       0x10000..0x10010 is live since step 1 (%0)',
      `  trace     ${file}`,
      `  replay    ${replay}`,
    ]);
  });

  it('is labelled when it is flaky', () => {
    const { but, ...rest } = violation;
    const lines = violationBlock(rest, { ...evidence, flaky: 'every law held' }).split('\n');
    expect(but).toBeDefined();
    expect(lines[0]).toBe('regions-never-overlap: broken at step 3 of 3 by host-stack (flaky)');
    expect(lines[4]).toBe('  flaky     every law held');
  });
});

describe('a status line', () => {
  const progress = {
    executions: 4096,
    shapes: 201,
    corpusSize: 31,
    corpusOperations: 1536,
    maximumOperations: 1000,
    elapsedMs: 2000,
    residentBytes: 64_000_000,
  };

  it('has the form of libFuzzer', () => {
    expect(statusLine('pulse', progress)).toBe(
      '#4096\tpulse  cov: 201 ft: 201 corp: 31/24Kb lim: 1000 exec/s: 2048 rss: 61Mb',
    );
  });

  it('names the mutations of what is new', () => {
    const mutated = statusLine('NEW', progress, { operations: 12, mutations: ['Splice', 'NudgeSize'] });
    expect(mutated).toMatch(/^#4096\tNEW {4}cov: .* L: 12\/1000 MS: 2 Splice-NudgeSize-$/);
    expect(statusLine('NEW', progress, { operations: 5, mutations: [] })).toMatch(/ L: 5\/1000 MS: 1 Generate-$/);
  });
});

describe('numbers for people', () => {
  it.each([
    [3_400, '3.4 s'],
    [63_000, '1m 03s'],
    [754_000, '12m 34s'],
    [3_723_000, '1h 02m 03s'],
  ])('%d ms is %s', (ms, text) => expect(duration(ms)).toBe(text));

  it.each([
    [100, '100b'],
    [20_000, '19Kb'],
    [50_000_000, '47Mb'],
  ])('%d bytes are %s', (bytes, text) => expect(byteSize(bytes)).toBe(text));

  it('groups digits, and divides by no time at all', () => {
    expect([grouped(1_234_567), grouped(999), rate(5, 0), rate(5, 2000)]).toEqual(['1,234,567', '999', 0, 3]);
  });

  it('lines columns up', () => {
    expect(table([])).toEqual([]);
    expect(
      table([
        ['a', '1'],
        ['bcd', '200'],
      ]),
    ).toEqual(['a      1', 'bcd  200']);
  });
});

describe('colour', () => {
  it.each([
    [true, {}, true],
    [false, {}, false],
    [true, { NO_COLOR: '1' }, false],
    [false, { FORCE_COLOR: '1' }, true],
    [true, { NO_COLOR: '' }, true],
  ])('terminal %s with %j: %s', (isTerminal, environment, coloured) => {
    expect(paintFor(isTerminal, environment)('red', 'x') !== 'x').toBe(coloured);
  });
});

describe('the panel', () => {
  const common = { elapsedMs: 65_000, workers: 2 };

  it('shows what goes on', () => {
    const lines = panelLines({ ...common, leftMs: 5000, subjects: [view()], current: view() }, plain);
    expect(lines).toEqual(
      [
        'heaplaw host-bump  1m 05s, 5.0 s left, 2 workers, seed 42',
        '  traces       1,234,567     18,993/s',
        '  operations  98,765,432  1,519,468/s',
        '  corpus             321      300 new',
        '  shapes             654  last new 5.0 s ago',
        '  nothing found',
        '  regions-never-overlap  1,000',
      ].map((line, index) =>
        index >= 1 && index <= 4 ? expect.stringContaining(line.trim().split(/ {2,}/)[0] ?? '') : line,
      ),
    );
  });

  it('shows findings by law', () => {
    const broken = view({ findings: [saved], sinceFindingMs: 2000 });
    const lines = panelLines(
      { ...common, leftMs: undefined, subjects: [broken], current: view({ sinceNewMs: undefined }) },
      plain,
    );
    expect(lines).toContain('  findings: regions-never-overlap 1; last 2.0 s ago');
    expect(lines.join('\n')).toContain('last new never');
    expect(lines[0]).toContain('until Ctrl-C');
  });

  it('is drawn over the one before, and taken away', () => {
    let screen = '';
    const panel = new Panel((text) => {
      screen += text;
    });
    panel.clear();
    panel.draw(['a', 'b']);
    panel.draw(['c']);
    panel.clear();
    panel.clear();
    expect(screen).toBe('a\nb\n\u001b[2A\u001b[0Jc\n\u001b[1A\u001b[0J');
  });
});

describe('the summary', () => {
  it('counts findings and names what was never reached', () => {
    const text = summary([view({ findings: [saved], neverReached: ['grow'] }), view()], 130_000, 'interrupted');
    expect(text).toMatch(/^1 finding: 2,469,134 traces, 197,530,864 operations in 2m 10s, interrupted\n/);
    expect(text).toContain('never reached on host-bump: grow');
    expect(text).toMatch(/\nfindings\n {2}\.fuzz\/findings\/x\.trace$/);
    expect(summary([view({ findings: [saved, saved] })], 1000, 'budget')).toMatch(/^2 findings: /);
    expect(summary([view({ checks: {} })], 1000, 'budget')).not.toContain('checks');
  });
});

describe('checks by law', () => {
  const outcomes = new Float64Array(OUTCOMES_LENGTH);
  outcomes[outcomeIndex(CODE.malloc, OUTCOME.fresh)] = 5;
  outcomes[outcomeIndex(CODE.malloc, OUTCOME.refused)] = 2;
  outcomes[outcomeIndex(CODE.realloc, OUTCOME.moved)] = 1;

  it('follow from how operations ended', () => {
    expect(lawChecks(outcomes)).toMatchObject({
      'regions-never-overlap': 6,
      'refusals-are-honest': 2,
      'realloc-keeps-the-prefix': 1,
      'operations-never-trap': 8,
    });
    expect(lawChecks(outcomes)).not.toHaveProperty('calloc-gives-zeroes');
  });

  it('tell which operations never ran', () => {
    expect(neverReached(outcomes, ['malloc', 'calloc', 'mark'])).toEqual(['calloc']);
    expect(neverReached([], ['malloc'])).toEqual(['malloc']);
  });
});

describe('the files of AFL++', () => {
  const at = {
    startTime: 1000,
    now: 1065,
    pid: 7,
    timeoutSeconds: 25,
    peakResidentBytes: 2 ** 27,
    version: '1.0.0',
    commandLine: 'npm run fuzz',
  };

  it('say when things were found last', () => {
    const hang = {
      ...saved,
      finding: { ...saved.finding, violation: { ...violation, law: 'operations-end' as const } },
    };
    const crashed = fuzzerStats(view({ findings: [saved, hang], hangs: 1, sinceFindingMs: 5000 }), at);
    expect(crashed).toMatch(
      /\nsaved_crashes {5}: 1\nsaved_hangs {7}: 1\nlast_find {9}: 1060\nlast_crash {8}: 1060\nlast_hang {9}: 1060\n/,
    );
    const clean = fuzzerStats(view({ sinceNewMs: undefined }), at);
    expect(clean).toMatch(/\nlast_find {9}: 0\nlast_crash {8}: 0\nlast_hang {9}: 0\n/);
    expect(clean).toMatch(/\nexec_timeout {6}: 25000\nslowest_exec_ms {3}: 12\npeak_rss_mb {7}: 128\n/);
  });

  it('plot thirteen columns', () => {
    expect(plotLine(view())).toBe(
      '65, 603, 0, 321, 0, 0, 0.50%, 0, 0, 0, 20000.00, 1300000, 654\n'.replace(
        '0.50',
        ((654 / 131072) * 100).toFixed(2),
      ),
    );
  });
});

describe('an account', () => {
  const each = (kind: Operation['kind']): Operation => ({ kind, operands: operandsOf(kind).map(() => 1) });

  it('notes every call, its answer and what it threw', () => {
    const subject = new CanarySubject();
    const log = new CallLog(() => memoryBytesOf(subject));
    const noted = noting(
      Object.assign(subject, {
        mark: () => {
          throw new Error('no marks');
        },
        run: () => {
          throw 'gone';
        },
      }),
      log,
    );
    noted.restart();
    noted.malloc(8);
    noted.calloc(1, 8);
    noted.realloc(65536, 8, 8, 16);
    noted.free(65536, 8, 8);
    noted.alignedAlloc(8, 8);
    expect(() => noted.mark()).toThrow('no marks');
    noted.pop();
    noted.reset();
    noted.grow(1);
    expect(() => noted.run(0)).toThrow();
    expect([noted.statistics(), noted.name, noted.memory]).toEqual([undefined, 'canary', subject.memory]);
    expect(log.calls.map(({ kind, answer }) => `${kind} ${answer}`)).toEqual([
      'malloc 0x10000..0x10008',
      'calloc NULL',
      'realloc NULL',
      'free done',
      'aligned_alloc NULL',
      'mark Error: no marks',
      'pop refused: no mark',
      'reset done',
      'grow refused',
      'run gone',
    ]);
  });

  it('tells of growth, and of what was left out', () => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 4 });
    const log = new CallLog(() => memory.buffer.byteLength);
    log.note(
      'grow',
      [1],
      () => memory.grow(1),
      () => 'grown',
    );
    expect(account(traceOf([each('mark'), each('grow')]), log.calls, 2)).toEqual([
      '1  mark    left out: the subject does not promise it',
      '2  grow 1  grown; memory has 2 pages, 1 more',
    ]);
  });
});
