/**
 * Heaps that no module tells the beginning of: until 2020 the JavaScript of Emscripten knew how much of memory is data, and
 * wrote where the heap begins into a word of it.
 */
import { CannotInstantiate } from '../../wasm/imports.ts';
import type { WasmModule } from '../../wasm/module.ts';
import type { ProbeBlock } from './attempt.ts';

/** Emscripten puts data here (its GLOBAL_BASE), and a heap behind it. */
const LEAST_ADDRESS = 1024;
/** Holds the address of that word. */
const TOP = 'DYNAMICTOP_PTR';

/** Throws CannotInstantiate where `module` is such a module, or its first of `blocks` shows it. */
export function refuseLoaderHeap({ imports }: WasmModule, blocks: readonly ProbeBlock[]): void {
  const isImported = (name: RegExp) => imports.some((entry) => entry.module === 'env' && name.test(entry.name));
  const pointer = blocks[0]?.pointer ?? LEAST_ADDRESS;
  const isLow = pointer < LEAST_ADDRESS && isImported(/^emscripten_/);
  if (!isLow && !isImported(new RegExp(`^${TOP}$`))) return;
  const sign = isLow ? `its first block lies at 0x${pointer.toString(16)}` : `it imports env.${TOP}`;
  throw new CannotInstantiate(
    `its heap begins where JavaScript of Emscripten from before 2020 says (${sign}); build it with a newer one`,
  );
}
