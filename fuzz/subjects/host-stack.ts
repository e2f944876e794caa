/** HostStackAllocator as a subject, in its default region: `malloc` is `alloc(size)`, with `mark` and `pop`. */
import type { HostStackAllocator } from '../../src/index.ts';
import type { Profile } from '../model/profile.ts';
import { HostSubject } from './host-subject.ts';
import { HOST_IMPLEMENTATION, type HostImplementation } from './implementation.ts';
import type { Statistics } from './subject.ts';

/** The region a stack is tried on. */
export interface StackRegion {
  readonly base: number;
  readonly sizeBytes: number;
}

/** `STACK_SIZE` bytes below `HEAP_BASE` (design.md): what is judged may not be asked where it should lie. */
const DEFAULT_REGION: StackRegion = { base: 0x8000, sizeBytes: 0x8000 };

export class HostStackSubject extends HostSubject {
  readonly name = 'host-stack';
  readonly profile: Profile;
  readonly #region: StackRegion | undefined;
  #allocator: HostStackAllocator;

  /** `region` absent: the implementation's default one, in a memory of one page. */
  constructor(implementation: HostImplementation = HOST_IMPLEMENTATION, region?: StackRegion) {
    super(implementation, 1, 4);
    this.#region = region;
    const { base, sizeBytes } = region ?? DEFAULT_REGION;
    this.profile = profileOf(base, base + sizeBytes);
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
    const memory = new this.implementation.WasmMemory(this.memory);
    if (this.#region === undefined) return new this.implementation.HostStackAllocator(memory);
    return new this.implementation.HostStackAllocator(memory, this.#region.base, this.#region.sizeBytes);
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
