/** What the bump pool promises, by the contract in `bump.zig`. */
import type { Profile } from '../../fuzz/model/profile.ts';

const ALIGNMENT_BYTES = 16;

/**
 * Of the pool at [start, end). Its largest block and its exact answers are left out: they hold where nobody else
 * allocates from it.
 */
export function bumpProfile(operations: Profile['operations'], start: number, end: number): Profile {
  return {
    operations,
    alignmentBytes: ALIGNMENT_BYTES,
    maximumAlignmentBytes: 2 ** 31,
    arenaStart: start,
    arenaEnd: end,
    zeroMalloc: 'null',
    zeroRealloc: 'frees',
    shrinkingNeverFails: true,
    shrinkingKeepsThePointer: true,
    mayGrow: false,
    growthSlackPages: 0,
    reclaims: false,
    coalesces: false,
    capacityBytes: 0,
  };
}
