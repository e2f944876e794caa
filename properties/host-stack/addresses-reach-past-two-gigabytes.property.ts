/**
 * addresses-reach-past-two-gigabytes: a stack may lie at any address and hold any number of bytes, from 2^31 up as well, and
 * what would end past it is refused, whatever it comes to in 32 bits.
 */
import fc from 'fast-check';
import type { HostImplementation } from '../../fuzz/subjects/implementation.ts';
import { answerTo, type Claim, defineClaim } from '../claim.ts';
import { expectRefusal, expectSame } from '../host-allocators/host-heap.ts';
import { type HostLaw, verify } from '../host-allocators/host-law.ts';
import { bases, largeMemories, placeOf, type Request, requests } from '../host-allocators/large-memory.ts';

export const addressesReachPastTwoGigabytes: HostLaw = {
  id: 'addresses-reach-past-two-gigabytes',
  sentence: 'a stack may lie at any address and hold any number of bytes, from 2^31 up as well',
  claims: (implementation) => largeMemories().map((raw) => blocksFollow(implementation, raw)),
};

/** Up to the last byte of the region, which the last block takes. */
function blocksFollow(implementation: HostImplementation, raw: WebAssembly.Memory): Claim {
  const memoryBytes = raw.buffer.byteLength;
  const title = `blocks follow one another in ${memoryBytes} bytes`;
  return defineClaim(title, [bases(memoryBytes), fc.boolean(), requests()], (base, whole, list) => {
    const sizeBytes = Math.min(whole ? memoryBytes : 200, memoryBytes - base);
    const memory = new implementation.WasmMemory(raw);
    const allocator = new implementation.HostStackAllocator(memory, base, sizeBytes);
    expectSame(`capacity of ${sizeBytes} bytes at ${base}`, allocator.capacity, sizeBytes);
    let top = base;
    const ask = ({ size, align }: Request): void => {
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
    };
    list.forEach(ask);
    if (top < base + sizeBytes) ask({ size: base + sizeBytes - top, align: 1 });
    ask({ size: 1, align: 1 });
  });
}

if (import.meta.vitest) verify(addressesReachPastTwoGigabytes);
