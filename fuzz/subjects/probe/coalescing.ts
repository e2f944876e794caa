/** Whether free blocks are joined, so that the whole of a heap is one block again. */
import type { ModuleSubject } from '../module-subject.ts';
import {
  allocate,
  allocateMany,
  attempt,
  LARGEST_FILLER_BYTES,
  ORDER_NAMES,
  ORDERS,
  type Order,
  type ProbeBlock,
  release,
} from './attempt.ts';

const SMALL_SIZES_BYTES = [1, 16, 24, 40, 100, 300, 700, 3000];
/** Half of the blocks of a size may just be too large for what is left between others: a heap of pages joins only whole ones. */
const MOST_UNJOINED = 1;
const BLOCKS_FREED = 48;

/**
 * Whether free neighbours are joined, so that when all is freed a block of the whole fits again.
 *
 * It is promised when blocks of every size are joined in some order of freeing, with the rest of the heap full, where
 * only joining explains it; and when the whole is available again in some order. That a coalescer fails in other orders
 * (it misses one side, say) is a defect, and left for the law. An allocator that never joins, or never joins small
 * blocks, fails for more than one size in every order.
 */
export function probeCoalesces(subject: ModuleSubject, capacityBytes: number, mayGrow: boolean): boolean {
  const sizes = SMALL_SIZES_BYTES.filter((sizeBytes) => sizeBytes * BLOCKS_FREED * 2 < capacityBytes);
  const inSomeOrder = (holds: (order: Order) => boolean) => ORDER_NAMES.some(holds);
  if (sizes.length === 0) return false;
  const joined = sizes
    .map((sizeBytes) => ORDER_NAMES.filter((order) => areJoined(subject, sizeBytes, order, capacityBytes)))
    .filter((orders) => orders.length > 0);
  if (sizes.length - joined.length > MOST_UNJOINED) return false;
  if (mayGrow)
    return isOneSided(joined) || inSomeOrder((order) => isWholeWithoutGrowth(subject, 24, order, capacityBytes));
  if (sizes.every((sizeBytes) => inSomeOrder((order) => isWholeAgain(subject, capacityBytes, sizeBytes, order))))
    return true;
  return isWholeInHalves(subject, capacityBytes, sizes);
}

/**
 * Only one order joins, of every size: a coalescer that misses one side. It cannot be whole across the joints of
 * growth; one that joins both sides and is not whole keeps each growth apart on purpose.
 */
function isOneSided(joined: readonly (readonly Order[])[]): boolean {
  return (['lifo', 'fifo'] as const).some((only) => joined.every((orders) => orders.every((order) => order === only)));
}

/** Blocks of one size that are freed together: enough to empty several slabs. */
const JOINED_BYTES = 160_000;
const JOINED_BLOCKS = 3000;

/** Blocks of one size are freed in a heap that is full otherwise; a block of half their bytes fits. */
function areJoined(subject: ModuleSubject, sizeBytes: number, order: Order, capacityBytes: number): boolean {
  const count = Math.min(JOINED_BLOCKS, Math.ceil(JOINED_BYTES / sizeBytes));
  return attempt(subject, false, () => {
    const blocks = allocateMany(subject, sizeBytes, count);
    const wantedBytes = Math.min(capacityBytes, Math.floor((blocks.length * sizeBytes) / 2));
    subject.instance.freezeGrowth();
    for (let filler = LARGEST_FILLER_BYTES; filler > wantedBytes / 4 && filler >= 16; filler = Math.floor(filler / 4)) {
      allocateMany(subject, filler, 2000);
    }
    allocateMany(subject, wantedBytes, 2000);
    for (const block of ORDERS[order](blocks)) release(subject, block);
    return allocate(subject, wantedBytes) !== undefined;
  });
}

