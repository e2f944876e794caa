/**
 * addresses-reach-past-two-gigabytes: pointers, offsets, sizes and alignments from 2^31 up are as good as any other, and what
 * would end past memory is refused, whatever it comes to in 32 bits.
 */
import type { HostImplementation } from '../../fuzz/subjects/implementation.ts';
import { answerTo, type Claim, defineClaim } from '../claim.ts';
import { expectRefusal, expectSame } from '../host-allocators/host-heap.ts';
import { type HostLaw, verify } from '../host-allocators/host-law.ts';
import {
  bases,
  LARGE_MEMORY_BYTES,
  largeMemory,
  placeOf,
  type Request,
  requests,
} from '../host-allocators/large-memory.ts';

export const addressesReachPastTwoGigabytes: HostLaw = {
  id: 'addresses-reach-past-two-gigabytes',
  sentence: 'addresses, sizes and alignments from 2^31 up are as good as any other',
  claims: (implementation) => [blocksFollow(implementation)],
};

function blocksFollow(implementation: HostImplementation): Claim {
  return defineClaim('blocks follow one another', [bases(), requests()], (base, list) => {
    const memory = new implementation.WasmMemory(largeMemory());
    const allocator = new implementation.HostBumpAllocator(memory, base);
    const kept: (Request & { readonly ptr: number })[] = [];
    let top = base;
    for (const { size, align } of list) {
      const request = `alloc(${size}, ${align}) at offset ${top} of ${LARGE_MEMORY_BYTES} bytes of memory`;
      const ptr = placeOf(top, align);
      if (ptr + size > LARGE_MEMORY_BYTES) {
        expectRefusal(implementation, request, () => allocator.alloc(size, align));
      } else {
        expectSame(
          request,
          answerTo(request, () => allocator.alloc(size, align)),
          ptr,
        );
        kept.push({ ptr, size, align });
        top = ptr + size;
      }
      expectSame(`offset after ${request}`, allocator.offset, top);
      expectSame(`used after ${request}`, allocator.used, top - base);
    }
    judgeBooks(allocator, base, top, kept);
  });
}

function judgeBooks(
  allocator: InstanceType<HostImplementation['HostBumpAllocator']>,
  base: number,
  top: number,
  kept: readonly (Request & { readonly ptr: number })[],
): void {
  const stats = allocator.getStats();
  const total = kept.reduce((sum, { size }) => sum + size, 0);
  expectSame(`totalAllocated of blocks of ${kept.map(({ size }) => size).join(', ')}`, stats.totalAllocated, total);
  expectSame(`peakUsage from ${base} to ${top}`, stats.peakUsage, top - base);
  expectSame(`currentOffset from ${base} to ${top}`, stats.currentOffset, top);
  for (const { ptr, size, align } of kept) {
    const record = allocator.getAllocationInfo(ptr);
    expectSame(`getAllocationInfo(${ptr})?.ptr`, record?.ptr, ptr);
    expectSame(`getAllocationInfo(${ptr})?.size`, record?.size, size);
    expectSame(`getAllocationInfo(${ptr})?.align`, record?.align, align);
  }
}

if (import.meta.vitest) verify(addressesReachPastTwoGigabytes);
