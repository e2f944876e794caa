/** HostBumpAllocator as a subject: `malloc` is `alloc(size)`, `aligned_alloc` is `alloc(size, align)`. */
import type { HostBumpAllocator } from '../../src/index.ts';
import type { Profile } from '../model/profile.ts';
import { HostSubject } from './host-subject.ts';
import { HOST_IMPLEMENTATION, type HostImplementation } from './implementation.ts';
import type { Statistics } from './subject.ts';

const PAGE_BYTES = 65536;

/** The memory a host allocator is tried on. */
export interface HostSetting {
  readonly initialPages: number;
  readonly maximumPages: number;
  /** Where the heap begins; the implementation's default when absent. */
  readonly base?: number;
}

/** Two pages to begin with, so that the first page of heap is there; eight at the most, so that exhaustion is near. */
export const DEFAULT_SETTING: HostSetting = { initialPages: 2, maximumPages: 8 };

export class HostBumpSubject extends HostSubject {
  readonly name = 'host-bump';
  readonly profile: Profile;
  readonly #base: number | undefined;
  #allocator: HostBumpAllocator;

  constructor(implementation: HostImplementation = HOST_IMPLEMENTATION, setting: HostSetting = DEFAULT_SETTING) {
    super(implementation, setting.initialPages, setting.maximumPages);
    this.#base = setting.base;
    this.profile = profileOf(setting.base ?? DEFAULT_BASE, setting.maximumPages * PAGE_BYTES);
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
    const memory = new this.implementation.WasmMemory(this.memory);
    if (this.#base === undefined) return new this.implementation.HostBumpAllocator(memory);
    return new this.implementation.HostBumpAllocator(memory, this.#base);
  }
}

/** `HEAP_BASE` by the seed: what is judged may not be asked where it should begin. */
const DEFAULT_BASE = 0x10000;

function profileOf(heapBase: number, maximumBytes: number): Profile {
  return {
    operations: ['malloc', 'aligned_alloc', 'free', 'reset', 'grow'],
    alignmentBytes: 8,
    smallestAlignmentBytes: 1,
    maximumAlignmentBytes: 2 ** 31,
    arenaStart: heapBase,
    arenaEnd: maximumBytes,
    zeroMalloc: 'null',
    zeroRealloc: 'unspecified',
    shrinkingNeverFails: false,
    shrinkingKeepsThePointer: false,
    mayGrow: true,
    growthSlackPages: 0,
    reclaims: false,
    coalesces: false,
    capacityBytes: maximumBytes - heapBase,
    exact: 'host-bump',
  };
}
