/** Lua machines for the laws: fresh, with a fixed clock, and with what they print kept. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LuaError, LuaModule } from '../../fuzz/subjects/lua-implementation.ts';

/** The modules that hold a Lua machine; each law is tried on all of them. */
export const LUA_MODULE_NAMES = ['lua-bump', 'lua-bump-safe', 'lua-reclaiming', 'lua-reclaiming-safe'] as const;
/** Those whose pool is static and memory fixed. */
export const BUMP_MODULE_NAMES = ['lua-bump', 'lua-bump-safe'] as const;

export type LuaModuleName = (typeof LUA_MODULE_NAMES)[number];

export interface Machine {
  readonly lua: LuaModule;
  /** What the scripts have printed so far. */
  printed(): string;
}

const compiled = new Map<string, WebAssembly.Module>();

/** The module under wasm/dist, compiled once. */
export function compiledModule(name: string): WebAssembly.Module {
  const known = compiled.get(name);
  if (known !== undefined) return known;
  const module = new WebAssembly.Module(readFileSync(join(import.meta.dirname, `../../wasm/dist/${name}.wasm`)));
  compiled.set(name, module);
  return module;
}

export function newMachine(name: string): Machine {
  const decoder = new TextDecoder();
  let text = '';
  const write = (bytes: Uint8Array): void => {
    text += decoder.decode(bytes, { stream: true });
  };
  const lua = new LuaModule(compiledModule(name), { write, time: () => 0, clock: () => 0 });
  return { lua, printed: () => text };
}

/** Runs a script that may end in a Lua error, and says which kind; undefined when it ended well. Others are thrown. */
export function kindOfRun(lua: LuaModule, script: string): LuaError['kind'] | undefined {
  try {
    lua.run(script);
    return undefined;
  } catch (error) {
    if (error instanceof LuaError && error.kind !== 'state') return error.kind;
    throw error;
  }
}
