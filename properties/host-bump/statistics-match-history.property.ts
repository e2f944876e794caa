/**
 * statistics-match-history: every counter is what the calls imply, padding and refusals told apart; of two heaps on one
 * memory each counts what it did itself.
 */
import fc from 'fast-check';
import type { HostImplementation } from '../../fuzz/subjects/implementation.ts';
import { type Claim, defineClaim } from '../claim.ts';
import { expectText } from '../host-allocators/host-heap.ts';
import { bumpTraceLaw, type HostLaw, verify } from '../host-allocators/host-law.ts';

const onOneHeap = bumpTraceLaw('statistics-match-history');

export const statisticsMatchHistory: HostLaw = {
  ...onOneHeap,
  claims: (implementation) => [twoHeaps(implementation), ...onOneHeap.claims(implementation)],
};

const PAGE_BYTES = 65_536;

/** What a heap's counters should be, from its base on. */
class Books {
  readonly base: number;
  offset: number;
  totalAllocated = 0;
  activeAllocations = 0;
  peakUsage = 0;
  growthCount = 0;

  constructor(base: number) {
    this.base = base;
    this.offset = base;
  }

  enter(size: number, hasGrown: boolean): void {
    this.offset += size;
    this.totalAllocated += size;
    this.activeAllocations += 1;
    this.peakUsage = Math.max(this.peakUsage, this.offset - this.base);
    if (hasGrown) this.growthCount += 1;
  }

  close(): void {
    this.offset = this.base;
    this.totalAllocated = 0;
    this.activeAllocations = 0;
  }

  get text(): string {
    return [this.totalAllocated, this.activeAllocations, this.peakUsage, this.offset, this.growthCount].join();
  }
}

/** The higher heap begins where memory ends at first, so that one grows it for the other. 0 bytes stand for a reset. */
function twoHeaps(implementation: HostImplementation): Claim {
  const sizes = fc.oneof(fc.integer({ min: 1, max: 400 }), fc.constantFrom(PAGE_BYTES, 2 * PAGE_BYTES + 1, 0));
  const turns = fc.array(fc.tuple(fc.nat(1), sizes), { minLength: 1, maxLength: 12 });
  return defineClaim('of two heaps on one memory', [turns, fc.boolean()], (list, sameMemory) => {
    const raw = new WebAssembly.Memory({ initial: 2, maximum: 64 });
    const memory = new implementation.WasmMemory(raw);
    const other = sameMemory ? memory : new implementation.WasmMemory(raw);
    const heaps = [memory, other].map((each, index) => heapAt(implementation, each, (index + 1) * PAGE_BYTES));
    for (const [index, [turn, size]] of list.entries()) {
      const heap = heaps[turn];
      if (heap !== undefined) take(raw, heap, size);
      for (const [which, { allocator, books }] of heaps.entries()) {
        const history = list
          .slice(0, index + 1)
          .map(describeTurn)
          .join(', ');
        const { totalAllocated, activeAllocations, peakUsage, currentOffset, growthCount } = allocator.getStats();
        const stats = [totalAllocated, activeAllocations, peakUsage, currentOffset, growthCount].join();
        expectText(`total, active, peak, offset, growths of heap ${which} after ${history}`, stats, books.text);
      }
    }
  });
}

type Allocator = InstanceType<HostImplementation['HostBumpAllocator']>;

interface Kept {
  readonly allocator: Allocator;
  readonly books: Books;
}

function heapAt(
  implementation: HostImplementation,
  memory: InstanceType<HostImplementation['WasmMemory']>,
  base: number,
): Kept {
  return { allocator: new implementation.HostBumpAllocator(memory, base), books: new Books(base) };
}

function take(raw: WebAssembly.Memory, { allocator, books }: Kept, size: number): void {
  const bytesBefore = raw.buffer.byteLength;
  if (size === 0) {
    allocator.reset();
    books.close();
  } else {
    allocator.alloc(size, 1);
    books.enter(size, raw.buffer.byteLength > bytesBefore);
  }
}

function describeTurn([turn, size]: readonly [number, number]): string {
  return size === 0 ? `heap ${turn} reset()` : `heap ${turn} alloc(${size}, 1)`;
}

if (import.meta.vitest) verify(statisticsMatchHistory);
