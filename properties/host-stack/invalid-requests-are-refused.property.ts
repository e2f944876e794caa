/**
 * invalid-requests-are-refused: an invalid size, alignment or region is a MemoryError, and changes nothing.
 *
 * Zero, negative, fractional, NaN, infinite, beyond 2^32, alignments that are no power of two, regions outside memory.
 */
import fc from 'fast-check';
import type { HostImplementation } from '../../fuzz/subjects/implementation.ts';
import { near } from '../arbitraries/borders.ts';
import {
  invalidAddresses,
  invalidAlignments,
  invalidSizes,
  NOTABLE_INVALID_ALIGNMENTS,
  NOTABLE_INVALID_SIZES,
} from '../arbitraries/invalid-requests.ts';
import { answerTo, type Claim, defineClaim } from '../claim.ts';
import {
  afterBlock,
  expectRefusal,
  expectSame,
  expectUnchanged,
  stackOf,
  stackState,
} from '../host-allocators/host-heap.ts';
import { type HostLaw, verify } from '../host-allocators/host-law.ts';
import { show } from '../show.ts';

const MEMORY_BYTES = 2 * 65536;

export const invalidRequestsAreRefused: HostLaw = {
  id: 'invalid-requests-are-refused',
  sentence: 'an invalid size, alignment or region is a MemoryError, and changes nothing',
  claims: (implementation) => [
    sizes(implementation),
    alignments(implementation),
    notable(implementation),
    outside(implementation),
    inside(implementation),
    ofDefaultSize(implementation),
    noNumbers(implementation),
  ],
};

function sizes(implementation: HostImplementation): Claim {
  return defineClaim('alloc of an invalid size', [invalidSizes(), fc.nat(100)], (size, warmUp) => {
    refused(implementation, warmUp, size, undefined);
    refused(implementation, warmUp, size, 16);
  });
}

function alignments(implementation: HostImplementation): Claim {
  const validSizes = fc.integer({ min: 1, max: 1000 });
  return defineClaim(
    'alloc at an invalid alignment',
    [validSizes, invalidAlignments(), fc.nat(100)],
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
  const stack = stackOf(implementation);
  if (warmUp > 0) stack.allocator.alloc(warmUp, 1);
  const before = stackState(stack);
  const request = `alloc(${show(size)}, ${show(align)})${afterBlock(warmUp)}`;
  expectRefusal(implementation, request, () => stack.allocator.alloc(size, align));
  expectUnchanged(request, before, stackState(stack));
}

function outside(implementation: HostImplementation): Claim {
  const regions = fc.tuple(fc.integer({ min: 0, max: MEMORY_BYTES + 20 }), fc.integer({ min: 1, max: 40 }));
  return defineClaim('a region that leaves memory', [regions], ([fromEnd, beyond]) => {
    const base = Math.max(0, MEMORY_BYTES - fromEnd);
    const size = MEMORY_BYTES - base + beyond;
    refusedRegion(implementation, base, size);
    refusedRegion(implementation, MEMORY_BYTES + beyond, 1);
    refusedRegion(implementation, base, 2 ** 32);
  });
}

function inside(implementation: HostImplementation): Claim {
  const regions = fc.tuple(fc.nat(1000), fc.integer({ min: 1, max: 1000 }));
  return defineClaim('a region that ends where memory ends is none', [regions], ([before, size]) => {
    const { memory } = stackOf(implementation);
    const base = MEMORY_BYTES - size;
    const stack = new implementation.HostStackAllocator(memory, base, size);
    expectSame(`top of a stack at ${base}`, stack.top, base);
    expectSame(`capacity of a stack of ${size}`, stack.capacity, size);
    const low = new implementation.HostStackAllocator(memory, before, size);
    expectSame(`alloc(${size}, 1) in a stack of ${size} at ${before}`, low.alloc(size, 1), before);
  });
}

/** A base alone: the region is STACK_SIZE bytes from there, or there is none. */
function ofDefaultSize(implementation: HostImplementation): Claim {
  const size = implementation.MEMORY_LAYOUT.STACK_SIZE;
  const last = MEMORY_BYTES - size;
  const bases = fc.oneof(near(last, 17), fc.nat(MEMORY_BYTES + 20), fc.constantFrom(0, MEMORY_BYTES - 1, MEMORY_BYTES));
  return defineClaim('a base without a size', [bases], (base) => {
    const { memory } = stackOf(implementation);
    const request = `new HostStackAllocator(memory of ${MEMORY_BYTES} bytes, ${base}), of ${size} bytes by default`;
    const make = () => new implementation.HostStackAllocator(memory, base);
    if (base > last) return void expectRefusal(implementation, request, make);
    const stack = answerTo(request, make, `a stack: the ${size} bytes from ${base} lie inside memory`);
    expectSame(`top of ${request}`, stack.top, base);
    expectSame(`capacity of ${request}`, stack.capacity, size);
  });
}

function noNumbers(implementation: HostImplementation): Claim {
  return defineClaim('a base or size that is no whole number', [invalidAddresses()], (invalid) => {
    refusedRegion(implementation, invalid, 64);
    refusedRegion(implementation, 64, invalid);
  });
}

function refusedRegion(implementation: HostImplementation, base: number, size: number): void {
  const { memory } = stackOf(implementation);
  const request = `new HostStackAllocator(memory of ${MEMORY_BYTES} bytes, ${show(base)}, ${show(size)})`;
  expectRefusal(implementation, request, () => new implementation.HostStackAllocator(memory, base, size));
}

if (import.meta.vitest) verify(invalidRequestsAreRefused);
