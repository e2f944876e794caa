/** When NULL is an honest answer: bounds that hold for every sound allocator of a kind, however it places blocks. */
import type { HeapModel } from './heap-model.ts';
import type { Profile } from './profile.ts';

/** Headers, bins and rounding that no sound allocator exceeds a block, in bytes. */
export const OVERHEAD_BYTES = 64;
/** Room any allocator may keep for itself: tables, guards, a page of rounding. */
export const LEAST_RESERVE_BYTES = 65536;
/** What a block too large for a slab takes of an allocator that hands out whole pages. */
const PAGE_BYTES = 65536;
/** A size class, a buddy or a doubled heap may need up to this many times the bytes asked for. */
const ROUNDING = 4;

/** What blocks of `bytes` bytes in all may take, however they are rounded. */
export const usedAtMost = (bytes: number, blocks: number): number => ROUNDING * (bytes + OVERHEAD_BYTES * blocks);

/** The largest block that is sure to fit into `roomBytes`, however it is rounded; below 1 where none is. */
export const largestWithin = (roomBytes: number): number => Math.floor(roomBytes / ROUNDING) - OVERHEAD_BYTES;

/** What the smallest heap that is any use holds. */
const LEAST_GRANTED_BYTES = 16;

const reserveOf = ({ reserveBytes }: Profile): number => reserveBytes ?? LEAST_RESERVE_BYTES;

/** Whether a heap with the live blocks of `model` may refuse `sizeBytes` bytes at `alignmentBytes`. */
export function mayRefuse(profile: Profile, model: HeapModel, sizeBytes: number, alignmentBytes: number): boolean {
  if (sizeBytes === 0) return true;
  if (profile.capacityBytes === 0) return profile.grantsNothing !== true || sizeBytes > LEAST_GRANTED_BYTES;
  if (model.live.length >= (profile.maximumBlocks ?? Number.POSITIVE_INFINITY)) return true;
  if (isGuaranteed(profile, model, sizeBytes, alignmentBytes)) return false;
  const need = usedAtMost(sizeBytes, 1) + spacedBytes(profile) + 2 * alignmentBytes;
  return !fitsUntouched(profile, model, need) && !fitsAGap(profile, model, need);
}

/** A pool has a cell for it, wherever the blocks lie that live. */
function isGuaranteed(profile: Profile, model: HeapModel, sizeBytes: number, alignment: number): boolean {
  const { capacityBytes, alignmentBytes, guaranteedBlocks = 0 } = profile;
  return model.live.length < guaranteedBlocks && sizeBytes <= capacityBytes && alignment <= alignmentBytes;
}

/** What each block takes at the least, however small it is: it may be the first of its class. */
const spacedBytes = ({ leastDistanceBytes = 0, classBytes = 0 }: Profile): number =>
  Math.max(leastDistanceBytes, classBytes);

/** Even an allocator that never reuses a byte still has room. */
function fitsUntouched(profile: Profile, model: HeapModel, need: number): boolean {
  const paged = PAGE_BYTES * model.everMiddling;
  const spaced = spacedBytes(profile) * model.everBlocks;
  const since = usedAtMost(model.everBytes, model.everBlocks);
  const used = since + paged + spaced + model.foreignBytes + keptBytes(profile, model, since + need);
  return used + need + reserveOf(profile) <= profile.capacityBytes;
}

/**
 * What a heap that grows may keep over a reset without a use for `wantedBytes` bytes: chunks that are too small. One that
 * holds the largest block of before is large enough for less than that.
 */
function keptBytes({ mayGrow }: Profile, model: HeapModel, wantedBytes: number): number {
  return mayGrow && wantedBytes > model.largestBytes ? usedAtMost(model.resetBytes, model.resetBlocks) : 0;
}

/**
 * Whether all blocks of `model` ever asked for would fit side by side, with whatever an allocator may add to them and
 * as many more as it holds back.
 */
export function isRoomy(profile: Profile, model: HeapModel): boolean {
  if (profile.guaranteedBlocks !== undefined) return model.everBlocks <= profile.guaranteedBlocks;
  const arenaBytes = profile.arenaEnd - profile.arenaStart;
  const heldBack = (profile.heldBackBlocks ?? 0) * usedAtMost(model.everBytes, 1);
  return fitsUntouched({ ...profile, capacityBytes: profile.capacityBytes || arenaBytes }, model, heldBack);
}

/** A coalescing allocator of a fixed arena has a gap, where it had blocks before, that holds this one however rounded. */
function fitsAGap(profile: Profile, model: HeapModel, need: number): boolean {
  if (!profile.coalesces || profile.mayGrow || profile.gapsAreKept === true) return false;
  if (need + model.liveBytes > profile.capacityBytes) return false;
  const gap = model.longestGapBytes(model.lowestStart, model.highestEnd, (sizeBytes) => 2 * sizeBytes + OVERHEAD_BYTES);
  return need + reserveOf(profile) <= Math.min(gap, profile.capacityBytes);
}

/** Of the largest memory there may be, so much may be had before a limit of the allocator's own is likely. */
const UNLIMITED_SHARE = 1 / 4;

/**
 * Whether memory that grew by `grownBytes` to `memoryBytes` for a request that was refused is more than enough for it,
 * however it is rounded, and for what the allocator may keep.
 */
export function growsInVain(profile: Profile, sizeBytes: number, grownBytes: number, memoryBytes: number): boolean {
  if (memoryBytes > profile.arenaEnd * UNLIMITED_SHARE) return false;
  return grownBytes > 0 && usedAtMost(sizeBytes, 1) <= grownBytes;
}
