import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ensureBuilt } from '../../wasm/build.ts';
import { moduleOptionsOf } from '../module-options.ts';
import { HostStackSubject } from '../subjects/host-stack.ts';
import { defaultSubjects, modulesBehind } from '../targets.ts';
import { UsageError } from '../usage-error.ts';
import { FakeSurroundings } from './fake-surroundings.ts';
import { processSurroundings } from './process-surroundings.ts';
import { run } from './run.ts';

const FAULTY = 'faults/lua-bump-growth-over-the-neighbour';

/** lua_alloc takes the tag of a new object for a size; malloc and its like are sound. */
const ONE_FAULTY_FACE = 'faults/lua-bump-tag-taken-for-a-size';

beforeAll(async () => {
  await ensureBuilt();
  await ensureBuilt([FAULTY, ONE_FAULTY_FACE]);
});

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'heaplaw-modules-'));
  return () => rmSync(directory, { recursive: true });
});

const module = (name: string): string => fileURLToPath(new URL(`../../wasm/dist/${name}.wasm`, import.meta.url));

async function heaplaw(...words: string[]) {
  const outside = new FakeSurroundings();
  const places = ['--state', join(directory, 'state'), '--artifact-prefix', join(directory, 'findings')];
  return { exitCode: await run([...words, ...places], outside), outside };
}

