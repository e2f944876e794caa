/** What an allocator ABI is: which exports it needs, and how its calls become those of C. */
import type { OperationKind } from '../../trace/operation.ts';
import type { Surface } from './surface.ts';

/** Export names by role, for example `malloc: '_malloc'`. */
export type Names = Readonly<Record<string, string>>;

/** What was found in a module, as data to print or to save. */
export interface Detection {
  readonly abi: string;
  readonly names: Names;
  /** Why this ABI and these names, a line each. */
  readonly why: readonly string[];
  /** Roles whose alignment is given before the size, where the usual order is the other; none when absent. */
  readonly alignmentFirst?: readonly string[];
}

export type Callable = (...values: number[]) => unknown;

/** What binding needs of an instance. */
export interface ModuleAccess {
  /** The exported function `name`. Throws Error when there is none. */
  functionOf(name: string): Callable;
  /** Its type, such as `(i32) -> i32`. */
  typeOf(name: string): string;
  /** The word at `pointer`. */
  readU32(pointer: number): number;
  writeU32(pointer: number, value: number): void;
  /** The address of a word that holds 0 and that the module has no use for; undefined when none is known. */
  spareWord(): number | undefined;
  /** The alignment that a request of malloc stands for, where the ABI wants one with every request. */
  readonly alignmentBytes: number;
  /** See `Detection`. */
  readonly alignmentFirst: readonly string[];
  /** A request of 0 bytes is known to give a block, wherever that lies. */
  readonly zeroIsABlock: boolean;
}

/** Allocation functions with one meaning for every ABI. Pointers and sizes are unsigned; 0 is NULL. */
export interface Allocator {
  malloc(sizeBytes: number): number;
  calloc?(count: number, sizeBytes: number): number;
  realloc?(pointer: number, oldSizeBytes: number, alignmentBytes: number, newSizeBytes: number): number;
  /** realloc is told how many bytes the block holds. */
  readonly reallocTakesOldSize?: true;
  /** realloc is told the alignment of the block, and keeps it. */
  readonly reallocKeepsAlignment?: true;
  free?(pointer: number, sizeBytes: number, alignmentBytes: number): void;
  alignedAlloc?(alignmentBytes: number, sizeBytes: number): number;
  /** alignedAlloc is never asked for what malloc promises anyway. */
  readonly alignsAboveMalloc?: true;
  usableSize?(pointer: number): number;
  /**
   * Where a stack is to be released to so that it ends what is made from now on; undefined when it refuses the mark. The next
   * pointer when absent.
   */
  mark?(): number | undefined;
  /** Ends every block made since a mark was `to`, or since the block at `to` was made, that block included. */
  release?(to: number): void;
  /** Ends the block that was made last of those that live. */
  popLast?(): void;
  /** Takes back what was freed and still waits for it; false when nothing does. What was refused may fit then. */
  collect?(): boolean;
}

/** What an ABI promises by itself, whatever the module. */
export interface Convention {
  /** A request that cannot be met ends in `unreachable` or an abort instead of NULL. */
  readonly refusesByTrap: boolean;
  /** Pointers are multiples of this whatever a probe sees: the ABI is asked for it with every request. */
  readonly alignmentFloorBytes: number;
  /** The ABI's max_align_t; a smaller alignment is worth a note. */
  readonly usualAlignmentBytes: number;
  /** realloc to 0 bytes is not a valid call. */
  readonly forbidsZeroRealloc: boolean;
  readonly shrinkingNeverFails: boolean;
  /** Whatever looks like a pointer in a block keeps what it points to: answers depend on what is written into blocks. */
  readonly collectsConservatively: boolean;
}

/** C on wasm32: NULL for a refusal, nothing promised beyond. */
export const C_CONVENTION: Convention = {
  refusesByTrap: false,
  alignmentFloorBytes: 1,
  usualAlignmentBytes: 16,
  forbidsZeroRealloc: false,
  shrinkingNeverFails: false,
  collectsConservatively: false,
};

export interface Abi {
  readonly name: string;
  /** One line for people. */
  readonly about: string;
  readonly convention: Convention;
  /** The roles it knows, with the types an export in that role may have. */
  readonly roles: Readonly<Record<string, readonly string[]>>;
  /** Everything of this ABI in the module, the likeliest first. */
  detect(surface: Surface): Detection[];
  /** Which of several functions of `names` is called for which requests, a line each. */
  sayDispatch?(names: Names): string[];
  /** The allocator behind `names`, whose types were checked. */
  bind(names: Names, access: ModuleAccess): Allocator;
}

/** The export that plays `role`. Throws Error when none does: detection and `--map` name all that an ABI cannot do without. */
export function required(names: Names, role: string): string {
  const name = names[role];
  if (name === undefined) throw new Error(`no export plays the role "${role}"; map it with --map ${role}=name`);
  return name;
}

/** The function that plays `role`; undefined when none does. */
export function optional(names: Names, role: string, access: ModuleAccess): Callable | undefined {
  const name = names[role];
  return name === undefined ? undefined : access.functionOf(name);
}

/** The operations of a trace that `allocator` has. */
export function operationsOf(allocator: Allocator): OperationKind[] {
  const operations: OperationKind[] = ['malloc'];
  if (allocator.calloc !== undefined) operations.push('calloc');
  if (allocator.realloc !== undefined) operations.push('realloc');
  if (allocator.free !== undefined) operations.push('free');
  if (allocator.alignedAlloc !== undefined) operations.push('aligned_alloc');
  if (allocator.release !== undefined || allocator.popLast !== undefined) operations.push('mark', 'pop');
  return operations;
}

/** An answer as an unsigned number. The type of the export was checked to be an i32. */
export const unsigned = (answer: unknown): number => (answer as number) >>> 0;

/** Types of the usual shapes: `signature(2, 1)` is `(i32, i32) -> i32`. */
export function signature(params: number, results: 0 | 1): string {
  return `(${Array.from({ length: params }, () => 'i32').join(', ')}) -> ${results === 1 ? 'i32' : '()'}`;
}
