/** HostBumpAllocator as a subject: `malloc` is `alloc(size)`, `aligned_alloc` is `alloc(size, align)`. */
import type { HostBumpAllocator } from '../../src/index.ts';
import type { Profile } from '../model/profile.ts';
import { HostSubject } from './host-subject.ts';
import { HOST_IMPLEMENTATION, type HostImplementation } from './implementation.ts';
import type { Statistics } from './subject.ts';

/** Two pages to begin with, so that the first page of heap is there; eight at the most, so that exhaustion is near. */
const INITIAL_PAGES = 2;
const MAXIMUM_PAGES = 8;
const PAGE_BYTES = 65536;

export class HostBumpSubject extends HostSubject {
  readonly name = 'host-bump';
  readonly profile: Profile;
  #allocator: HostBumpAllocator;

  constructor(implementation: HostImplementation = HOST_IMPLEMENTATION) {
    super(implementation, INITIAL_PAGES, MAXIMUM_PAGES);
    this.profile = profileAbove(implementation.MEMORY_LAYOUT.HEAP_BASE);
    this.#allocator = this.#newAllocator();
  }

  malloc(sizeBytes: number): number {
    return this.refusable(() => this.#allocator.alloc(sizeBytes));
  }

  alignedAlloc(alignmentBytes: number, sizeBytes: number): number {
    return this.refusable(() => this.#allocator.alloc(sizeBytes, alignmentBytes));
  }

  free(pointer: number): void {
    this.#allocator.free(pointer);
  }

  reset(): void {
    this.#allocator.reset();
  }

  statistics(): Statistics {
    const stats = this.#allocator.getStats();
    return {
      currentOffset: stats.currentOffset,
      totalAllocated: stats.totalAllocated,
      activeAllocations: stats.activeAllocations,
      peakUsage: stats.peakUsage,
      growthCount: stats.growthCount,
      offset: this.#allocator.offset,
      base: this.#allocator.base,
      used: this.#allocator.used,
      pages: this.memory.buffer.byteLength / PAGE_BYTES,
    };
  }

  protected rebuild(): void {
    this.#allocator = this.#newAllocator();
  }

  #newAllocator(): HostBumpAllocator {
    return new this.implementation.HostBumpAllocator(new this.implementation.WasmMemory(this.memory));
  }
}

function profileAbove(heapBase: number): Profile {
  return {
    operations: ['malloc', 'aligned_alloc', 'free', 'reset', 'grow'],
    alignmentBytes: 8,
    smallestAlignmentBytes: 1,
    maximumAlignmentBytes: 2 ** 31,
    arenaStart: heapBase,
    arenaEnd: MAXIMUM_PAGES * PAGE_BYTES,
    zeroMalloc: 'null',
    zeroRealloc: 'unspecified',
    shrinkingNeverFails: false,
    shrinkingKeepsThePointer: false,
    mayGrow: true,
    growthSlackPages: 0,
    reclaims: false,
    coalesces: false,
    capacityBytes: MAXIMUM_PAGES * PAGE_BYTES - heapBase,
    exact: 'host-bump',
  };
}
