/** The part of `src/index.ts` that the host subjects drive; the suite's own tests put faulty copies in its place. */
import { HostBumpAllocator, HostStackAllocator, MEMORY_LAYOUT, MemoryError, WasmMemory } from '../../src/index.ts';

export interface HostImplementation {
  readonly WasmMemory: typeof WasmMemory;
  readonly MemoryError: typeof MemoryError;
  readonly HostBumpAllocator: typeof HostBumpAllocator;
  readonly HostStackAllocator: typeof HostStackAllocator;
  readonly MEMORY_LAYOUT: typeof MEMORY_LAYOUT;
}

export const HOST_IMPLEMENTATION: HostImplementation = {
  WasmMemory,
  MemoryError,
  HostBumpAllocator,
  HostStackAllocator,
  MEMORY_LAYOUT,
};
