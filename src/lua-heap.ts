import type { LuaExports } from './lua-exports.ts';
import { MemoryError } from './memory-error.ts';

const ADDRESS_SPACE_BYTES = 2 ** 32;

/**
 * The malloc family of a Lua module, which Lua itself allocates from. Pointers are unsigned, multiples of 16, and 0
 * (NULL) where C would return NULL. A size, count or alignment that is not a whole number from 0 to 2^32-1 is a
 * MemoryError: C could not be asked for it.
 */
export class LuaHeap {
  readonly #exports: LuaExports;

  constructor(exports: LuaExports) {
    this.#exports = exports;
  }

  /** A block of `sizeBytes`; NULL for none, and when there is no room. Its bytes are unspecified. */
  malloc(sizeBytes: number): number {
    return this.#exports.malloc(word(sizeBytes)) >>> 0;
  }

  /** A block of `count` times `sizeBytes`, all zero; NULL also when the product is 2^32 or more. */
  calloc(count: number, sizeBytes: number): number {
    return this.#exports.calloc(word(count), word(sizeBytes)) >>> 0;
  }

  /**
   * The block with another size, perhaps elsewhere, its first min(old, new) bytes kept. `realloc(0, n)` is `malloc(n)`;
   * a size of 0 frees the block and gives NULL; otherwise NULL means that the block is as it was.
   */
  realloc(pointer: number, sizeBytes: number): number {
    return this.#exports.realloc(word(pointer), word(sizeBytes)) >>> 0;
  }

  /** Gives the block back; what the module's allocator makes of it is in its contract. */
  free(pointer: number): void {
    this.#exports.free(word(pointer));
  }

  /** A block at a multiple of `alignmentBytes`; NULL also when that is not a power of two. */
  alignedAlloc(alignmentBytes: number, sizeBytes: number): number {
    return this.#exports.aligned_alloc(word(alignmentBytes), word(sizeBytes)) >>> 0;
  }
}

function word(value: number): number {
  if (Number.isInteger(value) && value >= 0 && value < ADDRESS_SPACE_BYTES) return value;
  throw new MemoryError(`${value} is not a whole number from 0 to 2^32-1`);
}
