import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { ensureBuilt } from '../../wasm/build.ts';
import { CanarySubject } from '../subjects/canary.ts';
import { defineSubject } from './define-subject.ts';
import { type FuzzReport, fuzzModule } from './fuzz-module.ts';
import { replay } from './replay.ts';
import { TrialHeap } from './trial-heap.ts';

const zoo = (name: string) => readFileSync(new URL(`../../wasm/dist/zoo/${name}.wasm`, import.meta.url));
const canary = { name: 'canary', about: '', create: () => new CanarySubject() };

/** Everything but the time it took. */
const timeless = ({ figures: { elapsedSeconds: _, ...figures }, ...report }: FuzzReport) => ({ ...report, figures });

describe('a module', () => {
  it('is understood and stays silent when it is sound', () => {
    const report = fuzzModule(zoo('bump'), { runs: 64, maxOps: 100 });
    expect(report.findings).toEqual([]);
    expect(report).toMatchObject({ subject: 'module', seed: 1, profile: { alignmentBytes: 16 } });
    expect(report.module).toMatchObject({ abi: 'c', names: { malloc: 'malloc', free: 'free' } });
    expect(report.figures).toMatchObject({ runs: 64 });
  });

  it('gives its fault away with the smallest trace, the law, and what was asked and answered', () => {
    const { buffer, byteOffset, byteLength } = zoo('bump-free-null-traps');
    const bytes = buffer.slice(byteOffset, byteOffset + byteLength);
    const { findings } = fuzzModule(bytes as ArrayBuffer, { name: 'mine', runs: 64, maxOps: 100 });
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({
      law: 'operations-never-trap',
      claim: 'a valid operation returns: no trap and no foreign error is thrown',
      step: 1,
      request: 'free %0',
      operations: 1,
      minimal: true,
      trace: '# heaplaw trace 1 · subject mine · law operations-never-trap · step 1 · seed 1\nfree %0\n',
    });
    expect(findings[0]?.text).toMatch(
      /^operations-never-trap: broken at step 1 of 1 by mine\n(.+\n)+\n# heaplaw trace 1 .*\nfree %0\n$/,
    );
  });

  it('is held to a profile that is given', () => {
    const { profile } = fuzzModule(zoo('bump'), { runs: 0 });
    const report = fuzzModule(zoo('bump'), { runs: 64, profile: { ...profile, alignmentBytes: 32 } });
    expect(report.findings.map(({ law }) => law)).toContain('pointers-are-aligned');
    expect(report.module?.notes).toEqual([]);
  });
});

describe('a module with several faces', () => {
  const lua = (name: string) => readFileSync(new URL(`../../wasm/dist/${name}.wasm`, import.meta.url));
  beforeAll(() => ensureBuilt(['faults/lua-bump-tag-taken-for-a-size']), 120_000);

  it('is fuzzed through each; a pool with counters and a reset stays silent', () => {
    const { findings, figures, module } = fuzzModule(lua('lua-bump'), { runs: 96 });
    expect([findings, module?.otherFaces, figures.runs]).toEqual([[], ['lua_malloc', 'lua_alloc'], 3 * 96]);
  });

  it('is fuzzed through one where that is said', () => {
    const { figures, module } = fuzzModule(lua('lua-bump'), { runs: 64, face: 'lua_alloc' });
    expect([module?.abi, module?.otherFaces, figures.runs]).toEqual(['lua-alloc', [], 64]);
  });

  it('gives away the fault of one, and a replay goes through that', () => {
    const bytes = lua('faults/lua-bump-tag-taken-for-a-size');
    const { findings } = fuzzModule(bytes, { runs: 64, endOnFinding: true });
    const subjects = findings.map(({ text }) => /broken at .* by (.*)\n/.exec(text)?.[1]);
    expect(new Set(subjects)).toEqual(new Set(['module:lua_alloc']));
    const [finding] = findings;
    expect(replay(finding?.trace ?? '', bytes)).toMatchObject({ law: finding?.law });
    expect(replay(finding?.trace ?? '', bytes, { face: 'malloc' })).toBeUndefined();
    // A name of one's own may have a colon, too.
    expect(replay('# heaplaw trace 1 · subject mine:v2\n%0 = malloc 1\n', bytes)).toBeUndefined();
  });
});

