/**
 * addresses-reach-past-two-gigabytes: pointers, offsets, sizes and alignments from 2^31 up are as good as any other, and what
 * would end past memory is refused, whatever it comes to in 32 bits.
 */
import type { HostImplementation } from '../../fuzz/subjects/implementation.ts';
import { answerTo, type Claim, defineClaim } from '../claim.ts';
import { expectRefusal, expectSame } from '../host-allocators/host-heap.ts';
import { type HostLaw, verify } from '../host-allocators/host-law.ts';
import { bases, largeMemories, placeOf, type Request, requests } from '../host-allocators/large-memory.ts';

export const addressesReachPastTwoGigabytes: HostLaw = {
  id: 'addresses-reach-past-two-gigabytes',
  sentence: 'addresses, sizes and alignments from 2^31 up are as good as any other',
  claims: (implementation) => largeMemories().map((raw) => blocksFollow(implementation, raw)),
};

/** Up to the last byte of memory, which the last block takes. */
function blocksFollow(implementation: HostImplementation, raw: WebAssembly.Memory): Claim {
  const sizeBytes = raw.buffer.byteLength;
  const title = `blocks follow one another in ${sizeBytes} bytes`;
  return defineClaim(title, [bases(sizeBytes), requests()], (base, list) => {
    const memory = new implementation.WasmMemory(raw);
    const allocator = new implementation.HostBumpAllocator(memory, base);
    const kept: (Request & { readonly ptr: number })[] = [];
    let top = base;
    const ask = ({ size, align }: Request): void => {
      const request = `alloc(${size}, ${align}) at offset ${top} of ${sizeBytes} bytes of memory`;
      const ptr = placeOf(top, align);
      if (ptr + size > sizeBytes) {
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
    };
    list.forEach(ask);
    if (top < sizeBytes) ask({ size: sizeBytes - top, align: 1 });
    ask({ size: 1, align: 1 });
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