describe('a module from outside', () => {
  it('is introduced, profiled and fuzzed', async () => {
    const profile = join(directory, 'profile.json');
    const words = ['--runs', '8', '--seed', '1', '--max-ops', '30', '--save-profile', profile];
    const { exitCode, outside } = await heaplaw(module('zoo/bump'), ...words);
    expect(exitCode).toBe(0);
    expect(outside.complaints).toMatch(/^INFO: .*bump\.wasm: ABI \S+\nINFO: {3}/);
    expect(outside.complaints).toMatch(/\nINFO: profile \{"operations":\["malloc",/);
    expect(JSON.parse(readFileSync(profile, 'utf8'))).toMatchObject({ alignmentBytes: 16 });
    const pinned = await heaplaw(module('zoo/bump'), '--runs', '8', '--seed', '1', '--profile', profile);
    expect(pinned.exitCode).toBe(0);
  });

  it('is fuzzed through each of its faces, and a finding says through which', async () => {
    const { exitCode, outside } = await heaplaw(module(ONE_FAULTY_FACE), '--runs', '64', '--seed', '1');
    expect(exitCode).toBe(77);
    const [, replayed = ''] = /\n {2}replay {4}npm run fuzz -- (.*)\n/.exec(outside.output) ?? [];
    expect(outside.output).not.toMatch(/broken at .*\.wasm\n/);
    expect(replayed).toMatch(/\.wasm:lua_alloc .*\.trace$/);
    const again = await heaplaw(...replayed.split(' '));
    expect(again.exitCode).toBe(77);
    const elsewhere = await heaplaw(module(ONE_FAULTY_FACE), replayed.split(' ')[1] ?? '');
    expect(elsewhere.exitCode).toBe(0);
  });

  it('is fuzzed through one face where its profile is saved', async () => {
    const words = ['--runs', '1', '--seed', '1', '--save-profile', join(directory, 'profile.json')];
    const { outside } = await heaplaw(module('lua-bump'), ...words);
    expect(outside.complaints.match(/: ABI /g)).toHaveLength(1);
  });

  it('of which no face has the function named is told of those it has', async () => {
    const { exitCode, outside } = await heaplaw(`${module('lua-bump')}:lua_new`, '--runs', '1');
    expect(exitCode).toBe(1);
    expect(outside.complaints).toContain('no allocator has "lua_new"; there are malloc, lua_malloc, lua_alloc');
  });

  it('is named with its flags where a finding is run again', async () => {
    const words = ['--map', 'alloc=lua_alloc', '--abi', 'lua-alloc', '--runs', '64', '--seed', '1'];
    const { outside } = await heaplaw(module(ONE_FAULTY_FACE), ...words);
    const [, replayed = ''] = /\n {2}replay {4}npm run fuzz -- (.*)\n/.exec(outside.output) ?? [];
    expect(replayed).toContain(' --abi lua-alloc --map alloc=lua_alloc ');
    expect((await heaplaw(...replayed.split(' '))).exitCode).toBe(77);
  });

  it('that grows is told of in pages', async () => {
    const trace = join(directory, 'grows.trace');
    writeFileSync(trace, '# heaplaw trace 1 · subject free-list\n%0 = malloc 1000000\n');
    const { exitCode, outside } = await heaplaw(module('zoo/free-list'), trace);
    expect(exitCode).toBe(0);
    expect(outside.output).toMatch(/1 {2}%0 = malloc 1000000 {2}0x\w+\.\.0x\w+; memory has \d+ pages, 1\d more\n/);
  });

  it('is found out when every small trace is run', async () => {
    const { exitCode, outside } = await heaplaw('--exhaustive', '3', module(FAULTY));
    expect(exitCode).toBe(77);
    expect(outside.output).toMatch(/ traces of up to 3 operations over .*: a law broke, /);
    expect(outside.output).toMatch(/\n[a-z-]+: broken at step \d of \d by .*neighbour\.wasm\n/);
  });

  it('that has no allocator is one line that names it', async () => {
    const empty = join(directory, 'empty.wasm');
    writeFileSync(empty, Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
    const { exitCode, outside } = await heaplaw(empty, '--runs', '1');
    expect(exitCode).toBe(1);
    expect(outside.complaints).toMatch(/^heaplaw: [^\n]+\/empty\.wasm: no allocator among [^\n]+\n$/);
  });

  it('that is a directory is one line', async () => {
    const folder = join(directory, 'folder.wasm');
    mkdirSync(folder);
    const { exitCode, outside } = await heaplaw(folder);
    expect(exitCode).toBe(1);
    expect(outside.complaints).toMatch(
      /^heaplaw: no file [^\n]+\/folder\.wasm: expected a WebAssembly module[^\n]+\n$/,
    );
  });
});

describe('flags for modules', () => {
  it('become options', () => {
    const profile = join(directory, 'p.json');
    const pinned = { ...new HostStackSubject().profile };
    writeFileSync(profile, JSON.stringify(pinned));
    const flags = { abi: 'c', map: 'malloc=f,free=g', profile, memoryCap: '64M', alignment: 16, misuse: false };
    expect(moduleOptionsOf(flags)).toEqual({
      abi: 'c',
      map: { malloc: 'f', free: 'g' },
      profile: pinned,
      memoryCapBytes: 2 ** 26,
      alignmentBytes: 16,
    });
    expect(moduleOptionsOf({ misuse: false, memoryCap: '65536' })).toEqual({ memoryCapBytes: 65536 });
  });

  it.each([
    [{ map: 'malloc' }, /--map malloc: expected pairs such as malloc=f,free=g/],
    [{ map: 'malloc=' }, /expected pairs/],
    [{ memoryCap: '64T' }, /--memory-cap 64T: expected bytes such as 67108864 or 64M/],
    [{ profile: '/no/such.json' }, /--profile \/no\/such\.json: .*expected JSON as --save-profile writes it/],
  ])('that make no sense are one line: %j', (flags, message) => {
    expect(() => moduleOptionsOf({ misuse: false, ...flags })).toThrow(UsageError);
    expect(() => moduleOptionsOf({ misuse: false, ...flags })).toThrow(message);
  });
});

describe('the surroundings of a real process', () => {
  it('know the package and how it is called', async () => {
    const outside = processSurroundings();
    expect(outside.version).toMatch(/^\d+\.\d+\.\d+/);
    expect(outside.command).toBe('npm run fuzz --');
    expect(readFileSync(join(outside.packageDirectory, 'package.json'), 'utf8')).toContain('"heaplaw"');
    await outside.prepare(modulesBehind(defaultSubjects()));
    const crew = outside.startCrew(undefined, 1);
    expect(crew.size).toBeGreaterThan(0);
    await crew.close();
  });

  it('take the first signal as a request, and nothing once it is taken back', () => {
    let asked = 0;
    const before = process.listenerCount('SIGINT');
    const forget = processSurroundings().onInterrupt(() => asked++);
    process.listeners('SIGINT').at(-1)?.('SIGINT');
    expect([asked, process.listenerCount('SIGINT')]).toEqual([1, before + 1]);
    forget();
    expect(process.listenerCount('SIGINT')).toBe(before);
  });
});
