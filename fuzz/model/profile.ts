/** What a subject promises. No law is applied that the profile does not promise. Plain data: it is saved as JSON. */
import type { OperationKind } from '../trace/operation.ts';
import type { CounterPromise } from './counter-meanings.ts';

/** `null`: always NULL. `block`: a block that may be freed. `unspecified`: either, but the same every time. */
export type ZeroMalloc = 'null' | 'block' | 'unspecified';

/** `frees`: frees the block and returns NULL. `block`: the block lives on with no bytes. `unspecified`: not exercised. */
export type ZeroRealloc = 'frees' | 'block' | 'unspecified';

/** Exact answers that a subject promises, by the name of the predictor that knows them. */
export type ExactContract = 'host-bump' | 'host-stack' | 'pool-bump';

export interface Profile {
  /** The operations the subject has; others in a trace are skipped. */
  readonly operations: readonly OperationKind[];
  /** Every pointer of malloc, calloc and realloc is a multiple of this, in bytes. */
  readonly alignmentBytes: number;
  /** Every pointer, that of `aligned_alloc` with less included, is a multiple of this; `alignmentBytes` when absent. */
  readonly smallestAlignmentBytes?: number;
  /** realloc keeps the alignment that the block was asked for with, be it smaller or larger than `alignmentBytes`. */
  readonly reallocKeepsAlignment?: boolean;
  /** The smallest alignment `aligned_alloc` may be asked for, in bytes; any when absent. */
  readonly leastAlignmentBytes?: number;
  /** The largest alignment `aligned_alloc` honours, in bytes. */
  readonly maximumAlignmentBytes: number;
  /** Blocks lie in [arenaStart, arenaEnd). For a subject that grows, the end is that of its largest memory. */
  readonly arenaStart: number;
  readonly arenaEnd: number;
  readonly zeroMalloc: ZeroMalloc;
  readonly zeroRealloc: ZeroRealloc;
  /** What other functions answer where it is not what malloc does: calloc, aligned_alloc, and realloc of NULL. */
  readonly zeroOthers?: Readonly<Partial<Record<'calloc' | 'realloc' | 'aligned_alloc', ZeroMalloc>>>;
  /** realloc to a smaller size never returns NULL. */
  readonly shrinkingNeverFails: boolean;
  /** realloc to a smaller size keeps the pointer. */
  readonly shrinkingKeepsThePointer: boolean;
  /** realloc neither is told nor keeps what a block holds: it copies as many bytes as are asked for. */
  readonly reallocCopiesFreely?: boolean;
  /** Memory may grow by the subject's own doing. */
  readonly mayGrow: boolean;
  /** Pages an operation may grow memory by beyond what it needs. */
  readonly growthSlackPages: number;
  /** Memory grows by a share of what is asked for, or of itself: four times the one and twice the other are allowed as well. */
  readonly growsByShares?: boolean;
  /** Pages that somebody else grew memory by are never handed out. */
  readonly sparesForeignPages?: boolean;
  /** Answers may depend on what blocks hold, as under a conservative garbage collector. */
  readonly readsContents?: boolean;
  /** Freed memory is used again. */
  readonly reclaims: boolean;
  /** A stack: what a pop ended is memory for the blocks that follow. */
  readonly popsReclaim?: boolean;
  /** Freed blocks that wait, at most, before their memory is used again, even where nothing else is left; 0 when absent. */
  readonly heldBackBlocks?: number;
  /** When all is freed, a block as large as the largest of a fresh heap fits again. */
  readonly coalesces: boolean;
  /** After a reset blocks lie where they lie in a fresh heap. */
  readonly resetReplays?: boolean;
  /** The largest block of a fresh heap, and of one that was reset, in bytes; 0 when not known. */
  readonly capacityBytes: number;
  /**
   * The largest block of a fresh heap that has yet to grow, in bytes: when all is freed and it never grew, that fits
   * again without growth. 0 when absent.
   */
  readonly ungrownBytes?: number;
  /** Not a byte was ever granted: there is nothing that such an allocator may refuse for. */
  readonly grantsNothing?: boolean;
  /** Where the first block of a fresh heap lies. It promises nothing: traces take sizes from it that end at page edges. */
  readonly firstPointer?: number;
  /** Bytes that may be out of reach for what blocks of many sizes keep from each other; a page when absent. */
  readonly reserveBytes?: number;
  /** No two blocks lie nearer than this, in bytes, where that is more than any header explains: pages, slots. */
  readonly leastDistanceBytes?: number;
  /** Blocks of at least so many bytes take pages of their own, where that is less than in most heaps with pages. */
  readonly pagedFromBytes?: number;
  /** What the first block of a size class takes beyond its size, in bytes, where that is a slab or a page; 0 when absent. */
  readonly classBytes?: number;
  /** A gap between blocks may be kept for large blocks, or for small ones; any block that fits may have it when absent. */
  readonly gapsAreKept?: boolean;
  /** The most blocks that may live at once; absent where only memory sets a limit. */
  readonly maximumBlocks?: number;
  /** A pool: while fewer blocks than this live, one of up to `capacityBytes` bytes is granted. Absent where nothing says so. */
  readonly guaranteedBlocks?: number;
  /** What counters of `statistics` mean. Absent: they have names that say it, see `Statistics`. */
  readonly counters?: readonly CounterPromise[];
  /** The contract that fixes every answer, when there is one. */
  readonly exact?: ExactContract;
}

/** For a subject that promises nothing beyond its alignment and its arena. */
export const NO_PROMISES = {
  zeroMalloc: 'unspecified',
  zeroRealloc: 'unspecified',
  shrinkingNeverFails: false,
  shrinkingKeepsThePointer: false,
  mayGrow: false,
  growthSlackPages: 0,
  reclaims: false,
  coalesces: false,
  capacityBytes: 0,
} as const satisfies Partial<Profile>;
