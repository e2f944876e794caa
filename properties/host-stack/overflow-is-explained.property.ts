/** overflow-is-explained: overflow is a MemoryError that says "Stack overflow", the bytes needed and those available. */
import fc from 'fast-check';
import type { HostImplementation } from '../../fuzz/subjects/implementation.ts';
import { broken, type Claim, defineClaim } from '../claim.ts';
import { expectRefusal, expectUnchanged, stackOf, stackState } from '../host-allocators/host-heap.ts';
import { type HostLaw, verify } from '../host-allocators/host-law.ts';

const CAPACITY_BYTES = 0x8000;

export const overflowIsExplained: HostLaw = {
  id: 'overflow-is-explained',
  sentence: 'overflow is a MemoryError with "Stack overflow", needed and available bytes, and changes nothing',
  claims: (implementation) => [overflow(implementation)],
};

function overflow(implementation: HostImplementation): Claim {
  const used = fc.oneof(fc.nat(CAPACITY_BYTES), fc.constantFrom(0, 1, CAPACITY_BYTES - 1, CAPACITY_BYTES));
  const beyond = fc.oneof(fc.integer({ min: 1, max: 64 }), fc.integer({ min: 1, max: 2 ** 31 }));
  return defineClaim('by any number of bytes', [used, beyond], (usedBytes, beyondBytes) => {
    const stack = stackOf(implementation);
    if (usedBytes > 0) stack.allocator.alloc(usedBytes, 1);
    const available = CAPACITY_BYTES - usedBytes;
    const before = stackState(stack);
    const request = `alloc(${available + beyondBytes}, 1) with ${available} bytes available`;
    const error = expectRefusal(implementation, request, () => stack.allocator.alloc(available + beyondBytes, 1));
    expectUnchanged(request, before, stackState(stack));
    for (const part of ['Stack overflow', String(available + beyondBytes), String(available)]) {
      if (!mentions(error.message, part))
        broken({ request, answer: error.message, allowed: `a message with "${part}"` });
    }
  });
}

/** Whether `message` has `part`, as a number of its own where it is one. */
function mentions(message: string, part: string): boolean {
  const plain = message.replace(/(?<=\d)[,_](?=\d{3})/g, '');
  return new RegExp(`(?<!\\d)${part}(?!\\d)`).test(plain);
}

if (import.meta.vitest) verify(overflowIsExplained);
