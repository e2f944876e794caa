/**
 * a-fresh-heap-changes-nothing: making a heap neither grows memory nor writes to it, wherever its base lies; it has no block, and
 * nothing is in use, also where another heap works on the same memory.
 */
import fc from 'fast-check';
import type { HostImplementation } from '../../fuzz/subjects/implementation.ts';
import { type Claim, defineClaim } from '../claim.ts';
import { expectSame, expectText, expectUnchanged, type Heap, heapState } from '../host-allocators/host-heap.ts';
import { type HostLaw, verify } from '../host-allocators/host-law.ts';

const PAGE_BYTES = 65_536;

export const aFreshHeapChangesNothing: HostLaw = {
  id: 'a-fresh-heap-changes-nothing',
  sentence: 'making a heap neither grows memory nor writes to it, and nothing of it is in use',
  claims: (implementation) => [anywhere(implementation), besideAnother(implementation)],
};

/** Inside two pages of memory, at their end and past it, aligned or not. */
function bases(): fc.Arbitrary<number> {
  const ends = fc.constantFrom(
    0,
    1,
    PAGE_BYTES,
    2 * PAGE_BYTES - 1,
    2 * PAGE_BYTES,
    2 * PAGE_BYTES + 1,
    2 ** 31,
    2 ** 32 - 8,
  );
  return fc.oneof(fc.nat(4 * PAGE_BYTES), ends);
}

function anywhere(implementation: HostImplementation): Claim {
  return defineClaim('at any base', [bases()], (base) => {
    const raw = new WebAssembly.Memory({ initial: 2, maximum: 8 });
    const before = new Uint8Array(raw.buffer).fill(0x9a).slice();
    const heap = new implementation.HostBumpAllocator(new implementation.WasmMemory(raw), base);
    const made = `a new HostBumpAllocator(memory of 2 pages, ${base})`;
    expectSame(`bytes of memory after ${made}`, raw.buffer.byteLength, before.length);
    expectSame(`difference in memory after ${made}`, Buffer.compare(new Uint8Array(raw.buffer), before), 0);
    expectFresh(made, heap, base);
  });
}

function expectFresh(made: string, heap: Heap['allocator'], base: number): void {
  expectSame(`base of ${made}`, heap.base, base);
  expectSame(`offset of ${made}`, heap.offset, base);
  expectSame(`used of ${made}`, heap.used, 0);
  expectSame(`getAllocations().length of ${made}`, heap.getAllocations().length, 0);
  const { totalAllocated, activeAllocations, peakUsage, currentOffset, growthCount } = heap.getStats();
  const stats = [totalAllocated, activeAllocations, peakUsage, currentOffset, growthCount].join();
  expectText(`total, active, peak, offset, growths of ${made}`, stats, [0, 0, 0, base, 0].join());
}

/** The first heap grows memory, mostly; the second is made on the same WasmMemory, or on another one of the same memory. */
function besideAnother(implementation: HostImplementation): Claim {
  const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 200 }), fc.constant(PAGE_BYTES)), { maxLength: 4 });
  const values = [fc.boolean(), fc.option(bases(), { nil: undefined }), fc.boolean(), sizes] as const;
  return defineClaim('on the memory of another heap', [...values], (isFirstDefault, base, sameMemory, list) => {
    const { WasmMemory, MEMORY_LAYOUT } = implementation;
    const raw = new WebAssembly.Memory({ initial: 2, maximum: 8 });
    const memory = new WasmMemory(raw);
    const first = { raw, memory, allocator: heapAt(implementation, memory, isFirstDefault ? undefined : FIRST_BASE) };
    for (const size of list) first.allocator.alloc(size);
    const before = heapState(first);
    const second = heapAt(implementation, sameMemory ? memory : new WasmMemory(raw), base);
    const made = `a new HostBumpAllocator(memory${base === undefined ? '' : `, ${base}`}) beside one ${grown(list)}`;
    expectFresh(made, second, base ?? MEMORY_LAYOUT.HEAP_BASE);
    expectUnchanged(`the state of the other after ${made}`, before, heapState(first));
  });
}

function heapAt({ HostBumpAllocator }: HostImplementation, memory: Heap['memory'], base: number | undefined) {
  return base === undefined ? new HostBumpAllocator(memory) : new HostBumpAllocator(memory, base);
}

/** No default, and a little above the second page's start. */
const FIRST_BASE = PAGE_BYTES + 1000;

function grown(list: readonly number[]): string {
  return list.length === 0 ? 'without a block' : `that has given ${list.join(', ')} bytes`;
}

if (import.meta.vitest) verify(aFreshHeapChangesNothing);
