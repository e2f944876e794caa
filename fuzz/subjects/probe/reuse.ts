/** Whether freed memory is used again, and after how many frees. */
import type { ModuleSubject } from '../module-subject.ts';
import {
  allocate,
  allocateMany,
  attempt,
  LARGEST_FILLER_BYTES,
  ORDER_NAMES,
  ORDERS,
  type Order,
  release,
  share,
} from './attempt.ts';

/**
 * Rounds of warm-up, and rounds that may reach no further. Either is enough: reuse that ends after some hundred frees
 * is a defect, and so is a heap that crumbles for long before it settles.
 */
const YOUNG = { warmUpRounds: 8, rounds: 14 };
const SETTLED = { warmUpRounds: 40, rounds: 120 };
const BLOCKS_A_ROUND = 8;

/**
 * Most patterns must show it. A bump allocator that only takes back its last block passes those of one order, a quarter;
 * a reclaiming allocator that forgets some sizes still passes more than half.
 */
const RECLAIMING_SHARE = 0.6;

export const reclaimsBy = (share: number): boolean => share >= RECLAIMING_SHARE;

/** The share of patterns of requests in which what was freed is used again, from 0 to 1. */
export function reclaimingShare(subject: ModuleSubject, capacityBytes: number): number {
  const largest = Math.floor(capacityBytes / (BLOCKS_A_ROUND * 3));
  const sizes = [24, 100, 1000, largest].filter((sizeBytes) => sizeBytes >= 16 && sizeBytes <= largest);
  const patterns = sizes.flatMap((sizeBytes) => ORDER_NAMES.map((order) => ({ sizeBytes, order })));
  return share(patterns, ({ sizeBytes, order }) => isReused(subject, sizeBytes, order, capacityBytes));
}

/** After a warm-up, rounds of balanced requests reach no address beyond those seen before, and none is refused. */
function isReused(subject: ModuleSubject, sizeBytes: number, order: Order, capacityBytes: number): boolean {
  const settles = [YOUNG, SETTLED].some(({ warmUpRounds, rounds }) =>
    attempt(subject, false, () => {
      const warm = highest(subject, sizeBytes, order, warmUpRounds);
      return warm > 0 && Number.isFinite(warm) && highest(subject, sizeBytes, order, rounds) <= warm;
    }),
  );
  return settles || outlastsMemory(subject, sizeBytes, order, capacityBytes);
}

/** Rounds that are tried at most: 24-byte blocks in three times a MiB. */
const MOST_ROUNDS = 16384;
const ROUNDS_A_LOOK = 256;
/** A heap of small cells grants no block larger than one, and may have many. */
const LEAST_HELD_BYTES = 65536;

/**
 * An allocator that sweeps, or starts over from the bottom, when nothing fits climbs until then: it is asked for three
 * times what it holds, and neither refuses nor grows. One that grows first and sweeps last is no such allocator.
 */
function outlastsMemory(subject: ModuleSubject, sizeBytes: number, order: Order, capacityBytes: number): boolean {
  return attempt(subject, false, () => {
    highest(subject, sizeBytes, order, YOUNG.warmUpRounds);
    const memoryBytes = subject.memoryBytes();
    const heldBytes = Math.min(memoryBytes, Math.max(capacityBytes, LEAST_HELD_BYTES));
    const rounds = Math.ceil((3 * heldBytes) / (sizeBytes * BLOCKS_A_ROUND));
    if (rounds > MOST_ROUNDS) return false;
    for (let done = 0; done < rounds; done += ROUNDS_A_LOOK) {
      if (!Number.isFinite(highest(subject, sizeBytes, order, ROUNDS_A_LOOK))) return false;
      if (subject.memoryBytes() !== memoryBytes) return false;
    }
    return true;
  });
}

/** The end of the highest block over some rounds; Infinity when a block is refused. */
function highest(subject: ModuleSubject, sizeBytes: number, order: Order, rounds: number): number {
  let end = 0;
  for (let round = 0; round < rounds; round += 1) {
    const blocks = allocateMany(subject, sizeBytes, BLOCKS_A_ROUND);
    if (blocks.length < BLOCKS_A_ROUND) return Number.POSITIVE_INFINITY;
    end = Math.max(end, ...blocks.map((block) => block.pointer + sizeBytes));
    for (const block of ORDERS[order](blocks)) release(subject, block);
  }
  return end;
}

/** A quarantine longer than this leaves nothing that a trace could see come again. */
const MOST_HELD_BACK = 512;
/** A defect may lose one or two. */
const LEAST_HELD_BACK = 3;
const HELD_BACK_SIZES_BYTES = [40, 100, 1000];

/**
 * How many freed blocks of any size wait before the first is used again, though nothing else is left; 0 for an
 * allocator that then takes back what it has.
 */
export function probeHeldBack(subject: ModuleSubject): number {
  let least = MOST_HELD_BACK;
  for (const sizeBytes of HELD_BACK_SIZES_BYTES) {
    least = Math.min(least, freesUntilReuse(subject, sizeBytes));
    if (least < LEAST_HELD_BACK) return 0;
  }
  return least;
}

/** Frees in a full heap until one more block is given; 0 when none ever is. */
function freesUntilReuse(subject: ModuleSubject, sizeBytes: number): number {
  return attempt(subject, 0, () => {
    const blocks = allocateMany(subject, sizeBytes, MOST_HELD_BACK);
    subject.instance.freezeGrowth();
    for (let filler = LARGEST_FILLER_BYTES; filler > sizeBytes; filler = Math.floor(filler / 8)) {
      allocateMany(subject, filler, 2000);
    }
    allocateMany(subject, sizeBytes, 2000);
    for (const [index, block] of blocks.entries()) {
      release(subject, block);
      if (allocate(subject, sizeBytes) !== undefined) return index;
    }
    return 0;
  });
}