describe('the seed', () => {
  it('says what is drawn and found', () => {
    const once = fuzzModule(canary, { seed: 7, runs: 200 });
    expect(timeless(fuzzModule(canary, { seed: 7, runs: 200 }))).toEqual(timeless(once));
    expect(fuzzModule(canary, { seed: 8, runs: 200 }).figures.operations).not.toBe(once.figures.operations);
  });
});

describe('a search', () => {
  it('finds the canary from nothing and shrinks it to the least there is', () => {
    const { findings, figures } = fuzzModule(canary, { runs: 640 });
    expect(findings).toMatchObject([{ law: 'regions-never-overlap', operations: 65, step: 65, minimal: true }]);
    expect(figures.executions).toBeGreaterThan(figures.runs);
    expect(figures.corpus).toBeGreaterThan(0);
    expect(figures.shapes).toBeGreaterThanOrEqual(figures.corpus);
  });

  it('ends at the first finding when it is asked to', () => {
    const { findings, figures } = fuzzModule(canary, { runs: 6400, endOnFinding: true });
    expect(findings).toHaveLength(1);
    expect(figures.runs).toBeLessThan(6400);
  });

  it('draws nothing when its time is over', () => {
    expect(fuzzModule(canary, { maxSeconds: Number.MIN_VALUE }).figures.runs).toBe(0);
  });

  it('runs starters first, and shrinks one that breaks a law', () => {
    const drawn = fuzzModule(canary, { runs: 640 }).findings[0]?.trace ?? '';
    const starters = ['# heaplaw trace 1\n%0 = malloc 8\nfree %0\n', `${drawn}%200 = malloc 48\n`];
    const { findings, figures } = fuzzModule(canary, { runs: 0, starters });
    expect(findings).toMatchObject([{ law: 'regions-never-overlap', operations: 65, minimal: true }]);
    expect(figures).toMatchObject({ runs: 0, corpus: 1 });
  });

  it('labels what does not come again', () => {
    let calls = 0;
    const moody = defineSubject({
      name: 'moody',
      promises: { alignmentBytes: 8 },
      create: () => {
        const heap = new TrialHeap();
        const malloc = (size: number) => heap.malloc(size % 1024) + (++calls === 600 ? 4 : 0);
        return { memory: heap.memory, malloc, restart: () => heap.restart() };
      },
    });
    const { findings } = fuzzModule(moody, { runs: 64 });
    const flaky = findings.filter((finding) => finding.flaky !== undefined);
    expect(flaky).toHaveLength(1);
    expect(flaky[0]?.text).toContain('(flaky)');
  });
});

describe('what cannot be fuzzed is said in a line', () => {
  it.each([
    [{ seed: -1 }, 'seed is -1, expected a whole number from 0 to 4294967295'],
    [{ seed: 2 ** 32 }, 'seed is 4294967296, expected a whole number from 0 to 4294967295'],
    [{ runs: 1.5 }, 'runs is 1.5, expected a whole number from 0 to 9007199254740991'],
    [{ maxOps: 0 }, 'maxOps is 0, expected a whole number from 1 to 65536'],
    [{ maxSeconds: 0 }, 'maxSeconds is 0, expected a number of seconds above 0'],
    [{ maxSeconds: Number.NaN }, 'maxSeconds is NaN, expected a number of seconds above 0'],
    [{ starters: ['malloc 8'] }, 'starters[0]:1: found "malloc 8", expected a first line'],
  ])('%j', (options, message) => {
    expect(() => fuzzModule(canary, options)).toThrow(message);
  });

  it('a path, a module, nothing', () => {
    const fuzzAny = fuzzModule as (source: unknown) => FuzzReport;
    expect(() => fuzzAny('my.wasm')).toThrow('found the text "my.wasm"; read the file first, as with readFileSync');
    expect(() => fuzzAny(undefined)).toThrow('found [object Undefined], expected the bytes of a .wasm file');
    expect(() => fuzzAny(new WebAssembly.Module(zoo('bump')))).toThrow('found [object WebAssembly.Module]');
    expect(() => fuzzModule(new Uint8Array(8))).toThrow(expect.objectContaining({ name: 'MalformedModule' }));
  });
});
