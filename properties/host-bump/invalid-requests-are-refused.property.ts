/**
 * invalid-requests-are-refused: an invalid size or alignment is a MemoryError, and changes nothing.
 *
 * Zero, negative, fractional, NaN, infinite, beyond 2^32, and alignments that are no power of two.
 */
import fc from 'fast-check';
import type { HostImplementation } from '../../fuzz/subjects/implementation.ts';
import {
  invalidAlignments,
  invalidSizes,
  NOTABLE_INVALID_ALIGNMENTS,
  NOTABLE_INVALID_SIZES,
} from '../arbitraries/invalid-requests.ts';
import { type Claim, defineClaim } from '../claim.ts';
import { afterBlock, expectRefusal, expectUnchanged, heapOf, heapState } from '../host-allocators/host-heap.ts';
import { type HostLaw, verify } from '../host-allocators/host-law.ts';
import { show } from '../show.ts';

export const invalidRequestsAreRefused: HostLaw = {
  id: 'invalid-requests-are-refused',
  sentence: 'an invalid size or alignment is a MemoryError, and changes nothing',
  claims: (implementation) => [notable(implementation), sizes(implementation), alignments(implementation)],
};

const warmUps = (): fc.Arbitrary<number> => fc.nat(100);

function sizes(implementation: HostImplementation): Claim {
  return defineClaim('alloc of an invalid size', [invalidSizes(), warmUps()], (size, warmUp) => {
    refused(implementation, warmUp, size, undefined);
    refused(implementation, warmUp, size, 16);
  });
}

function alignments(implementation: HostImplementation): Claim {
  const validSizes = fc.integer({ min: 1, max: 70_000 });
  return defineClaim(
    'alloc at an invalid alignment',
    [validSizes, invalidAlignments(), warmUps()],
    (size, align, warmUp) => refused(implementation, warmUp, size, align),
  );
}

/** Whatever is drawn, none of the mistakes that are made most is left out. */
function notable(implementation: HostImplementation): Claim {
  return defineClaim('alloc of every notable size and alignment that is invalid', [], () => {
    for (const warmUp of [0, 5]) {
      for (const size of NOTABLE_INVALID_SIZES) refused(implementation, warmUp, size, undefined);
      for (const align of NOTABLE_INVALID_ALIGNMENTS) refused(implementation, warmUp, 8, align);
    }
  });
}

function refused(implementation: HostImplementation, warmUp: number, size: number, align: number | undefined): void {
  const heap = heapOf(implementation);
  if (warmUp > 0) heap.allocator.alloc(warmUp, 1, 'warm-up');
  const before = heapState(heap);
  const request = `alloc(${show(size)}, ${show(align)})${afterBlock(warmUp)}`;
  expectRefusal(implementation, request, () => heap.allocator.alloc(size, align));
  expectUnchanged(request, before, heapState(heap));
}

if (import.meta.vitest) verify(invalidRequestsAreRefused);
