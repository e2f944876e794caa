/** The front door of the memory interface: whoever uses or judges `src/` imports it from here. */
export type { AllocationRecord } from './allocation-records.ts';
export { type HostAllocators, hostAllocatorsAbove, type PlacementOptions } from './host-allocators-above.ts';
export { type AllocationStats, HostBumpAllocator } from './host-bump-allocator.ts';
export { HostStackAllocator } from './host-stack-allocator.ts';
// The Lua module, the second system under verification.
export { LuaError, type LuaErrorKind } from './lua-error.ts';
export type { LuaHeap } from './lua-heap.ts';
export { LuaModule, type LuaModuleOptions, type LuaStatistics } from './lua-module.ts';
export type { LuaSink, LuaStream } from './lua-output.ts';
export type { LuaReference, LuaValue } from './lua-value.ts';
export { MemoryError } from './memory-error.ts';
export { MEMORY_LAYOUT } from './memory-layout.ts';
export { WasmMemory } from './wasm-memory.ts';
