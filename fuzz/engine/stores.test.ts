import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { Random } from '../trace/random.ts';
import { type Trace, traceOf } from '../trace/trace.ts';
import type { Violation } from '../violation.ts';
import { attempt, StorageError, writeAtomically } from './atomic-file.ts';
import { readState, writeState } from './campaign-state.ts';
import { Corpus } from './corpus.ts';
import { nameOf, readTraces, saveTrace } from './corpus-store.ts';
import { type Finding, hangViolation } from './finding.ts';
import { FindingStore } from './finding-store.ts';
import { newTally } from './tally.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'heaplaw-stores-'));
  return () => rmSync(directory, { recursive: true });
});

const frees = (count: number): Trace =>
  traceOf(Array.from({ length: count }, (_, slot) => ({ kind: 'free' as const, operands: [slot] })));

const violation: Violation = {
  law: 'regions-never-overlap',
  step: 1,
  kind: 'free',
  request: 'free %0',
  answer: 'RuntimeError: two\n  lines',
  allowed: 'done',
  relation: 'none',
};

const finding = (count: number, more: Partial<Finding> = {}): Finding => ({
  trace: frees(count),
  violation,
  origin: { seed: 1, round: 2, lane: 3, run: 4 },
  minimal: false,
  ...more,
});

describe('files', () => {
  it('are there whole, with their directories, and nothing beside them', () => {
    const path = join(directory, 'a', 'b', 'file');
    writeAtomically(path, 'one');
    writeAtomically(path, 'two');
    expect(readFileSync(path, 'utf8')).toBe('two');
    expect(readdirSync(join(directory, 'a', 'b'))).toEqual(['file']);
  });

  it('leave nothing behind when they cannot be written', () => {
    mkdirSync(join(directory, 'taken', 'x'), { recursive: true });
    expect(() => writeAtomically(join(directory, 'taken'), 'text')).toThrow(StorageError);
    expect(readdirSync(directory)).toEqual(['taken']);
  });

  it.each([
    ['ENOSPC', 'cannot write p: the disk is full: free some room and start again, nothing written before is lost'],
    ['EACCES', 'cannot write p: permission denied: make it accessible, or choose another directory'],
    ['EWHAT', 'cannot write p: what happened'],
  ])('%s is one line that says what to do', (code, message) => {
    const fail = (): never => {
      throw Object.assign(new Error('what happened'), { code });
    };
    expect(() => attempt('write', 'p', fail)).toThrow(new StorageError(message));
  });

  it('explain what is no error of the file system, too', () => {
    const fail = (): never => {
      throw 'odd';
    };
    expect(() => attempt('read', 'p', fail)).toThrow('cannot read p: odd');
    expect(() =>
      attempt('read', 'p', () => {
        throw new Error('plain');
      }),
    ).toThrow('cannot read p: plain');
  });
});

describe('the state', () => {
  it('comes back as it was', () => {
    const path = join(directory, 'state.json');
    expect(readState(path)).toBeUndefined();
    const state = { seed: 1, round: 2, runs: 3, elapsedMs: 4, corpus: ['a'], ended: true };
    writeState(path, state);
    expect(readState(path)).toEqual(state);
  });

  it.each(['', 'null', '7', '{}', '{"seed":1,"round":2,"runs":3,"elapsedMs":4,"corpus":1,"ended":true}'])(
    'is not taken for one when it is %j',
    (text) => {
      const path = join(directory, 'state.json');
      writeFileSync(path, text);
      expect(() => readState(path)).toThrow(StorageError);
    },
  );
});

describe('traces on disk', () => {
  it('have one name, whatever their header says', () => {
    const path = saveTrace(directory, frees(2), { subject: 'a' });
    expect(saveTrace(directory, frees(2), { subject: 'b' })).toBe(path);
    expect(readFileSync(path, 'utf8')).toContain('subject a');
    expect(path).toBe(join(directory, `${nameOf(frees(2))}.trace`));
  });

  it('are read in the order of their names; what is broken is told, what is no trace is passed over', () => {
    saveTrace(directory, frees(1), {});
    saveTrace(directory, frees(2), {});
    writeFileSync(join(directory, 'x.trace'), 'nonsense');
    writeFileSync(join(directory, 'README'), '');
    mkdirSync(join(directory, 'y.trace'));
    const { traces, broken } = readTraces(directory);
    expect(traces.map(({ name }) => name)).toEqual([nameOf(frees(1)), nameOf(frees(2))].sort());
    expect(broken).toEqual([
      expect.stringContaining('x.trace:1: found "nonsense"'),
      expect.stringMatching(/^cannot read .*y\.trace: it is a directory, expected a file$/),
    ]);
    expect(readTraces(join(directory, 'none'))).toEqual({ traces: [], broken: [] });
  });
});

