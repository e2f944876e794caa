/** Node only: a LuaModule from a file. Browsers fetch the bytes and call `LuaModule.instantiate`. */
import { readFile } from 'node:fs/promises';
import { LuaModule, type LuaModuleOptions } from './lua-module.ts';

/** Reads a module of wasm/dist/lua-*.wasm and makes a machine of it. Rejects as `readFile` does when it cannot be read. */
export async function openLuaModule(path: string | URL, options: LuaModuleOptions = {}): Promise<LuaModule> {
  return LuaModule.instantiate(await readFile(path), options);
}
