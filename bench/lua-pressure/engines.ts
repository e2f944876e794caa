/** The Lua machines that are compared under pressure, behind one interface. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { LuaFactory } from 'wasmoon';
import { LuaModule } from '../../src/index.ts';
import { ensureBuilt } from '../../wasm/build.ts';

export interface Engine {
  readonly name: string;
  /** Makes a state without anything of the runs before, where what is dead is never given back; else does nothing. */
  renew(): void;
  /** Runs a chunk; what it returns first, as a number. Throws when it ends in an error. */
  run(script: string): number;
  /** Linear memory now, in bytes; undefined for an engine that has none. */
  memoryBytes(): number | undefined;
}

await ensureBuilt(['lua-bump', 'lua-reclaiming']);

/** Fresh engines, those of this project first. */
export async function freshEngines(): Promise<Engine[]> {
  return [await ours('lua-bump'), await ours('lua-reclaiming'), await wasmoon(), fengari()];
}

async function ours(name: 'lua-bump' | 'lua-reclaiming'): Promise<Engine> {
  const lua = await LuaModule.instantiate(await readFile(new URL(`../../wasm/dist/${name}.wasm`, import.meta.url)));
  lua.init();
  const renew = (): void => {
    lua.reset();
    lua.init();
  };
  return {
    name,
    renew: name === 'lua-bump' ? renew : () => {},
    run: (script) => Number(lua.run(script)[0]),
    memoryBytes: () => lua.memory.size(),
  };
}

async function wasmoon(): Promise<Engine> {
  const factory = new LuaFactory();
  const engine = await factory.createEngine();
  const { module } = await factory.getLuaModule();
  return {
    name: 'wasmoon 5.4',
    renew: () => {},
    run: (script) => Number(engine.doStringSync(script)),
    memoryBytes: () => module.HEAPU8.buffer.byteLength,
  };
}

/** As much of fengari as is used; it ships no types. */
interface Fengari {
  readonly lauxlib: {
    luaL_newstate(): unknown;
    luaL_loadstring(state: unknown, text: Uint8Array): number;
  };
  readonly lua: {
    lua_pcall(state: unknown, count: number, results: number, handler: number): number;
    lua_tonumber(state: unknown, index: number): number;
    lua_settop(state: unknown, index: number): void;
  };
  readonly lualib: { luaL_openlibs(state: unknown): void };
  to_luastring(text: string): Uint8Array;
}

function fengari(): Engine {
  const { lauxlib, lua, lualib, to_luastring: bytes }: Fengari = createRequire(import.meta.url)('fengari');
  const state = lauxlib.luaL_newstate();
  lualib.luaL_openlibs(state);
  const run = (script: string): number => {
    lua.lua_settop(state, 0);
    const status = lauxlib.luaL_loadstring(state, bytes(script)) || lua.lua_pcall(state, 0, 1, 0);
    if (status !== 0) throw new Error(`fengari: status ${status}`);
    return lua.lua_tonumber(state, -1);
  };
  return { name: 'fengari', renew: () => {}, run, memoryBytes: () => undefined };
}