function isWholeAgain(subject: ModuleSubject, capacityBytes: number, sizeBytes: number, order: Order): boolean {
  return attempt(subject, false, () => {
    const blocks = fillAround(subject, capacityBytes, sizeBytes);
    for (const block of ORDERS[order](blocks)) release(subject, block);
    return allocate(subject, capacityBytes) !== undefined;
  });
}

/** Two blocks that fill so much of the heap are its halves: headers and rounding take the rest. */
const HALVES_SHARE = 7 / 8;

/**
 * Every size was joined up to halves of the heap, and both fit as in a fresh one, to the byte: nothing but the last
 * join is missing. Whatever a sound allocator keeps for good lies in the way of one of them.
 */
function isWholeInHalves(subject: ModuleSubject, capacityBytes: number, sizes: readonly number[]): boolean {
  const halfBytes = largestTwice(subject, capacityBytes);
  if (2 * halfBytes < HALVES_SHARE * capacityBytes) return false;
  const isHalvesAgain = (sizeBytes: number, order: Order) =>
    attempt(subject, false, () => {
      const blocks = fillAround(subject, capacityBytes, sizeBytes);
      for (const block of ORDERS[order](blocks)) release(subject, block);
      return allocateMany(subject, halfBytes, 2).length === 2;
    });
  return sizes.every((sizeBytes) => ORDER_NAMES.some((order) => isHalvesAgain(sizeBytes, order)));
}

/** The largest size of which a fresh heap grants two blocks at once, by bisection. */
function largestTwice(subject: ModuleSubject, capacityBytes: number): number {
  let granted = 0;
  let refused = Math.floor(capacityBytes / 2) + 1;
  while (refused - granted > 1) {
    const middle = Math.floor((granted + refused) / 2);
    if (attempt(subject, false, () => allocateMany(subject, middle, 2).length === 2)) granted = middle;
    else refused = middle;
  }
  return granted;
}

/** Blocks of the size that is tried, then ever smaller ones until the heap is full: no large gap is left untouched. */
function fillAround(subject: ModuleSubject, capacityBytes: number, sizeBytes: number): ProbeBlock[] {
  const blocks = allocateMany(subject, sizeBytes, BLOCKS_FREED);
  for (let filler = Math.floor(capacityBytes / 24); filler >= 16; filler = Math.floor(filler / 8)) {
    blocks.push(...allocateMany(subject, filler, BLOCKS_FREED));
  }
  return blocks;
}

/** Blocks that fill what memory there is at the start and some more; none is large enough for the last request. */
const GROWING_FILLER_BYTES = 40_000;
const FILLERS_AT_ONCE = 8;
/** Growths after which the heap is no longer in its first shape. */
const GROWTHS = 4;
/** Of the span of all blocks, so much must be free in one piece: headers and the joints of growth stay below a quarter. */
const WHOLE_SHARE = 0.75;

/** What was freed holds a block of three quarters of its span, while memory may not grow. */
function isWholeWithoutGrowth(subject: ModuleSubject, sizeBytes: number, order: Order, capacityBytes: number): boolean {
  return attempt(subject, false, () => {
    const blocks = fillUntilGrown(subject, sizeBytes);
    const start = Math.min(...blocks.map((block) => block.pointer));
    const end = Math.max(...blocks.map((block) => block.pointer + block.sizeBytes));
    for (const block of ORDERS[order](blocks)) release(subject, block);
    subject.instance.freezeGrowth();
    return allocate(subject, Math.min(capacityBytes, Math.floor((end - start) * WHOLE_SHARE))) !== undefined;
  });
}

function fillUntilGrown(subject: ModuleSubject, sizeBytes: number): ProbeBlock[] {
  const blocks = allocateMany(subject, sizeBytes, BLOCKS_FREED);
  for (let count = FILLERS_AT_ONCE; count === FILLERS_AT_ONCE && subject.instance.growCalls < GROWTHS; ) {
    const fillers = allocateMany(subject, GROWING_FILLER_BYTES, FILLERS_AT_ONCE);
    count = fillers.length;
    blocks.push(...fillers);
  }
  return blocks.concat(allocateMany(subject, sizeBytes, BLOCKS_FREED));
}

