/** Whether freed memory is used again, and whether free blocks are joined. */
import type { ModuleSubject } from '../module-subject.ts';
import {
  allocate,
  allocateMany,
  attempt,
  ORDER_NAMES,
  ORDERS,
  type Order,
  type ProbeBlock,
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

export function probeReclaims(subject: ModuleSubject, capacityBytes: number): boolean {
  const largest = Math.floor(capacityBytes / (BLOCKS_A_ROUND * 3));
  const sizes = [24, 100, 1000, largest].filter((sizeBytes) => sizeBytes >= 16 && sizeBytes <= largest);
  const patterns = sizes.flatMap((sizeBytes) => ORDER_NAMES.map((order) => ({ sizeBytes, order })));
  return (
    share(patterns, ({ sizeBytes, order }) => isReused(subject, sizeBytes, order, capacityBytes)) >= RECLAIMING_SHARE
  );
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

const SMALL_SIZES_BYTES = [1, 16, 24, 40, 100, 300, 700, 3000];
const BLOCKS_FREED = 48;

/**
 * Whether free neighbours are joined, so that when all is freed a block of the whole fits again.
 *
 * It is promised when blocks of every size are joined in some order of freeing, with the rest of the heap full, where
 * only joining explains it; and when the whole is available again in some order. That a coalescer fails in other orders
 * (it misses one side, say) is a defect, and left for the law. An allocator that never joins, or never joins small
 * blocks, fails for some size in every order.
 */
export function probeCoalesces(subject: ModuleSubject, capacityBytes: number, mayGrow: boolean): boolean {
  const sizes = SMALL_SIZES_BYTES.filter((sizeBytes) => sizeBytes * BLOCKS_FREED * 2 < capacityBytes);
  const inSomeOrder = (holds: (order: Order) => boolean) => ORDER_NAMES.some(holds);
  if (sizes.length === 0) return false;
  const joined = sizes.map((sizeBytes) =>
    ORDER_NAMES.filter((order) => areJoined(subject, sizeBytes, order, capacityBytes)),
  );
  if (joined.some((orders) => orders.length === 0)) return false;
  if (mayGrow)
    return isOneSided(joined) || inSomeOrder((order) => isWholeWithoutGrowth(subject, 24, order, capacityBytes));
  return sizes.every((sizeBytes) => inSomeOrder((order) => isWholeAgain(subject, capacityBytes, sizeBytes, order)));
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

const LARGEST_FILLER_BYTES = 4 * 1024 * 1024;

function isWholeAgain(subject: ModuleSubject, capacityBytes: number, sizeBytes: number, order: Order): boolean {
  return attempt(subject, false, () => {
    const blocks = fillAround(subject, capacityBytes, sizeBytes);
    for (const block of ORDERS[order](blocks)) release(subject, block);
    return allocate(subject, capacityBytes) !== undefined;
  });
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

/** More than any heap here holds: dlmalloc, for one, no longer joins what it gets after a request it had to refuse. */
const IMPOSSIBLE_BYTES = 0x7fff_fff0;

/**
 * The largest block that a fixed heap still grants once it has refused a request and all is freed: `capacityBytes`, or
 * half of it where refusing costs. dlmalloc keeps what it holds and takes the rest apart from it, so that the larger of
 * the two is at least half, less a page.
 */
export function probeLastingCapacity(subject: ModuleSubject, capacityBytes: number): number {
  const isWhole = attempt(subject, true, () => {
    subject.malloc(IMPOSSIBLE_BYTES);
    const block = allocate(subject, 375);
    if (block !== undefined) release(subject, block);
    return allocate(subject, capacityBytes) !== undefined;
  });
  return isWhole ? capacityBytes : Math.max(0, Math.floor(capacityBytes / 2) - 65536);
}
