/** Whether a heap is a pool: cells that are never split, so that it cannot be fragmented. */
import type { ModuleSubject } from '../module-subject.ts';
import { allocate, attempt, ORDER_NAMES, ORDERS, type Order, type ProbeBlock, release, share } from './attempt.ts';

/** Filling more than these takes seconds, and no trace comes near. */
const MOST_CELLS = 16384;
/** Of the fills of a fresh heap, so many may not suit the others: by a size that a defect spoils. */
const ODD_FILLS = 1;
/** What waits on purpose before it is used again does so in any order; a defect needs not. */
const RETURNING_SHARE = 0.6;

/** The size of the block that is asked for as the `index`th. */
type Sizes = (index: number) => number;

/** Blocks of one size that fill a fresh heap. */
interface Fill {
  readonly sizeBytes: number;
  readonly addresses: readonly number[];
}

/**
 * How many blocks there always are, of whatever sizes up to `capacityBytes`; undefined where that follows from nothing.
 *
 * It is told by where the blocks of fresh heaps lie: no block begins inside one of another size, so that no cell is ever
 * split. Then a block that lives takes one cell from others, wherever it lies, and as many blocks are sure to be had as
 * there are cells of the scarcest class. What comes back later than the next request is held back on purpose; what never
 * does is lost, a defect that is left for the laws.
 */
export function probeGuaranteedBlocks(subject: ModuleSubject, capacityBytes: number): number | undefined {
  const scarcest = scarcestOf(subject, capacityBytes);
  if (scarcest === undefined) return undefined;
  const cells = scarcest.addresses.length;
  const alternating = (first: number, second: number) => (round: number) => () => (round % 2 === 0 ? first : second);
  const styles = [
    alternating(scarcest.sizeBytes, scarcest.sizeBytes),
    alternating(1, capacityBytes),
    alternating(capacityBytes, 1),
    (round: number) => mixed(capacityBytes, 31 * round),
  ];
  const isReturned = styles.every((sizesOf) => {
    const returning = share([...ORDER_NAMES.keys()], (turn) => holdsNothingBack(subject, cells, sizesOf, turn));
    return returning >= RETURNING_SHARE;
  });
  return isReturned ? cells : undefined;
}

/** Sizes from 1 to `capacityBytes` that jump about; a prime step meets all of them. */
const mixed =
  (capacityBytes: number, first: number): Sizes =>
  (index) =>
    1 + ((first + index * 7919) % capacityBytes);

/** The fill with the fewest blocks that another size has, too, if nearly all fills leave each other's cells whole. */
function scarcestOf(subject: ModuleSubject, capacityBytes: number): Fill | undefined {
  const fills: Fill[] = [];
  const sizes = sizesUpTo(capacityBytes);
  for (const [index, sizeBytes] of sizes.entries()) {
    const addresses = attempt(subject, undefined, () => addressesOf(subject, sizeBytes));
    if (addresses !== undefined) fills.push({ sizeBytes, addresses });
    if (index + 1 - fills.length > ODD_FILLS) return undefined;
  }
  const suiting = fills.filter(
    (fill) => fills.filter((other) => areCells(fill, other)).length >= fills.length - ODD_FILLS,
  );
  if (suiting.length < sizes.length - ODD_FILLS) return undefined;
  const isShared = ({ addresses }: Fill) =>
    suiting.filter((other) => other.addresses.length === addresses.length).length >= Math.min(2, suiting.length);
  return suiting.filter(isShared).sort((left, right) => left.addresses.length - right.addresses.length)[0];
}

/** The largest first, where heaps that are no pools have a single block; three between any two powers of two. */
function sizesUpTo(capacityBytes: number): number[] {
  const powers = Array.from({ length: 32 }, (_, bit) => 2 ** bit).filter((power) => power <= capacityBytes);
  const sizes = [capacityBytes, capacityBytes - 1, 1, ...powers.flatMap((power) => [power, power + 1, power * 1.5])];
  const whole = sizes.map(Math.floor).filter((sizeBytes) => sizeBytes > 0 && sizeBytes <= capacityBytes);
  return [...new Set(whole)];
}

/** Of two blocks or more, in order; undefined where there is no end to them. */
function addressesOf(subject: ModuleSubject, sizeBytes: number): number[] | undefined {
  const blocks = fillUp(subject, () => sizeBytes, MOST_CELLS);
  if (blocks.length < 2 || blocks.length === MOST_CELLS) return undefined;
  return blocks.map(({ pointer }) => pointer).sort((left, right) => left - right);
}

/** No block of one lies inside a block of the other, nor of its own. */
function areCells(one: Fill, other: Fill): boolean {
  return isApart(one, other.addresses) && isApart(other, one.addresses);
}

/** No address of `others` lies behind the start of a block of the fill, and before its end. Both are in order. */
function isApart({ sizeBytes, addresses }: Fill, others: readonly number[]): boolean {
  let at = 0;
  return addresses.every((address) => {
    while ((others[at] ?? Number.POSITIVE_INFINITY) <= address) at += 1;
    return (others[at] ?? Number.POSITIVE_INFINITY) >= address + sizeBytes;
  });
}

/** Blocks until one is refused, or given twice, or there are `most`. */
function fillUp(subject: ModuleSubject, sizes: Sizes, most: number): ProbeBlock[] {
  const blocks: ProbeBlock[] = [];
  const seen = new Set<number>();
  while (blocks.length < most) {
    const block = allocate(subject, sizes(blocks.length));
    if (block === undefined || seen.has(block.pointer)) break;
    blocks.push(block);
    seen.add(block.pointer);
  }
  return blocks;
}

/** How many of the blocks are freed, round by round, before there are as many again. */
const FREED_BLOCKS = [Number.POSITIVE_INFINITY, 1, 2, 3, Number.POSITIVE_INFINITY, 1, 5];
/** In each of them all are freed: what waits for another comes again in one of them. */
const LAST_ROUNDS = ORDER_NAMES.length;

/** Whether a free makes room for a block at once, unless it never does. */
function holdsNothingBack(
  subject: ModuleSubject,
  cells: number,
  sizesOf: (round: number) => Sizes,
  turn: number,
): boolean {
  const orderOf = (round: number): Order => ORDER_NAMES[(round + turn) % ORDER_NAMES.length] ?? 'fifo';
  return attempt(subject, true, () => {
    let live = fillUp(subject, sizesOf(0), cells);
    const [first, again] = [new Set<number>(), new Set<number>()];
    const note = (seen: Set<number>) => live.forEach(({ pointer }) => void seen.add(pointer));
    note(first);
    let isShort = live.length < cells;
    for (let round = 1; round <= FREED_BLOCKS.length + LAST_ROUNDS; round += 1) {
      const freed = new Set(ORDERS[orderOf(round)](live).slice(0, FREED_BLOCKS[round - 1]));
      for (const block of freed) release(subject, block);
      live = live.filter((block) => !freed.has(block));
      live.push(...fillUp(subject, sizesOf(round), cells - live.length));
      isShort ||= live.length < cells;
      if (round === 1) note(first);
      if (round > FREED_BLOCKS.length) note(again);
    }
    return !isShort || [...first].some((pointer) => !again.has(pointer));
  });
}
