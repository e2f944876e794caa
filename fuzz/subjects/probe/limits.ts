/** What a heap keeps for itself beyond its blocks, and how many blocks it can keep. */
import { LARGEST_SLOT_BYTES } from '../../model/heap-model.ts';
import type { Profile } from '../../model/profile.ts';
import { LEAST_RESERVE_BYTES, largestWithin, usedAtMost } from '../../model/refusal.ts';
import type { ModuleSubject } from '../module-subject.ts';
import { allocate, allocateMany, attempt, MOST_BLOCKS, release, share } from './attempt.ts';
import { PAGE_BYTES } from './capacity.ts';

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

/** By bisection, to within `toleranceBytes`. */
function largestLeft(
  wantedBytes: number,
  isLeft: (sizeBytes: number) => boolean,
  toleranceBytes = TOLERANCE_BYTES,
): number {
  let granted = 0;
  let refused = wantedBytes;
  while (refused - granted > toleranceBytes) {
    const middle = Math.floor((granted + refused) / 2);
    if (isLeft(middle)) granted = middle;
    else refused = middle;
  }
  return granted;
}

/** No two of which fall into one class, and as many of the first. */
const CLASSES_BYTES = [9, 17, 33, 49, 65, 97, 129, 193, 257, 385, 513, 1025];
/** A class that takes less is none of slabs. */
const LEAST_CLASS_BYTES = 4096;

/** What the first block of a class takes of a heap beyond what another block of a class that is there does; 0 where that is little. */
export function probeClassBytes(subject: ModuleSubject, capacityBytes: number): number {
  const largestBehind = (sizes: readonly number[]) =>
    largestLeft(capacityBytes, (sizeBytes) => isGrantedBehind(subject, sizes, 0, sizeBytes));
  const alike = CLASSES_BYTES.map(() => CLASSES_BYTES[0] ?? 1);
  const lostBytes = largestBehind(alike) - largestBehind(CLASSES_BYTES);
  const classBytes = lostBytes / (CLASSES_BYTES.length - 1);
  // What is lost at the end of a heap makes this inexact; slabs and pages are powers of two.
  return classBytes >= LEAST_CLASS_BYTES ? 2 ** Math.ceil(Math.log2(classBytes)) : 0;
}

/** Of two pages in a row, something may lie before the first block. */
const PAGE_SHARE = 0.9;

/** The smallest block that takes pages of its own, where blocks of the size that most heaps let share a page do; 0 elsewhere. */
export function probePagedFrom(subject: ModuleSubject): number {
  const isPaged = (sizeBytes: number) =>
    attempt(subject, false, () => {
      const [first, second] = allocateMany(subject, sizeBytes, 2);
      return second !== undefined && Math.abs(second.pointer - (first?.pointer ?? 0)) >= PAGE_SHARE * PAGE_BYTES;
    });
  return isPaged(LARGEST_SLOT_BYTES) ? 1 + largestLeft(LARGEST_SLOT_BYTES, (sizeBytes) => !isPaged(sizeBytes), 1) : 0;
}

/** Two blocks that fill a heap, as shares of its capacity; the first is freed. */
const LARGE_SHARES = [
  [0.45, 0.45],
  [0.7, 0.2],
  [0.2, 0.7],
  [0.85, 0.1],
] as const;
const SMALL_BYTES = [9, 64, 300];

/**
 * Whether the gap that a large block left is kept from small ones, beside a large block that stays in a full heap: where
 * the two have regions of their own. A defect that loses a gap does not lose most.
 */
export function probeKeptGaps(subject: ModuleSubject, capacityBytes: number): boolean {
  const tries = LARGE_SHARES.flatMap((shares) =>
    [true, false].flatMap((inOrder) =>
      SMALL_BYTES.map((sizeBytes) => isGivenTheGap(subject, capacityBytes, shares, inOrder, sizeBytes)),
    ),
  );
  const telling = tries.filter((given) => given !== undefined);
  return telling.length > 0 && share(telling, (given) => !given) > KEPT_SHARE;
}

/** Of a sound heap that joins most tries are given the gap, of one with two regions none. */
const KEPT_SHARE = 0.4;

/** Whether a small block is given once a large one was freed; undefined where it is given before, or no large one is. */
function isGivenTheGap(
  subject: ModuleSubject,
  capacityBytes: number,
  [freed, kept]: readonly [number, number],
  inOrder: boolean,
  sizeBytes: number,
): boolean | undefined {
  return attempt<boolean | undefined>(subject, undefined, () => {
    const shares = inOrder ? [freed, kept] : [kept, freed];
    const blocks = shares.map((part) => allocate(subject, Math.floor(capacityBytes * part)));
    const gap = blocks[inOrder ? 0 : 1];
    if (gap === undefined || blocks.includes(undefined)) return undefined;
    for (let filler = Math.floor(capacityBytes / 8); filler >= sizeBytes; filler = Math.floor(filler / 2)) {
      allocateMany(subject, filler, MOST_BLOCKS);
    }
    if (allocate(subject, sizeBytes) !== undefined) return undefined;
    release(subject, gap);
    return allocate(subject, sizeBytes) !== undefined;
  });
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
