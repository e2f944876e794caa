/** Whether freed memory is used again, and whether free blocks are joined. */
import type { ModuleSubject } from '../module-subject.ts';
import { allocate, allocateMany, attempt, ORDER_NAMES, ORDERS, type Order, release, share } from './attempt.ts';

const ROUNDS = 120;
const WARM_UP_ROUNDS = 40;
const BLOCKS_A_ROUND = 8;

/**
 * Most patterns must show it. A bump allocator that only takes back its last block passes those of one order, a quarter;
 * a reclaiming allocator that forgets some sizes still passes more than half.
 */
const RECLAIMING_SHARE = 0.6;

export function probeReclaims(subject: ModuleSubject, capacityBytes: number): boolean {
  const largest = Math.floor(capacityBytes / (BLOCKS_A_ROUND * 3));
  const sizes = [24, 100, 1000, largest].filter((sizeBytes) => sizeBytes >= 16 && sizeBytes <= largest);
  const patterns = sizes.flatMap((sizeBytes) => ORDER_NAMES.map((order) => ({ sizeBytes, order })));
  return share(patterns, ({ sizeBytes, order }) => isReused(subject, sizeBytes, order)) >= RECLAIMING_SHARE;
}

/** After a warm-up, rounds of balanced requests reach no address beyond those seen before, and none is refused. */
function isReused(subject: ModuleSubject, sizeBytes: number, order: Order): boolean {
  return attempt(subject, false, () => {
    const warm = highest(subject, sizeBytes, order, WARM_UP_ROUNDS);
    return warm > 0 && highest(subject, sizeBytes, order, ROUNDS) <= warm;
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

const SMALL_SIZES_BYTES = [1, 16, 24, 40, 100, 300, 700, 3000];
const BLOCKS_FREED = 48;

/**
 * Whether the largest block of a fresh heap fits again when everything was freed. It is promised when every size shows
 * it in some order of freeing; that it fails in other orders is a defect, and left for the law.
 *
 * A coalescer that misses one side still joins in the orders that need the other side only. An allocator that never
 * joins passes none, with one exception: if it takes back the last block, it passes last-in first-out. That order alone
 * counts only when two free neighbours inside a full heap are seen to be joined, which taking back does not explain.
 */
export function probeCoalesces(subject: ModuleSubject, capacityBytes: number): boolean {
  const sizes = SMALL_SIZES_BYTES.filter((sizeBytes) => sizeBytes * BLOCKS_FREED * 2 < capacityBytes);
  if (sizes.length === 0) return false;
  const joins = joinsInside(subject, capacityBytes);
  return sizes.every((sizeBytes) => {
    const passing = ORDER_NAMES.filter((order) => isWholeAgain(subject, capacityBytes, sizeBytes, order));
    return passing.some((order) => order !== 'lifo') || (joins && passing.length > 0);
  });
}

function isWholeAgain(subject: ModuleSubject, capacityBytes: number, sizeBytes: number, order: Order): boolean {
  return attempt(subject, false, () => {
    const blocks = allocateMany(subject, sizeBytes, BLOCKS_FREED);
    for (const block of ORDERS[order](blocks)) release(subject, block);
    return allocate(subject, capacityBytes) !== undefined;
  });
}

/** A full heap in forty parts; two neighbours are freed, in either order; a block of both sizes fits. */
function joinsInside(subject: ModuleSubject, capacityBytes: number): boolean {
  const sizeBytes = Math.floor(capacityBytes / 40);
  return [
    [10, 11],
    [11, 10],
  ].some((freed) =>
    attempt(subject, false, () => {
      const blocks = allocateMany(subject, sizeBytes, 100);
      allocateMany(subject, Math.floor(sizeBytes / 8), 100);
      for (const index of freed) {
        const block = blocks[index];
        if (block !== undefined) release(subject, block);
      }
      return allocate(subject, 2 * sizeBytes) !== undefined;
    }),
  );
}
