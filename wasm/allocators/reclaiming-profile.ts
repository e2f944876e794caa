/** What the reclaiming allocator promises, in the words of a profile. The text is in `reclaiming.zig`. */
import type { Profile } from '../../fuzz/model/profile.ts';

/** A region's record and its last header, and the header of the one block. */
const REGION_OVERHEAD_BYTES = 16;
const HEADER_BYTES = 4;
const ALIGNMENT_BYTES = 16;
/** The last page of a memory of 4 GiB is never used. */
const END_LIMIT_BYTES = 65535 * 65536;

/** `heapBase` is the module's `__heap_base`, `maximumBytes` the most its memory may have. */
export function reclaimingProfile(heapBase: number, maximumBytes: number): Profile {
  const regionStart = Math.ceil(heapBase / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
  const arenaEnd = Math.min(maximumBytes, END_LIMIT_BYTES);
  return {
    operations: ['malloc', 'calloc', 'realloc', 'free', 'aligned_alloc', 'reset', 'grow'],
    alignmentBytes: ALIGNMENT_BYTES,
    maximumAlignmentBytes: 2 ** 31,
    arenaStart: regionStart + ALIGNMENT_BYTES,
    arenaEnd,
    zeroMalloc: 'null',
    zeroRealloc: 'frees',
    shrinkingNeverFails: true,
    shrinkingKeepsThePointer: true,
    mayGrow: true,
    growthSlackPages: 1,
    sparesForeignPages: true,
    reclaims: true,
    coalesces: true,
    capacityBytes: arenaEnd - regionStart - REGION_OVERHEAD_BYTES - HEADER_BYTES,
  };
}

/** What `malloc_usable_size` answers for a block asked for with `sizeBytes`; live bytes are the sum of it. 0 is no block. */
export function usableBytes(sizeBytes: number): number {
  if (sizeBytes === 0) return 0;
  return Math.ceil((sizeBytes + HEADER_BYTES) / ALIGNMENT_BYTES) * ALIGNMENT_BYTES - HEADER_BYTES;
}
