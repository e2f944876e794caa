/**
 * The corpus scripts on our module, on wasmoon (PUC-Rio Lua 5.4, Emscripten) and on fengari (Lua 5.3 in JavaScript), with the
 * bytes of our pool that each takes. Printing is switched off alike in all three; making the state is not timed.
 */
import { createRequire } from 'node:module';
import { LuaFactory } from 'wasmoon';
import { LUA_SCRIPTS, type LuaScript } from '../../corpus/lua-bump/scripts.ts';
import { LuaModule } from '../../src/index.ts';
import { openLuaModule } from '../../src/lua-module-file.ts';
import { ensureBuilt } from '../../wasm/build.ts';
import type { Bench, BenchResult, Row } from '../bench.ts';
import type { Timing } from '../interleave.ts';

await ensureBuilt(['lua-bump']);
const ours = await openLuaModule(new URL('../../wasm/dist/lua-bump.wasm', import.meta.url));
const factory = new LuaFactory();
/** A warm engine a script: wasmoon makes one only asynchronously. */
const engines = new Map<string, Awaited<ReturnType<LuaFactory['createEngine']>>>();
const SCRIPTS = LUA_SCRIPTS.filter((script) => script.runsOnFengari);
for (const { name } of SCRIPTS) engines.set(name, await factory.createEngine());

/** As much of fengari as is used; it ships no types. */
interface Fengari {
  readonly lauxlib: {
    luaL_newstate(): unknown;
    luaL_loadstring(state: unknown, text: Uint8Array): number;
  };
  readonly lua: { lua_pcall(state: unknown, count: number, results: number, handler: number): number };
  readonly lualib: { luaL_openlibs(state: unknown): void };
  to_luastring(text: string): Uint8Array;
}
const fengari: Fengari = createRequire(import.meta.url)('fengari');

/** Odd, so that the median is one that was measured. */
const ROUNDS = 9;
const WARM_UP_ROUNDS = 3;

const SILENT = 'local print, io = function() end, { write = function() end }; ';

interface Peer {
  readonly name: string;
  /** Makes ready, untimed, and gives what is timed. */
  prepare(script: LuaScript): () => unknown;
}

const PEERS: readonly Peer[] = [
  { name: 'lua-bump', prepare: prepareOurs },
  {
    name: 'wasmoon 5.4',
    prepare:
      ({ name, text }) =>
      () =>
        engines.get(name)?.doStringSync(SILENT + text),
  },
  { name: 'fengari', prepare: prepareFengari },
];

function prepareOurs({ text }: LuaScript): () => unknown {
  ours.reset();
  ours.init();
  return () => ours.run(SILENT + text);
}

function prepareFengari({ text }: LuaScript): () => unknown {
  const state = fengari.lauxlib.luaL_newstate();
  fengari.lualib.luaL_openlibs(state);
  return () => {
    fengari.lauxlib.luaL_loadstring(state, fengari.to_luastring(SILENT + text));
    return fengari.lua.lua_pcall(state, 0, 0, 0);
  };
}

function timeOnce(peer: Peer, script: LuaScript): number {
  const run = peer.prepare(script);
  const startedAt = performance.now();
  run();
  return (performance.now() - startedAt) * 1e6;
}

/** Every peer once a round, in turn, so that a busy machine is busy for all of them. */
function timed(script: LuaScript): Timing[] {
  const timings = PEERS.map(({ name }) => ({ name, roundsNs: [] as number[] }));
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round += 1) {
    PEERS.forEach((peer, index) => {
      const elapsedNs = timeOnce(peer, script);
      if (round >= 0) timings[index]?.roundsNs.push(elapsedNs);
    });
  }
  return timings;
}

function bytesOf(script: LuaScript): number {
  const run = prepareOurs(script);
  const before = ours.stats().usedBytes;
  run();
  return ours.stats().usedBytes - before;
}

const rowOf = (script: LuaScript): Row => ({
  work: `${script.name}, ${bytesOf(script)} bytes`,
  timings: timed(script),
});

function run(): BenchResult[] {
  ours.reset();
  ours.init();
  const title = `Lua scripts; init takes ${ours.stats().usedBytes} bytes of the pool`;
  return [{ title, rows: SCRIPTS.map(rowOf), targets: [] }];
}

export const luaBench: Bench = { about: `Lua scripts on ${LuaModule.name} and its peers`, run };
