/** Runs a script on fengari, an independent Lua 5.3 in JavaScript, and gives back what it printed. */
import { createRequire } from 'node:module';

/** As much of fengari's C-like interface as is used; it ships no types. */
interface Fengari {
  readonly lua: {
    readonly LUA_OK: number;
    lua_pushcfunction(state: unknown, body: (state: unknown) => number): void;
    lua_setglobal(state: unknown, name: Uint8Array): void;
    lua_getglobal(state: unknown, name: Uint8Array): number;
    lua_setfield(state: unknown, index: number, name: Uint8Array): void;
    lua_gettop(state: unknown): number;
    lua_pcall(state: unknown, count: number, results: number, handler: number): number;
    lua_tojsstring(state: unknown, index: number): string;
    lua_tostring(state: unknown, index: number): Uint8Array;
    lua_pop(state: unknown, count: number): void;
  };
  readonly lauxlib: {
    luaL_newstate(): unknown;
    luaL_loadbuffer(state: unknown, text: Uint8Array, size: number | null, name: Uint8Array): number;
    luaL_tolstring(state: unknown, index: number): Uint8Array;
  };
  readonly lualib: { luaL_openlibs(state: unknown): void };
  to_luastring(text: string): Uint8Array;
}

const fengari: Fengari = createRequire(import.meta.url)('fengari');

export function fengariOutput(script: string, name: string): string {
  const { lua, lauxlib, lualib, to_luastring: bytes } = fengari;
  const state = lauxlib.luaL_newstate();
  const printed: Uint8Array[] = [];
  lualib.luaL_openlibs(state);
  const write = (separator: string, end: string) => (inner: unknown) => {
    for (let index = 1; index <= lua.lua_gettop(inner); index += 1) {
      if (index > 1) printed.push(bytes(separator));
      printed.push(lauxlib.luaL_tolstring(inner, index).slice());
      lua.lua_pop(inner, 1);
    }
    printed.push(bytes(end));
    return 0;
  };
  lua.lua_pushcfunction(state, write('\t', '\n'));
  lua.lua_setglobal(state, bytes('print'));
  lua.lua_getglobal(state, bytes('io'));
  lua.lua_pushcfunction(state, write('', ''));
  lua.lua_setfield(state, -2, bytes('write'));
  const loaded = lauxlib.luaL_loadbuffer(state, bytes(script), null, bytes(`@${name}`));
  if (loaded !== lua.LUA_OK || lua.lua_pcall(state, 0, 0, 0) !== lua.LUA_OK) {
    throw new Error(`fengari: ${lua.lua_tojsstring(state, -1)}`);
  }
  return Buffer.concat(printed).toString('utf8');
}
