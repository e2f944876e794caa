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

export const reclaimsBy = (share: number): boolean => share >= RECLAIMING_SHARE;

/** The share of patterns of requests in which what was freed is used again, from 0 to 1; 1 where that takes a block that stays. */
export function reclaimingShare(subject: ModuleSubject, capacityBytes: number): number {
  const largest = Math.floor(capacityBytes / (BLOCKS_A_ROUND * 3));
  const usual = [24, 100, 1000, largest].filter((sizeBytes) => sizeBytes >= 16 && sizeBytes <= largest);
  const sizes = usual.length > 0 ? usual : sizesOfCells(capacityBytes);
  const patterns = patternsOf(subject, sizes, 0);
  const emptied = share(patterns, (pattern) => isReused(subject, pattern, capacityBytes));
  return !reclaimsBy(emptied) && reusesBesidePin(subject, sizes, largest) ? 1 : emptied;
}

/** Where the largest block is this small it is the cell of a pool, most often, and says nothing of how many there are. */
function sizesOfCells(capacityBytes: number): number[] {
  const sizes = [capacityBytes, Math.ceil(capacityBytes / 2), 1];
  return [...new Set(sizes)].filter((sizeBytes) => sizeBytes > 0);
}

/** Rounds of blocks of one size in every order: of as many as there are at once beside a pin, where a round would be more. */
function patternsOf(subject: ModuleSubject, sizes: readonly number[], pinBytes: number): Pattern[] {
  return sizes.flatMap((sizeBytes) => {
    const blocks = blocksAtOnce(subject, sizeBytes, pinBytes);
    // One block comes again in an allocator that keeps no more than one.
    if (blocks < 2) return [];
    return ORDER_NAMES.map((order) => ({ sizesBytes: new Array<number>(blocks).fill(sizeBytes), order }));
  });
}

function blocksAtOnce(subject: ModuleSubject, sizeBytes: number, pinBytes: number): number {
  return attempt(subject, 0, () => {
    if (pinBytes > 0) allocate(subject, pinBytes);
    return allocateMany(subject, sizeBytes, BLOCKS_A_ROUND).length;
  });
}

/** Blocks of eight sizes, no two of which any allocator rounds to one. */
const MIXTURES_BYTES = [
  [24, 56, 88, 120, 152, 184, 216, 248],
  [400, 2000, 600, 1400, 800, 1800, 1000, 1600],
];
/** Two sizes in turn, so often that what keeps one block of each is found out. */
const PAIRS_BYTES = [
  [24, 100],
  [100, 1000],
];
/** Nearly all: no more than a size or an order that a defect spoils may be missing. */
const BESIDE_PIN_SHARE = 0.9;

interface Pattern {
  /** Of the blocks of a round, in the order in which they are asked for. */
  readonly sizesBytes: readonly number[];
  readonly order: Order;
}

/**
 * Whether what is freed is used again beside a block that stays: blocks of one size, or blocks of which no two that are
 * freed one after the other are alike. A heap that loses the last it is given back reuses nothing where it is emptied
 * each time, and one that loses one of two equals nothing where all are alike. A bump allocator that takes back its
 * last block, or all when none is left, does not pass, nor does one that keeps one block of each size.
 */
function reusesBesidePin(subject: ModuleSubject, sizes: readonly number[], largestBytes: number): boolean {
  const repeated = (sizesBytes: readonly number[]) =>
    new Array<readonly number[]>(BLOCKS_A_ROUND).fill(sizesBytes).flat();
  const inEveryOrder = (sizesBytes: readonly number[]) => ORDER_NAMES.map((order) => ({ sizesBytes, order }));
  const inTurn = (sizesBytes: readonly number[]) => (['lifo', 'fifo'] as const).map((order) => ({ sizesBytes, order }));
  const usual = [24, 100, 1000].filter((sizeBytes) => sizeBytes <= largestBytes);
  const pinBytes = Math.min(PIN_BYTES, usual.length > 0 ? PIN_BYTES : Math.max(...sizes));
  const alike =
    usual.length > 0
      ? usual.flatMap((sizeBytes) => inEveryOrder(repeated([sizeBytes])))
      : patternsOf(subject, sizes, pinBytes);
  const mixed = [...MIXTURES_BYTES.flatMap(inEveryOrder), ...PAIRS_BYTES.map(repeated).flatMap(inTurn)];
  const fitting = mixed.filter(({ sizesBytes }) => Math.max(...sizesBytes) <= largestBytes);
  return [alike, fitting].some(
    (patterns) => share(patterns, (pattern) => settles(subject, pattern, pinBytes)) >= BESIDE_PIN_SHARE,
  );
}

const PIN_BYTES = 40;

function isReused(subject: ModuleSubject, pattern: Pattern, capacityBytes: number): boolean {
  return settles(subject, pattern) || outlastsMemory(subject, pattern, capacityBytes);
}