/** Share of it that blocks fill while it is tried: what they take beyond their size must not make it grow. */
const FILLED_SHARE = 0.4;
/** Smaller heaps hold too little to show anything. */
const LEAST_UNGROWN_BYTES = 4096;

/**
 * The largest block that a fresh heap gives without growing, where it gives that again, still without growing, once blocks
 * of any size, or of all sizes, were freed in some order; 0 where it does not, as a heap that keeps pages for later does.
 */
export function probeUngrown(subject: ModuleSubject): number {
  const ungrownBytes = largestUngrown(subject);
  if (ungrownBytes < LEAST_UNGROWN_BYTES) return 0;
  const sizes = SMALL_SIZES_BYTES.filter((sizeBytes) => sizeBytes * 4 < ungrownBytes * FILLED_SHARE);
  const mixes = [...sizes.map((sizeBytes) => [sizeBytes]), sizes];
  const isWhole = mixes.every((mix) => ORDER_NAMES.some((order) => isUngrownAgain(subject, mix, order, ungrownBytes)));
  return isWhole ? ungrownBytes : 0;
}

function largestUngrown(subject: ModuleSubject): number {
  let [granted, refused] = [0, subject.memoryBytes()];
  while (refused - granted > 1) {
    const middle = Math.floor((granted + refused) / 2);
    if (attempt(subject, false, () => fitsUngrown(subject, middle))) granted = middle;
    else refused = middle;
  }
  return granted;
}

function isUngrownAgain(subject: ModuleSubject, mix: readonly number[], order: Order, wantedBytes: number): boolean {
  return attempt(subject, false, () => {
    const blocks: ProbeBlock[] = [];
    for (let bytes = 0, next = 0; bytes < wantedBytes * FILLED_SHARE && blocks.length < JOINED_BLOCKS; next++) {
      const block = allocate(subject, mix[next % mix.length] ?? 1);
      if (block === undefined) return false;
      blocks.push(block);
      bytes += block.sizeBytes + SMALLEST_TAKEN_BYTES;
    }
    for (const block of ORDERS[order](blocks)) release(subject, block);
    return subject.instance.growCalls === 0 && fitsUngrown(subject, wantedBytes);
  });
}

/** What the smallest block takes beyond its size, roughly. */
const SMALLEST_TAKEN_BYTES = 16;

/** Whether a block is given, and no memory asked for. */
function fitsUngrown(subject: ModuleSubject, sizeBytes: number): boolean {
  return allocate(subject, sizeBytes) !== undefined && subject.instance.growCalls === 0;
}

/** More than any heap here holds: dlmalloc, for one, no longer joins what it gets after a request it had to refuse. */
const IMPOSSIBLE_BYTES = 0x7fff_fff0;

/**
 * The largest block that a fixed heap still grants once it has refused a request and all is freed: `capacityBytes`, or
 * half of it where refusing costs. dlmalloc keeps what it holds and takes the rest apart from it, so that the larger of
 * the two is at least half, less a page. Where the whole is not granted without a refusal either, that is not the cost.
 */
export function probeLastingCapacity(subject: ModuleSubject, capacityBytes: number): number {
  const isWholeAfter = (refusedBytes: number) =>
    attempt(subject, true, () => {
      if (refusedBytes > 0) subject.malloc(refusedBytes);
      const block = allocate(subject, 375);
      if (block !== undefined) release(subject, block);
      return allocate(subject, capacityBytes) !== undefined;
    });
  const refusingCosts = isWholeAfter(0) && !isWholeAfter(IMPOSSIBLE_BYTES);
  return refusingCosts ? Math.max(0, Math.floor(capacityBytes / 2) - 65536) : capacityBytes;
}
