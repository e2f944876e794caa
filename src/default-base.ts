import { MemoryError } from './memory-error.ts';
import type { WasmMemory } from './wasm-memory.ts';

/** `base`; throws MemoryError where the module that owns the memory is known to have its own data or stack there. */
export function defaultBase(memory: WasmMemory, base: number): number {
  if (base >= memory.moduleEnd) return base;
  throw new MemoryError(
    `The default base ${base} lies in the module's own memory, which ends at ${memory.moduleEnd}: use hostAllocatorsAbove`,
    base,
  );
}
