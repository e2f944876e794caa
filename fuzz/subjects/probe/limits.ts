/** What a heap keeps for itself beyond its blocks, and how many blocks it can keep. */
import type { Profile } from '../../model/profile.ts';
import { LEAST_RESERVE_BYTES, largestWithin, usedAtMost } from '../../model/refusal.ts';
import type { ModuleSubject } from '../module-subject.ts';
import { allocate, allocateMany, attempt, MOST_BLOCKS, release } from './attempt.ts';

/** The steps of size classes are seldom finer. */
const STEP = 1.2;
const SMALLEST_BYTES = 8;
/** Where the classes of slabs end: one block of each up to one of these. */
const LARGEST_BYTES = [256, 2048, 16384];
/** The share of a heap that the largest of these may have. */
const LARGEST_SHARE = 1 / 64;
const TOLERANCE_BYTES = 4096;

/**
 * Bytes of a heap that may be out of reach once it has a block of each size: slabs, each for one class, and what lies
 * about a block that was placed in the middle. An allocator that refuses now and then must not pass for one that keeps
 * more, so the best of three attempts counts, each with one request more.
 */
export function probeReserve(subject: ModuleSubject, capacityBytes: number): number {
  if (!holdsTwo(subject, capacityBytes)) return LEAST_RESERVE_BYTES;
  const largest = LARGEST_BYTES.filter((sizeBytes) => sizeBytes <= capacityBytes * LARGEST_SHARE);
  return Math.max(LEAST_RESERVE_BYTES, ...largest.map((sizeBytes) => reserveBehind(subject, capacityBytes, sizeBytes)));
}

/** Whatever a heap keeps behind its first block, a sixteenth of it is left; one that then has nothing more loses it. */
const HELD_SHARE = 1 / 16;
const FIRST_BYTES = [8, 40, 200];

function holdsTwo(subject: ModuleSubject, capacityBytes: number): boolean {
  const sizeBytes = Math.floor(capacityBytes * HELD_SHARE);
  return FIRST_BYTES.some((first) => isGrantedBehind(subject, [first], 0, sizeBytes));
}

function reserveBehind(subject: ModuleSubject, capacityBytes: number, largestBytes: number): number {
  const sizes = oneOfEach(largestBytes);
  const total = sizes.reduce((sum, sizeBytes) => sum + sizeBytes, 0);
  const wantedBytes = largestWithin(capacityBytes - usedAtMost(total, sizes.length) - LEAST_RESERVE_BYTES);
  const isLeft = (sizeBytes: number) => [0, 1, 2].some((more) => isGrantedBehind(subject, sizes, more, sizeBytes));
  if (wantedBytes <= 0 || isLeft(wantedBytes)) return LEAST_RESERVE_BYTES;
  return capacityBytes - usedAtMost(largestLeft(wantedBytes, isLeft), 1);
}

function oneOfEach(largestBytes: number): number[] {
  const sizes: number[] = [];
  for (let sizeBytes = SMALLEST_BYTES; sizeBytes <= largestBytes; sizeBytes *= STEP) sizes.push(Math.floor(sizeBytes));
  return sizes;
}

function isGrantedBehind(subject: ModuleSubject, sizes: readonly number[], more: number, sizeBytes: number): boolean {
  return attempt(subject, false, () => {
    for (const small of sizes) allocate(subject, small);
    allocateMany(subject, SMALLEST_BYTES, more);
    return allocate(subject, sizeBytes) !== undefined;
  });
}

/** By bisection. */
function largestLeft(wantedBytes: number, isLeft: (sizeBytes: number) => boolean): number {
  let granted = 0;
  let refused = wantedBytes;
  while (refused - granted > TOLERANCE_BYTES) {
    const middle = Math.floor((granted + refused) / 2);
    if (isLeft(middle)) granted = middle;
    else refused = middle;
  }
  return granted;
}

const COUNTED_SIZES_BYTES = [16, 1, 40];

/**
 * How many blocks there may be at once, where a table sets a limit before memory does: the same for every size, and met
 * again when one block less lives. Undefined where there is no such limit.
 */
export function probeMaximumBlocks(subject: ModuleSubject, profile: Profile): number | undefined {
  const counts = COUNTED_SIZES_BYTES.map((sizeBytes) => blocksOf(subject, profile, sizeBytes));
  const [first] = counts;
  return counts.every((count) => count === first) ? first : undefined;
}

function blocksOf(subject: ModuleSubject, { capacityBytes, reserveBytes }: Profile, sizeBytes: number) {
  return attempt(subject, undefined, () => {
    const blocks = allocateMany(subject, sizeBytes, MOST_BLOCKS);
    const used = usedAtMost(blocks.length * (sizeBytes + subject.profile.alignmentBytes), blocks.length);
    const last = blocks.at(-1);
    if (last === undefined || blocks.length === MOST_BLOCKS) return undefined;
    if (used + (reserveBytes ?? LEAST_RESERVE_BYTES) > capacityBytes) return undefined;
    release(subject, last);
    return allocateMany(subject, sizeBytes, 2).length === 1 ? blocks.length : undefined;
  });
}
