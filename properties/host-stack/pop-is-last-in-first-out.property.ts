/**
 * pop-is-last-in-first-out: pop returns to the innermost mark, marks nest, and popping without one is a MemoryError that
 * changes nothing.
 */
import fc from 'fast-check';
import type { HostImplementation } from '../../fuzz/subjects/implementation.ts';
import { answerTo, type Claim, defineClaim } from '../claim.ts';
import { expectRefusal, expectSame, expectUnchanged, stackOf, stackState } from '../host-allocators/host-heap.ts';
import { type HostLaw, verify } from '../host-allocators/host-law.ts';

export const popIsLastInFirstOut: HostLaw = {
  id: 'pop-is-last-in-first-out',
  sentence: 'pop returns to the innermost mark, and needs one',
  claims: (implementation) => [
    nested(implementation),
    deeplyNested(implementation),
    unmarked(implementation),
    marksAreUsedUp(implementation),
  ],
};

const blocks = (): fc.Arbitrary<number[]> => fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 4 });

function nested(implementation: HostImplementation): Claim {
  const levels = fc.array(blocks(), { minLength: 1, maxLength: 40, size: 'max' });
  return defineClaim('marks nested to any depth', [levels], (depths) => {
    const { allocator } = stackOf(implementation);
    const tops = depths.map((sizes) => {
      for (const size of sizes) allocator.alloc(size, 1);
      const top = allocator.top;
      allocator.mark();
      allocator.alloc(3, 1);
      return top;
    });
    for (const [index, top] of [...tops.entries()].toReversed()) {
      const request = `pop() to mark ${index + 1} of ${tops.length}`;
      answerTo(request, () => allocator.pop());
      expectSame(`top after ${request}`, allocator.top, top);
    }
    expectRefusal(implementation, 'one pop too many', () => allocator.pop());
  });
}

/** More marks than a table of any natural limit holds; the lowest lies at address 0, which is a top like any other. */
const MANY_MARKS = 10_000;

function deeplyNested(implementation: HostImplementation): Claim {
  return defineClaim(`${MANY_MARKS} marks, the first at address 0`, [], () => {
    const { memory } = stackOf(implementation);
    const allocator = new implementation.HostStackAllocator(memory, 0, MANY_MARKS);
    for (let level = 0; level < MANY_MARKS; level += 1) {
      allocator.mark();
      allocator.alloc(1, 1);
    }
    for (let level = MANY_MARKS - 1; level >= 0; level -= 1) {
      const request = `pop() to mark ${level + 1} of ${MANY_MARKS}, each a byte above the other`;
      answerTo(request, () => allocator.pop());
      expectSame(`top after ${request}`, allocator.top, level);
    }
    expectRefusal(implementation, `pop() after ${MANY_MARKS} of them`, () => allocator.pop());
  });
}

function unmarked(implementation: HostImplementation): Claim {
  return defineClaim('a pop without a mark', [blocks()], (sizes) => {
    const stack = stackOf(implementation);
    for (const size of sizes) stack.allocator.alloc(size);
    const before = stackState(stack);
    expectRefusal(implementation, 'pop() without a mark', () => stack.allocator.pop());
    expectUnchanged('pop() without a mark', before, stackState(stack));
    stack.allocator.mark();
    stack.allocator.reset();
    expectRefusal(implementation, 'pop() of a mark that reset cleared', () => stack.allocator.pop());
  });
}

function marksAreUsedUp(implementation: HostImplementation): Claim {
  return defineClaim(
    'a mark serves one pop, and its bytes are handed out again',
    [blocks(), blocks()],
    (outer, inner) => {
      const { allocator } = stackOf(implementation);
      for (const size of outer) allocator.alloc(size);
      allocator.mark();
      const first = inner.map((size) => allocator.alloc(size));
      allocator.pop();
      const second = inner.map((size) => allocator.alloc(size));
      expectSame('the same requests after pop', second.join(), first.join());
      expectRefusal(implementation, 'a second pop() of one mark', () => allocator.pop());
    },
  );
}

if (import.meta.vitest) verify(popIsLastInFirstOut);
