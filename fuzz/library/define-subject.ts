/** Subjects written in TypeScript by users of the library: an allocator's functions and what it promises, no more. */
import { NO_PROMISES, type Profile } from '../model/profile.ts';
import { growMemory } from '../subjects/grow-memory.ts';
import type { Statistics, Subject, SubjectDefinition } from '../subjects/subject.ts';
import type { OperationKind } from '../trace/operation.ts';

/**
 * An allocator as its owner hands it over. Pointers and sizes are bytes, unsigned; 0 is NULL and means refused.
 * Functions that are left out are not exercised.
 */
export interface OwnAllocator {
  /** The linear memory the blocks lie in. */
  readonly memory: WebAssembly.Memory;
  malloc(sizeBytes: number): number;
  /** `pointer` may be 0, which does nothing. */
  free?(pointer: number, sizeBytes: number, alignmentBytes: number): void;
  calloc?(count: number, sizeBytes: number): number;
  /** `pointer` may be 0, which is malloc. The old size and alignment are those asked for, for allocators that keep none. */
  realloc?(pointer: number, oldSizeBytes: number, alignmentBytes: number, newSizeBytes: number): number;
  alignedAlloc?(alignmentBytes: number, sizeBytes: number): number;
  /** Frees everything at once. */
  reset?(): void;
  /**
   * Remembers how full the heap is; `pop` ends all blocks made since the innermost mark, or returns false when there is
   * none. Not exercised beside `realloc`: nobody has settled whether a block that moved since the mark ends, too.
   */
  mark?(): void;
  pop?(): boolean;
  /** Counters now. `liveBlocks` and `liveBytes` are held against the trace. */
  statistics?(): Statistics;
  /** Back to the state of a fresh allocator, cheaply; when left out, `create` makes a new one for each trace. */
  restart?(): void;
}

/** What the allocator promises beyond the laws that hold for all. What is left out is not judged. */
export type Promises = Pick<Profile, 'alignmentBytes'> & Partial<Profile>;

export interface OwnSubject {
  /** Names the subject in traces and reports. */
  readonly name: string;
  readonly about?: string;
  /**
   * `alignmentBytes` must be said. Left out, `arenaStart` is 1 (anywhere but NULL), `arenaEnd` the end of memory as it is
   * created, `mayGrow` false. An allocator that grows memory must say `arenaEnd`, the largest memory in bytes.
   */
  readonly promises: Promises;
  /** A fresh allocator. */
  create(): OwnAllocator;
  /** Whether an error means "refused", as NULL does. Every other error breaks a law. Left out: none does. */
  isRefusal?(error: unknown): boolean;
}

/** A whole memory of wasm32, in pages: no growth is judged until it is promised. */
const ANY_GROWTH_PAGES = 65536;

/** Makes a subject of your own allocator. Throws TypeError or RangeError when it cannot be one. */
export function defineSubject(own: OwnSubject): SubjectDefinition {
  const profile = profileOf(own);
  return {
    name: own.name,
    about: own.about ?? own.name,
    create: () => new DefinedSubject(own, profile),
  };
}

function profileOf(own: OwnSubject): Profile {
  const { name, promises } = own;
  const { alignmentBytes, mayGrow = false, arenaEnd } = promises;
  if (!isPowerOfTwo(alignmentBytes)) {
    throw new RangeError(`${name}: alignmentBytes is ${alignmentBytes}, expected a power of two from 1 to 2^31`);
  }
  if (mayGrow && arenaEnd === undefined) {
    throw new TypeError(`${name}: mayGrow without arenaEnd; say the largest size memory may have, in bytes`);
  }
  const allocator = own.create();
  return {
    operations: operationsOf(allocator),
    maximumAlignmentBytes: alignmentBytes,
    arenaStart: 1,
    arenaEnd: allocator.memory.buffer.byteLength,
    ...NO_PROMISES,
    growthSlackPages: ANY_GROWTH_PAGES,
    ...promises,
  };
}

function isPowerOfTwo(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= 2 ** 31 && Number.isInteger(Math.log2(value));
}

function operationsOf(allocator: OwnAllocator): OperationKind[] {
  const scopes = allocator.mark !== undefined && allocator.pop !== undefined && allocator.realloc === undefined;
  const has: readonly (readonly [OperationKind, boolean])[] = [
    ['malloc', true],
    ['free', allocator.free !== undefined],
    ['calloc', allocator.calloc !== undefined],
    ['realloc', allocator.realloc !== undefined],
    ['aligned_alloc', allocator.alignedAlloc !== undefined],
    ['mark', scopes],
    ['pop', scopes],
    ['reset', allocator.reset !== undefined],
  ];
  return has.flatMap(([kind, there]) => (there ? [kind] : []));
}

class DefinedSubject implements Subject {
  readonly name: string;
  readonly profile: Profile;
  readonly #own: OwnSubject;
  #allocator: OwnAllocator;

  constructor(own: OwnSubject, profile: Profile) {
    this.name = own.name;
    this.profile = profile;
    this.#own = own;
    this.#allocator = own.create();
  }

  get memory(): WebAssembly.Memory {
    return this.#allocator.memory;
  }

  restart(): void {
    if (this.#allocator.restart === undefined) this.#allocator = this.#own.create();
    else this.#allocator.restart();
  }

  malloc(sizeBytes: number): number {
    return this.#refusable(() => this.#allocator.malloc(sizeBytes));
  }

  calloc(count: number, sizeBytes: number): number {
    return this.#refusable(() => this.#allocator.calloc?.(count, sizeBytes));
  }

  realloc(pointer: number, oldSizeBytes: number, alignmentBytes: number, newSizeBytes: number): number {
    return this.#refusable(() => this.#allocator.realloc?.(pointer, oldSizeBytes, alignmentBytes, newSizeBytes));
  }

  /** A heap that cannot free one block keeps it. */
  free(pointer: number, sizeBytes: number, alignmentBytes: number): void {
    this.#allocator.free?.(pointer, sizeBytes, alignmentBytes);
  }

  alignedAlloc(alignmentBytes: number, sizeBytes: number): number {
    return this.#refusable(() => this.#allocator.alignedAlloc?.(alignmentBytes, sizeBytes));
  }

  mark(): void {
    this.#allocator.mark?.();
  }

  pop(): boolean {
    return this.#allocator.pop?.() ?? false;
  }

  reset(): void {
    this.#allocator.reset?.();
  }

  grow(pages: number): boolean {
    return growMemory(this.memory, pages);
  }

  run(): void {}

  statistics(): Statistics | undefined {
    return this.#allocator.statistics?.();
  }

  #refusable(request: () => number | undefined): number {
    try {
      return request() ?? 0;
    } catch (error) {
      if (this.#own.isRefusal?.(error) === true) return 0;
      throw error;
    }
  }
}
