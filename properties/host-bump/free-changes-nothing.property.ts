/** free-changes-nothing: free accepts any pointer, of ours or not, and does nothing: only reset takes memory back. */
import fc from 'fast-check';
import type { HostImplementation } from '../../fuzz/subjects/implementation.ts';
import { answerTo, type Claim, defineClaim } from '../claim.ts';
import { expectSame, expectUnchanged, heapOf, heapState } from '../host-allocators/host-heap.ts';
import { type HostLaw, verify } from '../host-allocators/host-law.ts';

export const freeChangesNothing: HostLaw = {
  id: 'free-changes-nothing',
  sentence: 'free accepts any pointer and does nothing',
  claims: (implementation) => [ownPointers(implementation), anyNumbers(implementation)],
};

function ownPointers(implementation: HostImplementation): Claim {
  const sizes = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 10 });
  return defineClaim('of blocks it handed out, in any order', [sizes, fc.boolean()], (list, backwards) => {
    const heap = heapOf(implementation);
    const pointers = list.map((size) => heap.allocator.alloc(size));
    const before = heapState(heap);
    const next = heap.allocator.offset;
    for (const ptr of backwards ? pointers.toReversed() : pointers) {
      answerTo(`free(${ptr}) of blocks at ${pointers.join(', ')}`, () => heap.allocator.free(ptr));
    }
    expectUnchanged(`free of ${pointers.join(', ')}`, before, heapState(heap));
    expectSame('the next block', heap.allocator.alloc(1, 1), next);
  });
}

function anyNumbers(implementation: HostImplementation): Claim {
  const numbers = fc.oneof(fc.double(), fc.maxSafeInteger(), fc.constantFrom(0, -1, 65536, 65537, 2 ** 32, Number.NaN));
  return defineClaim('of any number', [numbers], (ptr) => {
    const heap = heapOf(implementation);
    heap.allocator.alloc(10);
    const before = heapState(heap);
    expectSame(
      `free(${ptr})`,
      answerTo(`free(${ptr})`, () => heap.allocator.free(ptr)),
      undefined,
    );
    expectUnchanged(`free(${ptr})`, before, heapState(heap));
  });
}

if (import.meta.vitest) verify(freeChangesNothing);
