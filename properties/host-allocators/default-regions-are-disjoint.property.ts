/**
 * default-regions-are-disjoint: a default heap and a default stack on one memory share no byte, and leave the null guard
 * alone: the seed's own usage runs both.
 */
import fc from 'fast-check';
import type { HostImplementation } from '../../fuzz/subjects/implementation.ts';
import { broken, type Claim, defineClaim } from '../claim.ts';
import { expectSame } from './host-heap.ts';
import { type HostLaw, verify } from './host-law.ts';

const NULL_GUARD_BYTES = 0x8000;

export const defaultRegionsAreDisjoint: HostLaw = {
  id: 'default-regions-are-disjoint',
  sentence: 'a default heap and a default stack share no byte, and leave the null guard alone',
  claims: (implementation) => [layout(implementation), again(implementation), interleaved(implementation)],
};

function layout({ MEMORY_LAYOUT, WasmMemory, HostBumpAllocator, HostStackAllocator }: HostImplementation): Claim {
  return defineClaim('the layout is that of the seed', [], () => {
    expectSame('MEMORY_LAYOUT.HEAP_BASE', MEMORY_LAYOUT.HEAP_BASE, 0x10000);
    expectSame('MEMORY_LAYOUT.STACK_SIZE', MEMORY_LAYOUT.STACK_SIZE, 0x8000);
    expectSame('MEMORY_LAYOUT.PAGE_SIZE', MEMORY_LAYOUT.PAGE_SIZE, 0x10000);
    const memory = new WasmMemory(new WebAssembly.Memory({ initial: 1 }));
    expectSame('base of a default heap', new HostBumpAllocator(memory).base, 0x10000);
    expectSame('top of a default stack', new HostStackAllocator(memory).top, 0x8000);
    expectSame('capacity of a default stack', new HostStackAllocator(memory).capacity, 0x8000);
  });
}

/** The defaults are fixed addresses, whoever else works on the memory. */
function again({ WasmMemory, HostBumpAllocator, HostStackAllocator }: HostImplementation): Claim {
  return defineClaim('a second heap and a second stack begin where the first did', [fc.nat(1000)], (size) => {
    const memory = new WasmMemory(new WebAssembly.Memory({ initial: 2 }));
    new HostBumpAllocator(memory).alloc(size + 1);
    new HostStackAllocator(memory).alloc(size + 1);
    const when = `on a memory on which another has given ${size + 1} bytes`;
    expectSame(`offset of a default heap ${when}`, new HostBumpAllocator(memory).offset, 0x10000);
    const stack = new HostStackAllocator(memory);
    expectSame(`top of a default stack ${when}`, stack.top, 0x8000);
    expectSame(`capacity of a default stack ${when}`, stack.capacity, 0x8000);
  });
}

function interleaved({ WasmMemory, HostBumpAllocator, HostStackAllocator }: HostImplementation): Claim {
  const requests = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 4000 })), { maxLength: 30, size: 'max' });
  return defineClaim('blocks of both, in any order', [requests], (list) => {
    const memory = new WasmMemory(new WebAssembly.Memory({ initial: 1, maximum: 8 }));
    const heap = new HostBumpAllocator(memory);
    const stack = new HostStackAllocator(memory);
    const taken: [number, number][] = [[0, NULL_GUARD_BYTES]];
    for (const [onHeap, size] of list) {
      if (!onHeap && size > stack.capacity - stack.used - 8) continue;
      const ptr = onHeap ? heap.alloc(size) : stack.alloc(size);
      expectFree(`${onHeap ? 'heap' : 'stack'}.alloc(${size})`, ptr, ptr + size, taken);
      taken.push([ptr, ptr + size]);
    }
  });
}

function expectFree(request: string, start: number, end: number, taken: readonly [number, number][]): void {
  const other = taken.find(([from, to]) => from < end && start < to);
  if (other === undefined) return;
  broken({ request, answer: `${start}..${end}`, allowed: `bytes that ${other[0]}..${other[1]} does not hold` });
}

if (import.meta.vitest) verify(defaultRegionsAreDisjoint);
