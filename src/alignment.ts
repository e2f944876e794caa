import { MemoryError } from './memory-error.ts';
import { ADDRESS_SPACE_BYTES } from './memory-layout.ts';

/** The bytes from `address` (0 to 2^32) to the next multiple of `align`, a power of two up to 2^32; 0 on a multiple. */
export function paddingBytes(address: number, align: number): number {
  // Bit operations work modulo 2^32, which every such power of two divides, so the low bits of -address are exact.
  return (-address & (align - 1)) >>> 0;
}

/**
 * The first address from `top` (0 to 2^32) upwards where a block of `size` bytes may begin. Throws MemoryError unless the
 * size is a whole number from 1 to 2^32 and `align` a power of two up to 2^32.
 */
export function blockStart(top: number, size: number, align: number): number {
  const isValid = isByteCount(size) && isByteCount(align) && (align & (align - 1)) === 0;
  if (!isValid) throw invalidRequest(size, align, top);
  return top + paddingBytes(top, align);
}

/** True for a whole number from 1 to 2^32. */
function isByteCount(value: number): boolean {
  return value >>> 0 === value ? value !== 0 : value === ADDRESS_SPACE_BYTES;
}

/** A function of its own, so that the check is short enough to be inlined into every `alloc`. */
function invalidRequest(size: number, align: number, ptr: number): MemoryError {
  const reason = isByteCount(size)
    ? `Invalid alignment ${String(align)}: give a power of two from 1 to 2^32`
    : `Invalid size ${String(size)}: give a whole number of bytes from 1 to 2^32`;
  return new MemoryError(reason, ptr, size);
}
