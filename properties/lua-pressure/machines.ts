/** The Lua modules under pressure, ready to be tapped, each prepared once. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TappableModule, tappable } from '../../fuzz/lua/tapped-lua.ts';

/** The reclaiming one with its checks, so that `heap_check` has a say. */
export const TAPPED_MODULE_NAMES = ['lua-bump', 'lua-reclaiming-safe'] as const;

const prepared = new Map<string, TappableModule>();

/** The module `wasm/dist/<name>.wasm`. */
export function tappableModule(name: string): TappableModule {
  const known = prepared.get(name);
  if (known !== undefined) return known;
  const module = tappable(readFileSync(join(import.meta.dirname, `../../wasm/dist/${name}.wasm`)));
  prepared.set(name, module);
  return module;
}
