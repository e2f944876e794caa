/** The one interface through which an allocator is seen. Nothing above this line knows which allocator it is. */
import type { Profile } from '../model/profile.ts';

/** Named counters a subject reports about itself. A name means the same in every subject and every predictor. */
export type Statistics = Readonly<Record<string, number>>;

/**
 * An allocator under test.
 *
 * Pointers are unsigned; 0 is NULL and means refused. A host allocator's MemoryError becomes 0; every other throw
 * is passed on and is a violation. Sizes are bytes, whole numbers from 0 to 2^32-1.
 */
export interface Subject {
  readonly name: string;
  readonly profile: Profile;
  /** The linear memory its blocks lie in. The same object until `restart` is called. */
  readonly memory: WebAssembly.Memory;
  /** The size of memory in bytes, where `memory` is longer than the allocator can see. See `memoryBytesOf`. */
  memoryBytes?(): number;
  /** The share of the usual fuel that operations are given, 1 at first; absent where they are given none. */
  patience?: number;
  /** After `restart` no byte of an earlier trace is left, where no block lies either. */
  readonly restartsClean?: boolean;
  /** Nothing whatever outlasts `restart`, so that an instance that ran is as good as a fresh one. */
  readonly restartsExactly?: boolean;
  /** What its operations took since `restart`, in steps that every run of a trace takes alike; absent where not known. */
  readonly stepsTaken?: number;
  /** Back to the first state, exactly: a trace after it runs as in a fresh instance. May replace `memory`. */
  restart(): void;
  malloc(sizeBytes: number): number;
  calloc(count: number, sizeBytes: number): number;
  /** `oldSizeBytes` and `alignmentBytes` are those the block was asked for with; sized ABIs need them. */
  realloc(pointer: number, oldSizeBytes: number, alignmentBytes: number, newSizeBytes: number): number;
  free(pointer: number, sizeBytes: number, alignmentBytes: number): void;
  alignedAlloc(alignmentBytes: number, sizeBytes: number): number;
  mark(): void;
  /** Whether the last mark was refused, so that no pop goes with it; never when absent. */
  readonly hasRefusedMark?: boolean;
  /** False when there is no mark to return to. */
  pop(): boolean;
  reset(): void;
  /** `usableSize` says something. */
  readonly hasUsableSize?: boolean;
  /** The bytes usable at `pointer`, as malloc_usable_size says; whoever asks may write them all. */
  usableSize?(pointer: number): number | undefined;
  /** Grows memory from outside, as a host does. False when memory refuses. */
  grow(pages: number): boolean;
  /** Runs script number `script` of the subject's own list, for subjects that have an interpreter. */
  run(script: number): void;
  /** Its counters now; undefined when it has none. */
  statistics(): Statistics | undefined;
}

/** The size of the linear memory of `subject` as its allocator sees it, in bytes. */
export function memoryBytesOf(subject: Pick<Subject, 'memory' | 'memoryBytes'>): number {
  return subject.memoryBytes?.() ?? subject.memory.buffer.byteLength;
}

/** How to make a subject. The table of subjects holds these; making one may compile a module. */
export interface SubjectDefinition {
  readonly name: string;
  /** One line for `--list`. */
  readonly about: string;
  /** The module of `wasm/dist` that it is made of, where it is made of one. */
  readonly builtFrom?: string;
  create(): Subject;
}

/** Thrown by a subject when an operation used up its fuel: it would not have ended in any reasonable time. */
export class FuelExhausted extends Error {
  override name = 'FuelExhausted';
}
