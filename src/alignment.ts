import { MemoryError } from './memory-error.ts';
import { ADDRESS_SPACE_BYTES } from './memory-layout.ts';

/** What a block is aligned to when nothing is said: the widest number `WasmMemory` reads, 8 bytes. */
export const DEFAULT_ALIGNMENT_BYTES = 8;

/** The bytes from `address` (0 to 2^32) to the next multiple of `align`, a power of two up to 2^32; 0 on a multiple. */
export function paddingBytes(address: number, align: number): number {
  // Bit operations work modulo 2^32, which every such power of two divides, so the low bits of -address are exact.
  return (-address & (align - 1)) >>> 0;
}

/** Throws MemoryError unless `size` and `align` can be asked of an allocator: `ptr` is where the block would lie. */
export function assertRequest(size: number, align: number, ptr: number): void {
  if (!isByteCount(size)) {
    throw new MemoryError(`Invalid size ${String(size)}: give a whole number of bytes from 1 to 2^32`, ptr, size);
  }
  if (!(isByteCount(align) && (align & (align - 1)) === 0)) {
    throw new MemoryError(`Invalid alignment ${String(align)}: give a power of two from 1 to 2^32`, ptr, size);
  }
}

/** True for a whole number from 1 to 2^32. */
function isByteCount(value: number): boolean {
  return value >>> 0 === value ? value !== 0 : value === ADDRESS_SPACE_BYTES;
}