describe('findings on disk', () => {
  const store = (): FindingStore => new FindingStore({ directory, subject: 's', command: 'fuzz', versions: 'v' });

  it('are the smallest of their bucket', () => {
    const findings = store();
    expect(findings.save(finding(3))?.path).toBe(findings.pathOf(finding(3)));
    expect(findings.save(finding(4))).toBeUndefined();
    expect(findings.save(finding(2))).toBeDefined();
    expect(findings.all()).toHaveLength(1);
    expect(readdirSync(directory)).toHaveLength(1);
  });

  it('make room for what they were shrunk to', () => {
    const findings = store();
    const [large, small] = [finding(9), finding(1, { minimal: true })];
    findings.save(large);
    expect(findings.replace(large, small)?.finding).toBe(small);
    expect(findings.replace(small, small)?.finding).toBe(small);
    expect(findings.replace(finding(5), finding(4))).toBeUndefined();
    expect(readdirSync(directory)).toEqual([expect.stringMatching(/^regions-never-overlap-[0-9a-f]{12}\.trace$/)]);
  });

  it('keep the same file when shrinking changed nothing but what is known', () => {
    const findings = store();
    const raw = finding(2);
    findings.save(raw);
    const path = findings.replace(raw, finding(2, { minimal: true }))?.path ?? '';
    expect(readFileSync(path, 'utf8')).toContain('# size 2 operations, 1-minimal\n');
  });

  it('have comments of one line each, and say where they came from', () => {
    const text = readFileSync(store().save(finding(1))?.path ?? '', 'utf8');
    expect(text).toContain('# answer RuntimeError: two lines\n');
    expect(text).toContain('# origin round 2, lane 3, run 4\n');
    expect(text).toContain('# size 1 operation\n');
  });

  it('are kept apart when they are flaky', () => {
    const findings = store();
    findings.save(finding(1));
    const flaky = findings.save(
      finding(1, { flaky: 'every law held', origin: { seed: 1, round: 0, lane: 0, run: -1 } }),
    );
    expect(flaky?.path).toMatch(/flaky-regions-never-overlap-/);
    const text = readFileSync(flaky?.path ?? '', 'utf8');
    expect(text).toContain('# flaky every law held\n# origin corpus\n');
    expect(findings.all()).toHaveLength(2);
  });

  it('of other subjects are left alone', () => {
    store().save(finding(1));
    const other = new FindingStore({ directory, subject: 'other', command: 'fuzz', versions: 'v' });
    expect(other.earlier().traces).toEqual([]);
    expect(store().earlier().traces).toHaveLength(1);
    expect(existsSync(store().pathOf(finding(1)))).toBe(true);
  });
});

describe('a trace that did not end', () => {
  it('is told by its last operation', () => {
    expect(hangViolation(frees(2), 25)).toMatchObject({ law: 'operations-end', step: 2, request: 'free %1' });
    expect(hangViolation(frees(0), 25)).toMatchObject({ law: 'operations-end', step: 1, request: 'nothing yet' });
  });
});

describe('the corpus', () => {
  it('favours the smallest entry of each shape', () => {
    const corpus = new Corpus();
    corpus.learn([
      { trace: frees(3), shapes: [1, 2] },
      { trace: frees(1), shapes: [2] },
      { trace: frees(5), shapes: [1, 2] },
    ]);
    expect([corpus.size, corpus.favouredCount]).toEqual([3, 2]);
    const random = new Random(1);
    const picks = Array.from({ length: 400 }, () => corpus.pick(random).length);
    const often = (operations: number): number => picks.filter((length) => length === frees(operations).length).length;
    expect(often(1) + often(3)).toBeGreaterThan(2 * often(5));
  });

  it('forgets what was added for a lane', () => {
    const corpus = new Corpus();
    corpus.addForLane(frees(1));
    expect(corpus.pick(new Random(1))).toEqual(frees(1));
    expect(corpus.pickAny(new Random(1))).toEqual(frees(1));
    corpus.forgetLane();
    corpus.learn([]);
    expect(corpus.size).toBe(0);
    expect(() => corpus.pick(new Random(1))).toThrow(RangeError);
  });
});

it('a tally begins with nothing', () => {
  expect(newTally()).toMatchObject({ runs: 0, executions: 0, found: 0 });
});
