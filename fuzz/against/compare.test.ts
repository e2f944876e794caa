import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ZOO_DIRECTORY } from '../../wasm/zoo/modules.ts';
import { FakeSurroundings } from '../command/fake-surroundings.ts';
import { run } from '../command/run.ts';
import { comparisonText } from '../report/comparison-text.ts';
import { SUBJECTS } from '../subjects/index.ts';
import type { SubjectDefinition } from '../subjects/subject.ts';
import { subjectFromModule } from '../subjects/wasm-module.ts';
import { formatOperation } from '../trace/text.ts';
import { operationsOf } from '../trace/trace.ts';
import { type Comparison, compare } from './compare.ts';

/** A definition is probed once. */
const modules = new Map<string, SubjectDefinition>();

function module(file: string): SubjectDefinition {
  const known = modules.get(file);
  if (known !== undefined) return known;
  const opened = subjectFromModule(readFileSync(join(ZOO_DIRECTORY, `${file}.wasm`)), { name: file });
  modules.set(file, opened);
  return opened;
}

const OPTIONS = { seed: 3, runs: 150, maximumOperations: 100 };

const kinds = ({ disagreements }: Comparison) => disagreements.map(({ kind }) => kind);

const subject = (name: string): SubjectDefinition => {
  const found = SUBJECTS.find((definition) => definition.name === name);
  if (found === undefined) throw new Error(`no subject ${name}`);
  return found;
};

describe('an allocator against itself', () => {
  it('agrees in everything and needs as much', () => {
    const { promises, disagreements, standings } = compare(module('free-list'), module('free-list'), OPTIONS);
    expect(promises).toEqual([]);
    expect(disagreements).toEqual([]);
    const [one, other] = standings.map(({ elapsedMs: _, ...standing }) => standing);
    expect(one).toEqual(other);
    expect(one?.footprintByPeak).toBeGreaterThanOrEqual(1);
    expect(one?.operations).toBeGreaterThan(OPTIONS.runs);
  });
});

describe('a release with one fault against the one before', () => {
  it.each([
    ['bump-wrap-near-4g', 'malloc of more than there is: NULL against granted'],
    ['bump-calloc-product-wraps', 'calloc of more than there is: NULL against granted'],
    ['bump-refuses-when-mostly-empty', 'malloc with much room: granted against NULL'],
    ['free-list-zero-malloc-alternates', 'malloc of nothing: granted against NULL'],
  ])('%s', (faulty, kind) => {
    const sound = faulty.startsWith('bump') ? 'bump' : 'free-list';
    expect(kinds(compare(module(sound), module(faulty), OPTIONS))).toContain(kind);
  });

  it('shows the smallest trace that it can', () => {
    const { disagreements } = compare(module('bump'), module('bump-wrap-near-4g'), OPTIONS);
    const found = disagreements.find(({ kind }) => kind.startsWith('malloc of more'));
    expect(operationsOf(found?.trace ?? new Uint32Array(0)).map(formatOperation)).toEqual([found?.request]);
  });
});

describe('two sound allocators of different kinds', () => {
  it('differ in the promises that they make, and in the answers that follow from these', () => {
    const compared = compare(module('free-list'), module('buddy'), OPTIONS);
    expect(compared.promises).toContain('zeroMalloc: block against null');
    expect(kinds(compared).every((kind) => kind.includes('of nothing'))).toBe(true);
    expect(kinds(compared)).toContain('malloc of nothing: granted against NULL');
  });

  it('are not blamed for having less room, or for reclaiming nothing', () => {
    expect(compare(subject('reclaiming'), subject('lua-bump'), OPTIONS).disagreements).toEqual([]);
  });

  it('answer the same with the same seed', () => {
    const once = compare(module('segregated'), module('buddy'), OPTIONS).disagreements;
    expect(compare(module('segregated'), module('buddy'), OPTIONS).disagreements).toEqual(once);
  });
});

describe('--against', () => {
  it('prints promises, disagreements and a league table', async () => {
    const outside = new FakeSurroundings();
    expect(await run(['reclaiming', '--against', 'lua-bump', '--runs', '50'], outside)).toBe(0);
    expect(outside.output).toMatch(/^reclaiming against lua-bump, 50 traces\n/);
    for (const word of ['promises that differ', 'reclaims: true against false', 'footprint/peak', 'operations/s']) {
      expect(outside.output).toContain(word);
    }
  });

  it('prints data where it is asked for', async () => {
    const outside = new FakeSurroundings();
    expect(await run(['lua-bump', '--against', 'lua-bump-c', '--runs', '20', '--json'], outside)).toBe(0);
    expect(JSON.parse(outside.output)).toMatchObject({ traces: 20, disagreements: [] });
  });

  it.each([
    [['--against', 'reclaiming'], 'found 0 subjects before it'],
    [['lua-bump', '--against', 'nothing-of-that-name'], "expected a subject's name or a .wasm file"],
    [['wasm-memory', '--against', 'lua-bump'], 'is no allocator'],
  ])('%j is refused', async (words, message) => {
    const outside = new FakeSurroundings();
    expect(await run(words, outside)).toBe(1);
    expect(outside.complaints).toContain(message);
  });

  it('shows a disagreement with its trace', () => {
    const text = comparisonText(compare(module('bump'), module('bump-wrap-near-4g'), OPTIONS));
    expect(text).toMatch(/malloc of more than there is: NULL against granted \(\d+ traces\)\n.* gave NULL and granted/);
  });
});
