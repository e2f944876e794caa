/**
 * addresses-reach-past-two-gigabytes: a stack may lie at any address and hold any number of bytes, from 2^31 up as well, and
 * what would end past it is refused, whatever it comes to in 32 bits.
 */
import fc from 'fast-check';
import type { HostImplementation } from '../../fuzz/subjects/implementation.ts';
import { answerTo, type Claim, defineClaim } from '../claim.ts';
import { expectRefusal, expectSame } from '../host-allocators/host-heap.ts';
import { type HostLaw, verify } from '../host-allocators/host-law.ts';
import { bases, LARGE_MEMORY_BYTES, largeMemory, placeOf, requests } from '../host-allocators/large-memory.ts';

export const addressesReachPastTwoGigabytes: HostLaw = {
  id: 'addresses-reach-past-two-gigabytes',
  sentence: 'a stack may lie at any address and hold any number of bytes, from 2^31 up as well',
  claims: (implementation) => [blocksFollow(implementation)],
};

function blocksFollow(implementation: HostImplementation): Claim {
  return defineClaim('blocks follow one another', [bases(), fc.boolean(), requests()], (base, whole, list) => {
    const sizeBytes = Math.min(whole ? LARGE_MEMORY_BYTES : 200, LARGE_MEMORY_BYTES - base);
    const memory = new implementation.WasmMemory(largeMemory());
    const allocator = new implementation.HostStackAllocator(memory, base, sizeBytes);
    expectSame(`capacity of ${sizeBytes} bytes at ${base}`, allocator.capacity, sizeBytes);
    let top = base;
    for (const { size, align } of list) {
      const request = `alloc(${size}, ${align}) at top ${top} of ${sizeBytes} bytes at ${base}`;
      const ptr = placeOf(top, align);
      if (ptr + size > base + sizeBytes) {
        expectRefusal(implementation, request, () => allocator.alloc(size, align));
      } else {
        allocator.mark();
        expectSame(
          request,
          answerTo(request, () => allocator.alloc(size, align)),
          ptr,
        );
        answerTo(`a mark, ${request} and a pop`, () => allocator.pop());
        expectSame(`top after a mark, ${request} and a pop`, allocator.top, top);
        allocator.alloc(size, align);
        top = ptr + size;
      }
      expectSame(`top after ${request}`, allocator.top, top);
      expectSame(`used after ${request}`, allocator.used, top - base);
    }
  });
}

if (import.meta.vitest) verify(addressesReachPastTwoGigabytes);
