/**
 * The zoo: sound allocators of our own, and every single fault that each of them can be given, as data.
 *
 * A fault is shown by `shortestTrace`, the shortest legal trace known, and breaks one of `laws`. Traces are judged from
 * a fresh instance with the allocator's `profile`; see `fuzz/lockstep.ts`. `code` is the fault's number in the Zig
 * source, which the build writes into a copy of the sound module; 0 is the sound form.
 */
import type { LawId } from '../../fuzz/laws.ts';
import type { Profile } from '../../fuzz/model/profile.ts';
import { BUDDY_FAULTS } from './faults/buddy.ts';
import { BUMP_FAULTS } from './faults/bump.ts';
import { FREE_LIST_FAULTS } from './faults/free-list.ts';
import { SEGREGATED_FAULTS } from './faults/segregated.ts';

export type ZooAllocatorName = 'bump' | 'free-list' | 'segregated' | 'buddy';

/** What an allocator's fault is, before its place in the table gives it a code. */
export interface Fault {
  /** Kebab case; in the Zig source the same with underscores. */
  readonly fault: string;
  /** What it does wrong, and when. */
  readonly about: string;
  /** Any of these is a right answer. */
  readonly laws: readonly [LawId, ...LawId[]];
  /** Operations, one a line, in the text form of `fuzz/trace/text.ts`. */
  readonly shortestTrace: string;
  /** What it takes where one run shows nothing: many rounds with all freed between, or other bytes in the blocks. */
  readonly needs?: 'repetition' | 'other-contents';
}

export interface ZooFault extends Fault {
  readonly allocator: ZooAllocatorName;
  /** From 1, the fault's place in the Zig enum. */
  readonly code: number;
  /** Operations of `shortestTrace`. */
  readonly leastOperations: number;
}

export interface ZooAllocator {
  readonly name: ZooAllocatorName;
  readonly about: string;
  readonly initialPages: number;
  readonly maximumPages: number;
  /** What the sound form promises. */
  readonly profile: Profile;
  readonly faults: readonly Fault[];
}

const PAGE_BYTES = 65536;
/** Stack, static data and rounding, `memory.base()` in Zig. */
const BASE = 20480;

const LIVE_BLOCKS = { counter: 'heap_live_blocks', means: 'live-blocks' } as const;
const LIVE_BYTES = { counter: 'heap_live_bytes', means: 'live-bytes' } as const;

const PROMISES = {
  operations: ['malloc', 'calloc', 'realloc', 'free', 'aligned_alloc'],
  alignmentBytes: 16,
  maximumAlignmentBytes: 65536,
  zeroMalloc: 'null',
  zeroRealloc: 'frees',
  shrinkingNeverFails: true,
  shrinkingKeepsThePointer: true,
  mayGrow: false,
  growthSlackPages: 0,
  reclaims: true,
  coalesces: true,
} as const;

/** The allocators that grow: by the pages a request needs, and one where headers cross the edge of a page. */
const GROWING = {
  ...PROMISES,
  operations: [...PROMISES.operations, 'grow'],
  arenaStart: BASE,
  arenaEnd: 64 * PAGE_BYTES,
  mayGrow: true,
  growthSlackPages: 1,
} as const;

export const ZOO_ALLOCATORS: readonly ZooAllocator[] = [
  {
    name: 'bump',
    about: 'static pool, nothing reclaimed, the newest block resized in place',
    initialPages: 5,
    maximumPages: 5,
    profile: {
      ...PROMISES,
      arenaStart: BASE,
      arenaEnd: 5 * PAGE_BYTES,
      reclaims: false,
      coalesces: false,
      capacityBytes: 5 * PAGE_BYTES - BASE - 16,
    },
    faults: BUMP_FAULTS,
  },
  {
    name: 'free-list',
    about: 'boundary tags, first fit, coalescing on both sides, grows',
    initialPages: 2,
    maximumPages: 64,
    // The 62 pages that it may grow by, less a header and a sentinel.
    profile: {
      ...GROWING,
      zeroMalloc: 'block',
      capacityBytes: 62 * PAGE_BYTES - 32,
      counters: [LIVE_BLOCKS, LIVE_BYTES],
    },
    faults: FREE_LIST_FAULTS,
  },
  {
    name: 'segregated',
    about: 'size classes over spans of 4 KiB, runs of spans for large blocks, grows',
    initialPages: 2,
    maximumPages: 64,
    profile: { ...GROWING, coalesces: false, capacityBytes: 62 * PAGE_BYTES, counters: [LIVE_BLOCKS] },
    faults: SEGREGATED_FAULTS,
  },
  {
    name: 'buddy',
    about: 'binary buddies in a fixed arena of 1 MiB',
    initialPages: 19,
    maximumPages: 19,
    profile: {
      ...PROMISES,
      arenaStart: 3 * PAGE_BYTES,
      arenaEnd: 19 * PAGE_BYTES,
      capacityBytes: 16 * PAGE_BYTES,
      counters: [LIVE_BLOCKS, LIVE_BYTES],
    },
    faults: BUDDY_FAULTS,
  },
];

/** Every fault of every allocator. */
export const ZOO_FAULTS: readonly ZooFault[] = ZOO_ALLOCATORS.flatMap(({ name, faults }) =>
  faults.map((fault, index) => ({
    ...fault,
    allocator: name,
    code: index + 1,
    leastOperations: fault.shortestTrace.split('\n').length,
  })),
);

/** The file of a faulty module, in the zoo's directory. */
export const faultFile = ({ allocator, fault }: ZooFault): string => `${allocator}-${fault}.wasm`;
