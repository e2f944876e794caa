/** HostStackAllocator as a subject, in its default region: `malloc` is `alloc(size)`, with `mark` and `pop`. */
import type { HostStackAllocator } from '../../src/index.ts';
import type { Profile } from '../model/profile.ts';
import { HostSubject } from './host-subject.ts';
import { HOST_IMPLEMENTATION, type HostImplementation } from './implementation.ts';
import type { Statistics } from './subject.ts';

export class HostStackSubject extends HostSubject {
  readonly name = 'host-stack';
  readonly profile: Profile;
  #allocator: HostStackAllocator;

  constructor(implementation: HostImplementation = HOST_IMPLEMENTATION) {
    super(implementation, 1, 4);
    const { HEAP_BASE, STACK_SIZE } = implementation.MEMORY_LAYOUT;
    this.profile = profileOf(HEAP_BASE - STACK_SIZE, HEAP_BASE);
    this.#allocator = this.#newAllocator();
  }

  malloc(sizeBytes: number): number {
    return this.refusable(() => this.#allocator.alloc(sizeBytes));
  }

  alignedAlloc(alignmentBytes: number, sizeBytes: number): number {
    return this.refusable(() => this.#allocator.alloc(sizeBytes, alignmentBytes));
  }

  /** The stack has no free: a block ends with `pop` or `reset`. */
  free(): void {}

  override mark(): void {
    this.#allocator.mark();
  }

  override pop(): boolean {
    const popped = this.refusable(() => {
      this.#allocator.pop();
      return 1;
    });
    return popped === 1;
  }

  reset(): void {
    this.#allocator.reset();
  }

  statistics(): Statistics {
    return { top: this.#allocator.top, used: this.#allocator.used, capacity: this.#allocator.capacity };
  }

  protected rebuild(): void {
    this.#allocator = this.#newAllocator();
  }

  #newAllocator(): HostStackAllocator {
    return new this.implementation.HostStackAllocator(new this.implementation.WasmMemory(this.memory));
  }
}

function profileOf(start: number, end: number): Profile {
  return {
    operations: ['malloc', 'aligned_alloc', 'mark', 'pop', 'reset', 'grow'],
    alignmentBytes: 8,
    smallestAlignmentBytes: 1,
    maximumAlignmentBytes: 2 ** 31,
    arenaStart: start,
    arenaEnd: end,
    zeroMalloc: 'null',
    zeroRealloc: 'unspecified',
    shrinkingNeverFails: false,
    shrinkingKeepsThePointer: false,
    mayGrow: false,
    growthSlackPages: 0,
    reclaims: true,
    coalesces: false,
    capacityBytes: end - start,
    exact: 'host-stack',
  };
}
