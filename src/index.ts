/** The front door of the memory interface: whoever uses or judges `src/` imports it from here. */
export type { AllocationRecord } from './allocation-records.ts';
export { type HostAllocators, hostAllocatorsAbove, type PlacementOptions } from './host-allocators-above.ts';
export { type AllocationStats, HostBumpAllocator } from './host-bump-allocator.ts';
export { HostStackAllocator } from './host-stack-allocator.ts';
export { MemoryError } from './memory-error.ts';
export { MEMORY_LAYOUT } from './memory-layout.ts';
export { WasmMemory } from './wasm-memory.ts';