/**
 * After a warm-up, rounds of balanced requests reach no address beyond those seen before, and none is refused. A block
 * of `pinBytes` bytes, if more than 0, is made before and stays.
 */
function settles(subject: ModuleSubject, pattern: Pattern, pinBytes = 0): boolean {
  return [YOUNG, SETTLED].some(({ warmUpRounds, rounds }) =>
    attempt(subject, false, () => {
      if (pinBytes > 0 && allocate(subject, pinBytes) === undefined) return false;
      const warm = highest(subject, pattern, warmUpRounds);
      return warm > 0 && Number.isFinite(warm) && highest(subject, pattern, rounds) <= warm;
    }),
  );
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
function outlastsMemory(subject: ModuleSubject, pattern: Pattern, capacityBytes: number): boolean {
  return attempt(subject, false, () => {
    highest(subject, pattern, YOUNG.warmUpRounds);
    const memoryBytes = subject.memoryBytes();
    const heldBytes = Math.min(memoryBytes, Math.max(capacityBytes, LEAST_HELD_BYTES));
    const roundBytes = pattern.sizesBytes.reduce((sum, sizeBytes) => sum + sizeBytes, 0);
    const rounds = Math.ceil((3 * heldBytes) / roundBytes);
    if (rounds > MOST_ROUNDS) return false;
    for (let done = 0; done < rounds; done += ROUNDS_A_LOOK) {
      if (!Number.isFinite(highest(subject, pattern, ROUNDS_A_LOOK))) return false;
      if (subject.memoryBytes() !== memoryBytes) return false;
    }
    return true;
  });
}

/** The end of the highest block over some rounds; Infinity when a block is refused. */
function highest(subject: ModuleSubject, { sizesBytes, order }: Pattern, rounds: number): number {
  let end = 0;
  for (let round = 0; round < rounds; round += 1) {
    const blocks: ProbeBlock[] = [];
    for (const sizeBytes of sizesBytes) {
      const block = allocate(subject, sizeBytes);
      if (block === undefined) return Number.POSITIVE_INFINITY;
      blocks.push(block);
    }
    end = Math.max(end, ...blocks.map(({ pointer, sizeBytes }) => pointer + sizeBytes));
    for (const block of ORDERS[order](blocks)) release(subject, block);
  }
  return end;
}

/** A quarantine longer than this leaves nothing that a trace could see come again. */
const MOST_HELD_BACK = 512;
/** A defect may lose one or two; so few are held back on purpose only where all come again in turn. */
const LEAST_HELD_BACK = 3;
const HELD_BACK_SIZES_BYTES = [40, 100, 1000];

/**
 * How many freed blocks of any size wait before the first is used again, though nothing else is left; 0 for an
 * allocator that then takes back what it has.
 */
export function probeHeldBack(subject: ModuleSubject, capacityBytes: number): number {
  const usual = HELD_BACK_SIZES_BYTES.filter((sizeBytes) => sizeBytes <= capacityBytes);
  const sizes = usual.length > 0 ? usual : [capacityBytes];
  let least = MOST_HELD_BACK;
  for (const sizeBytes of sizes) {
    least = Math.min(least, freesUntilReuse(subject, sizeBytes));
    if (least === 0) return 0;
  }
  const isQuarantine = least >= LEAST_HELD_BACK || sizes.every((size) => isQueue(subject, size, least));
  return isQuarantine ? least : 0;
}

/** Frees in a full heap until one more block is given; 0 when none ever is. */
function freesUntilReuse(subject: ModuleSubject, sizeBytes: number): number {
  return attempt(subject, 0, () => {
    for (const [index, block] of blocksOfFullHeap(subject, sizeBytes).entries()) {
      release(subject, block);
      if (allocate(subject, sizeBytes) !== undefined) return index;
    }
    return 0;
  });
}

const QUEUED_BLOCKS = 48;

/** In a full heap each free gives back the block that was freed `delay` frees before, and no other. */
function isQueue(subject: ModuleSubject, sizeBytes: number, delay: number): boolean {
  return attempt(subject, false, () => {
    const blocks = blocksOfFullHeap(subject, sizeBytes).slice(0, QUEUED_BLOCKS);
    return blocks.every((block, index) => {
      release(subject, block);
      return index < delay || allocate(subject, sizeBytes)?.pointer === blocks[index - delay]?.pointer;
    });
  });
}

function blocksOfFullHeap(subject: ModuleSubject, sizeBytes: number): ProbeBlock[] {
  const blocks = allocateMany(subject, sizeBytes, MOST_HELD_BACK);
  subject.instance.freezeGrowth();
  for (let filler = LARGEST_FILLER_BYTES; filler > sizeBytes; filler = Math.floor(filler / 8)) {
    allocateMany(subject, filler, 2000);
  }
  allocateMany(subject, sizeBytes, 2000);
  return blocks;
}
