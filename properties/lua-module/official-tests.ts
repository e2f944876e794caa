/**
 * The official tests of Lua 5.3 that need no operating system, as they come with fengari, which runs them section by
 * section. fengari renamed what is C in PUC-Rio's messages; here it has its name back.
 */
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';

export interface OfficialTest {
  /** As in PUC-Rio's distribution, `errors.lua`. */
  readonly file: string;
  /** What the section is about. */
  readonly section: string;
  readonly source: Uint8Array;
}

type Library = Record<string, unknown>;

const require = createRequire(import.meta.url);
const PACKAGE = dirname(require.resolve('fengari/package.json'));
const SUITE = join(PACKAGE, 'test/test-suite');

/** PUC-Rio's library for tests of the C interface, which is compiled in only when Lua itself is being developed. */
const NEEDS_TEST_LIBRARY = /\bT\.|require ?.T\b/;

/** Sections that are about fengari itself. */
const OF_FENGARI: ReadonlySet<string> = new Set([
  'attrib: testing require', // package.jspath
  'math: testing order (floats can represent all integers)', // integers of 32 bits
]);

const RENAMED: readonly (readonly [string, string])[] = [
  ['"J"', '"C"'],
  ['[JS', '[C'],
  ['JS%]', 'C%]'],
  ['JS levels', 'C levels'],
  ['JS stack', 'C stack'],
];

/** Every section that says something of a Lua without an operating system. */
export function officialTests(): OfficialTest[] {
  return sections().filter(
    ({ section, source }) => !OF_FENGARI.has(section) && !NEEDS_TEST_LIBRARY.test(Buffer.from(source).toString()),
  );
}

/** Has every test file hand over the program that it would load, in place of running it. */
function sections(): OfficialTest[] {
  const found: OfficialTest[] = [];
  let [file, title] = ['', ''];
  const handOver = (_state: unknown, source: Uint8Array): never => {
    found.push({ file, section: title.replace('[test-suite] ', ''), source: withNamesBack(source) });
    throw new HandedOver();
  };
  const test = (name: string, body: () => void): void => {
    title = name;
    untilHandedOver(body);
  };
  withoutMachine(handOver, Object.assign(test, { skip: test }), () => {
    for (const name of readdirSync(SUITE).filter((each) => each.endsWith('.test.js'))) {
      file = `${basename(name, '.test.js')}.lua`;
      require(join(SUITE, name));
    }
  });
  return found;
}

class HandedOver extends Error {}

/** A test that talks to the machine before it loads a program is one of fengari's interface to JavaScript. */
function untilHandedOver(body: () => void): void {
  try {
    body();
  } catch (error) {
    if (!(error instanceof HandedOver || error instanceof TypeError)) throw error;
  }
}

/** Runs `body` while fengari's interface does nothing but load, and `test` is what test files call. */
function withoutMachine(load: unknown, test: unknown, body: () => void): void {
  const libraries = ['lua', 'lauxlib', 'lualib'].map((name) => require(join(PACKAGE, `src/${name}.js`)) as Library);
  const before = libraries.map((library) => ({ ...library }));
  const host = globalThis as { test?: unknown; expect?: unknown };
  const { test: ofHost, expect: expectOfHost } = host;
  try {
    for (const library of libraries) silence(library);
    Object.assign(libraries[1] ?? {}, { luaL_newstate: () => ({}), luaL_loadstring: load, luaL_loadbuffer: load });
    Object.assign(host, { test, expect: () => ({}) });
    body();
  } finally {
    for (const [index, library] of libraries.entries()) Object.assign(library, before[index]);
    Object.assign(host, { test: ofHost, expect: expectOfHost });
  }
}

function silence(library: Library): void {
  for (const [name, value] of Object.entries(library)) if (typeof value === 'function') library[name] = () => 0;
}

/** The programs hold bytes that are no UTF-8. */
function withNamesBack(source: Uint8Array): Uint8Array {
  const text = RENAMED.reduce((sum, [from, to]) => sum.replaceAll(from, to), Buffer.from(source).toString('latin1'));
  return Buffer.from(text, 'latin1');
}
