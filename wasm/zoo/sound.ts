/** Sound allocators that look odd. None of them breaks a law that its profile promises; the suite must stay silent. */
import type { Profile } from '../../fuzz/model/profile.ts';

export interface SoundModule {
  /** Kebab case; the source is `sound/<name>.zig`, the module `sound-<name>.wasm`. */
  readonly name: string;
  /** What looks odd. */
  readonly about: string;
  readonly profile: Profile;
}

const PAGE_BYTES = 65536;

const PROFILE: Profile = {
  operations: ['malloc', 'calloc', 'realloc', 'free', 'aligned_alloc', 'grow'],
  alignmentBytes: 16,
  maximumAlignmentBytes: 65536,
  arenaStart: 20480,
  arenaEnd: 64 * PAGE_BYTES,
  zeroMalloc: 'null',
  zeroRealloc: 'frees',
  shrinkingNeverFails: true,
  shrinkingKeepsThePointer: true,
  mayGrow: true,
  // A header may push a request over the edge of a page.
  growthSlackPages: 1,
  reclaims: true,
  coalesces: true,
  // The 62 pages that it may grow by, less a header and guards.
  capacityBytes: 62 * PAGE_BYTES - 64,
};

const NEVER_GROWS: Partial<Profile> = {
  operations: ['malloc', 'calloc', 'realloc', 'free', 'aligned_alloc'],
  mayGrow: false,
  growthSlackPages: 0,
  capacityBytes: 2 * PAGE_BYTES - 20480 - 16,
};

const sound = (name: string, about: string, promises: Partial<Profile> = {}): SoundModule => ({
  name,
  about,
  profile: { ...PROFILE, ...promises },
});

export const SOUND_MODULES: readonly SoundModule[] = [
  sound('alignment-8', '8-byte alignment', { alignmentBytes: 8 }),
  sound('alignment-4', '4-byte alignment', { alignmentBytes: 4 }),
  sound('zero-block', 'malloc(0) is a block', { zeroMalloc: 'block' }),
  sound('realloc-zero-block', 'malloc(0) and realloc(p, 0) are blocks', { zeroMalloc: 'block', zeroRealloc: 'block' }),
  sound('never-joins', 'free blocks never join', {
    operations: ['malloc', 'calloc', 'realloc', 'free', 'grow'],
    coalesces: false,
  }),
  sound('deferred-joins', 'free blocks join when nothing fits'),
  sound('doubling', 'doubles its memory when it is full', { growthSlackPages: 64 }),
  sound('sixteen-pages', 'grows by multiples of 16 pages', { growthSlackPages: 16 }),
  sound('canaries', 'guard words around every block, checked'),
  sound('quarantine', 'freed blocks wait for 32 others'),
  sound('scattered', 'pseudo-random placement, the same every time'),
  sound('scattered-quarantine', 'scattered, guarded, 8-aligned, with a quarantine', {
    alignmentBytes: 8,
    growthSlackPages: 16,
  }),
  sound('keeps-when-shrunk', 'a block that shrinks keeps all it has, and memory never grows', NEVER_GROWS),
  sound('few-blocks', 'no more than 100 blocks live at once, and memory never grows', {
    ...NEVER_GROWS,
    maximumBlocks: 100,
  }),
  sound('largest-block', 'no block is larger than 40,000 bytes', { capacityBytes: 40_000 }),
  sound('sweeps', 'freed blocks come back when nothing fits'),
  sound('strict-quarantine', 'freed blocks wait for 16 others, even where nothing else is left', {
    heldBackBlocks: 16,
    coalesces: false,
  }),
  sound('last-freed-waits', 'the block that was freed last waits for the next one', {
    heldBackBlocks: 1,
    coalesces: false,
  }),
  sound('aligned-apart', 'aligned_alloc refuses less than 32, and gives blocks of 0 bytes where malloc gives none', {
    leastAlignmentBytes: 32,
    zeroOthers: { aligned_alloc: 'block' },
  }),
  sound('slabs', 'a page for each size of its blocks, 16 in all', {
    operations: ['malloc', 'calloc', 'realloc', 'free', 'grow'],
    alignmentBytes: 16,
    growthSlackPages: 16,
    capacityBytes: 16 * PAGE_BYTES,
    reserveBytes: 16 * PAGE_BYTES,
  }),
  sound('two-regions', 'small blocks from below, large ones from above, each with gaps of their own', {
    ...NEVER_GROWS,
    operations: ['malloc', 'calloc', 'realloc', 'free'],
    alignmentBytes: 8,
    gapsAreKept: true,
  }),
  sound('globals', 'the head of its list is a wasm global'),
];
