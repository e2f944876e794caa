/**
 * Heaps that no module tells the beginning of: until 2020 the JavaScript of Emscripten knew how much of memory is data, and
 * wrote where the heap begins into a word of it.
 */
import { CannotInstantiate } from '../../wasm/imports.ts';
import type { Instance } from '../../wasm/instance.ts';
import type { WasmModule } from '../../wasm/module.ts';
import type { ProbeBlock } from './attempt.ts';

/** Emscripten puts data here (its GLOBAL_BASE), up to `__data_end` where that is exported, and a heap behind it. */
const LEAST_ADDRESS = 1024;
const SHORT_CHARACTERS = 3;
/** Holds the address of that word. */
const TOP = 'DYNAMICTOP_PTR';

/** Throws CannotInstantiate where the module of `instance` is such a one, or its first of `blocks` shows it. */
export function refuseLoaderHeap(instance: Instance, blocks: readonly ProbeBlock[]): void {
  const { imports } = instance.prepared.module;
  const names = imports.filter(({ module }) => module === 'env').map(({ name }) => name);
  const least = Math.max(LEAST_ADDRESS, instance.globalValue('__data_end') ?? 0);
  const pointer = blocks[0]?.pointer ?? least;
  const isLow = pointer < least && isOfEmscripten(imports);
  if (!isLow && !names.includes(TOP)) return;
  const sign = isLow ? `its first block lies at 0x${pointer.toString(16)}` : `it imports env.${TOP}`;
  throw new CannotInstantiate(
    `its heap begins where JavaScript of Emscripten from before 2020 says (${sign}); build it with a newer one`,
  );
}

/** By names that say so, or that were all shortened. */
function isOfEmscripten(imports: WasmModule['imports']): boolean {
  const isShort =
    imports.length > 0 &&
    imports.every(({ name, type }) => type.kind !== 'function' || name.length <= SHORT_CHARACTERS);
  return isShort || imports.some(({ module, name }) => module === 'env' && name.startsWith('emscripten_'));
}
