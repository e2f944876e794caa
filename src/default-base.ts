import { MemoryError } from './memory-error.ts';
import type { WasmMemory } from './wasm-memory.ts';

/** `base`; throws MemoryError where the module that owns the memory is known to have its own data or stack there. */
export function defaultBase(memory: WasmMemory, base: number): number {
  // Another class with the methods of the contract has no `moduleEnd`, which is no reason to refuse.
  if (memory.moduleEnd > base) throw refusal(memory, base);
  return base;
}

function refusal({ moduleEnd }: WasmMemory, base: number): MemoryError {
  const place = `The default base ${base} lies in the module's own memory, which ends at ${moduleEnd}`;
  return new MemoryError(`${place}: use hostAllocatorsAbove`, base);
}
