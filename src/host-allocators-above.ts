import { blockStart } from './alignment.ts';
import { HostBumpAllocator } from './host-bump-allocator.ts';
import { HostStackAllocator } from './host-stack-allocator.ts';
import { MemoryError } from './memory-error.ts';
import { MEMORY_LAYOUT } from './memory-layout.ts';
import { heapBaseOf } from './module-end.ts';
import { WasmMemory } from './wasm-memory.ts';

/** A heap and a stack for the host in a module's memory, and that memory. */
export interface HostAllocators {
  readonly memory: WasmMemory;
  readonly stack: HostStackAllocator;
  readonly heap: HostBumpAllocator;
}

/** What can be chosen about their place. */
export interface PlacementOptions {
  /** The memory, for a module that imports it; otherwise the one exported as `memory`. */
  readonly memory?: WebAssembly.Memory;
  /** Bytes of the stack, 1 to 2^32; STACK_SIZE unless given. */
  readonly stackSize?: number;
}

/** The alignment of wasm32's stack, and of the widest C type (max_align_t). */
const BASE_ALIGNMENT_BYTES = 16;

/**
 * A host stack and a host heap above everything that a module laid out for itself:
 *
 *     0                     __heap_base   16-aligned       + stackSize                memory.size()
 *        │ data, module's stack │ padding │ host stack        │ host heap                  │──▶ grows
 *
 * Memory grows, if it must, until the stack lies inside. Throws MemoryError when the module does not export
 * `__heap_base` or memory cannot grow so far.
 *
 * A module's own malloc takes its memory above `__heap_base` as well. In such a module do not use this: ask that malloc for a
 * block, and put a HostStackAllocator on it.
 */
export function hostAllocatorsAbove(exports: WebAssembly.Exports, options: PlacementOptions = {}): HostAllocators {
  const { stackSize = MEMORY_LAYOUT.STACK_SIZE } = options;
  const memory = WasmMemory.fromExports(exports, options.memory);
  const stackBase = blockStart(moduleHeapBase(exports), stackSize, BASE_ALIGNMENT_BYTES);
  const heapBase = stackBase + stackSize;
  growUpTo(memory, heapBase);
  return {
    memory,
    stack: new HostStackAllocator(memory, stackBase, stackSize),
    heap: new HostBumpAllocator(memory, heapBase),
  };
}

function moduleHeapBase(exports: WebAssembly.Exports): number {
  const base = heapBaseOf(exports);
  if (base !== undefined) return base;
  throw new MemoryError('The module does not export __heap_base: link it with --export=__heap_base');
}

function growUpTo(memory: WasmMemory, end: number): void {
  const missingBytes = end - memory.size();
  if (missingBytes > 0) memory.grow(Math.ceil(missingBytes / MEMORY_LAYOUT.PAGE_SIZE));
}
