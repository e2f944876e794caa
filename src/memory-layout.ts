/**
 * How a default heap and a default stack share one linear memory:
 *
 *     0x00000              0x08000              0x10000                          memory.size()
 *        │  null guard        │  host stack        │  host heap                        │
 *        │  never handed out  │  STACK_SIZE bytes  │  every byte from here to the end  │──▶ grows by PAGE_SIZE
 *        └────────────────────┴────────────────────┴───────────────────────────────────┘
 *                             HEAP_BASE-STACK_SIZE HEAP_BASE
 *
 * A null pointer, and a small distance from one, points into the guard. The stack lies below the heap, so that
 * both can be used at once and the heap alone is what grows. A module that keeps data of its own here needs
 * the other layout, `hostAllocatorsAbove`.
 */
export const MEMORY_LAYOUT = Object.freeze({
  /** Where a default heap begins, in bytes from the start of memory. */
  HEAP_BASE: 0x10000,
  /** The bytes of a default stack, which ends where the heap begins. */
  STACK_SIZE: 0x8000,
  /** The bytes of a page, the unit of growth (WebAssembly Core Specification, "Memory Instances"). */
  PAGE_SIZE: 0x10000,
} as const);

/** The bytes a 32-bit address can reach. No block ends past it. */
export const ADDRESS_SPACE_BYTES = 2 ** 32;
