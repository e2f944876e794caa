/** The house rules as tests: which way imports go, no file that nothing uses, tables that match their folders. */
import { describe, expect, it } from 'vitest';
import { LAW_IDS } from '../../fuzz/laws.ts';
import { HOST_BUMP_LAWS } from '../host-bump/laws.ts';
import { HOST_STACK_LAWS } from '../host-stack/laws.ts';
import { namesIn, type SourceFile, sourceFiles, textOf } from './source-files.ts';

/** What the files of a folder may import of the project; the first folder that matches a file decides. */
const ARROWS: readonly { readonly folder: string; readonly may: readonly string[] }[] = [
  { folder: 'src/', may: ['src/'] },
  {
    folder: 'fuzz/subjects/lua-implementation.ts',
    may: ['src/index.ts', 'src/host-allocators-above.ts', 'src/lua-error.ts', 'src/lua-module.ts'],
  },
  { folder: 'fuzz/model/', may: ['fuzz/model/', 'fuzz/trace/'] },
  { folder: 'fuzz/trace/', may: ['fuzz/trace/', 'fuzz/model/', 'fuzz/laws.ts', 'fuzz/violation.ts'] },
  { folder: 'fuzz/wasm/', may: ['fuzz/wasm/'] },
  {
    folder: 'fuzz/subjects/',
    may: ['fuzz/subjects/', 'fuzz/wasm/', 'fuzz/model/', 'fuzz/trace/', 'src/index.ts', 'wasm/allocators/'],
  },
  {
    folder: 'fuzz/engine/',
    may: ['fuzz/engine/', 'fuzz/trace/', 'fuzz/model/', 'fuzz/laws.ts', 'fuzz/lockstep.ts', 'fuzz/violation.ts'],
  },
  {
    folder: 'fuzz/lockstep',
    may: [
      'fuzz/lockstep/',
      'fuzz/model/',
      'fuzz/trace/',
      'fuzz/laws.ts',
      'fuzz/subjects/subject.ts',
      'fuzz/violation.ts',
    ],
  },
  { folder: 'fuzz/', may: ['fuzz/', 'src/index.ts', 'wasm/'] },
  { folder: 'wasm/', may: ['wasm/', 'fuzz/laws.ts', 'fuzz/model/profile.ts', 'fuzz/subjects/subject.ts'] },
  { folder: 'properties/', may: ['properties/', 'corpus/', 'fuzz/', 'src/index.ts', 'wasm/'] },
  {
    folder: '',
    may: ['bench/', 'corpus/', 'examples/', 'tools/', 'fuzz/', 'properties/meta/', 'src/index.ts', 'src/lua-', 'wasm/'],
  },
];

/**
 * Files that something other than an import begins with: a command, a configuration, vitest itself. In `src/`, where the
 * coverage gate finds what nothing uses, a copy may lie beside `index.ts` or another implementation in its place.
 */
const ENTRANCE = /\.(test|property)\.ts$|^(fuzz|bench|wasm|tools|examples)\/[^/]*\.ts$|\/main\.ts$|^src\//;

const FILES = sourceFiles();

/** Tests may look at whatever their own folder's code is tried with. */
const isTest = ({ path }: SourceFile): boolean => path.endsWith('.test.ts');

describe('imports go one way', () => {
  it('every import of every file follows an arrow of design.md', () => {
    const strays = FILES.filter((file) => !isTest(file)).flatMap(straysOf);
    expect(strays).toEqual([]);
  });
});

function straysOf({ path, imports }: SourceFile): string[] {
  const may = ARROWS.find(({ folder }) => path.startsWith(folder))?.may ?? [];
  const strays = imports.filter((target) => !may.some((allowed) => target.startsWith(allowed)));
  return strays.map((target) => `${path} imports ${target}, may import ${may.join(', ')} only`);
}

describe('no orphans', () => {
  it('every file is an entrance or is imported', () => {
    const imported = new Set(FILES.flatMap(({ imports }) => imports));
    const named = textOf('vitest.config.ts') + textOf('package.json');
    const orphans = FILES.map(({ path }) => path).filter(
      (path) => !imported.has(path) && !ENTRANCE.test(path) && !named.includes(path),
    );
    expect(orphans, 'delete them or use them').toEqual([]);
  });
});

describe('tables match folders', () => {
  it.each([
    { folder: 'properties/host-bump', table: HOST_BUMP_LAWS },
    { folder: 'properties/host-stack', table: HOST_STACK_LAWS },
  ])('$folder', ({ folder, table }) => {
    const suffix = '.property.ts';
    const files = namesIn(folder).filter((name) => name.endsWith(suffix));
    const stated = table.map(({ id }) => id).filter((id) => id !== 'default-regions-are-disjoint');
    expect(stated.sort()).toEqual(files.map((name) => name.slice(0, -suffix.length)).sort());
  });

  it('every law the lockstep can name has an id in the table of laws', () => {
    const judging = FILES.filter(({ path }) => /^fuzz\/(memory-)?lockstep(\.ts|\/)/.test(path));
    const text = judging.map(({ path }) => textOf(path)).join('');
    const named = [...text.matchAll(/'([a-z]+(?:-[a-z0-9]+)+)'/g)].map(([, id]) => id ?? '');
    const laws: readonly string[] = LAW_IDS;
    const unnamed = laws.filter((id) => !named.includes(id) && id !== 'same-trace-same-answers');
    expect(unnamed, 'laws that nothing judges').toEqual([]);
  });
});
