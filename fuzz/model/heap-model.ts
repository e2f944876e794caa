/**
 * The reference: which regions are live, who asked for them, and what bytes they must hold.
 *
 * It differs in kind from what it judges: it never computes where a block should lie, it says whether an answer is
 * allowed. Memory is given to it as numbers and bytes; it imports nothing of the implementation.
 */
import { SLOTS } from '../trace/trace.ts';
import type { Profile } from './profile.ts';
import { RegionMap } from './region-map.ts';

/** A live block. `sizeBytes` is what was asked for; `seed` fixes its content. */
export interface Block {
  pointer: number;
  sizeBytes: number;
  alignmentBytes: number;
  /** The most it has had where it lies: nobody promises that a block which shrank in place gives anything back. */
  heldBytes: number;
  /** What it may keep before and behind it for having been asked for at an alignment. */
  paddingBytes: number;
  seed: number;
  /** The step (from 1) that made it or last moved it. */
  bornAt: number;
  /** The slot it was stored in then. */
  slot: number;
  /** Its place in `live`. */
  place: number;
  /** How many blocks were made before it, for `mark` and `pop`. */
  serial: number;
}

/** The slot of what no slot points to. */
export const NO_SLOT = -1;

/** Blocks up to this share a page in most allocators that have pages; larger ones may have pages to themselves. */
export const LARGEST_SLOT_BYTES = 2048;
const QUARTER_PAGE_BYTES = 16384;
/** Granules finer than 8 bytes only where the subject hands out such pointers. */
const LARGEST_GRANULE_BYTES = 8;

export class HeapModel {
  /** The live blocks, in no order. */
  readonly live: Block[] = [];
  /** Pages that others grew memory by, where the subject may not use them; they outlive a reset. */
  readonly foreign: Block[] = [];
  /** Bytes asked for by live blocks. */
  liveBytes = 0;
  /** Blocks ever asked for since the last reset, freed or not, and their bytes, those an alignment may cost included. */
  everBlocks = 0;
  everBytes = 0;
  /** Of these, the blocks that are large enough for pages of their own and too small to fill a quarter of one. */
  everMiddling = 0;
  /** Blocks and bytes of before the last reset: what a heap holds for them may not do for others. */
  resetBlocks = 0;
  resetBytes = 0;
  /** Bytes by which others than the subject grew memory. */
  foreignBytes = 0;
  /** The span of every region handed out in this run. */
  lowestStart = Number.POSITIVE_INFINITY;
  highestEnd = 0;
  /** The largest block of this run. */
  largestBytes = 0;
  readonly #slots: (Block | undefined)[] = new Array<Block | undefined>(SLOTS).fill(undefined);
  readonly #marks: number[] = [];
  readonly #spare: Block[] = [];
  readonly #map: RegionMap;
  #serial = 0;
  readonly #pagedFromBytes: number;

  constructor(profile: Profile) {
    this.#pagedFromBytes = profile.pagedFromBytes ?? LARGEST_SLOT_BYTES + 1;
    this.#map = new RegionMap(
      Math.min(profile.smallestAlignmentBytes ?? profile.alignmentBytes, LARGEST_GRANULE_BYTES),
    );
  }

  /** Forgets everything, and that others grew memory. */
  startOver(): void {
    for (const { pointer, sizeBytes } of this.foreign.splice(0)) this.release(pointer, sizeBytes);
    this.clear();
    this.foreignBytes = 0;
    this.lowestStart = Number.POSITIVE_INFINITY;
    this.highestEnd = 0;
    this.largestBytes = 0;
    this.resetBlocks = 0;
    this.resetBytes = 0;
  }

  /** Forgets every block and mark, but for what there was. */
  reset(): void {
    this.resetBlocks += this.everBlocks;
    this.resetBytes += this.everBytes;
    this.clear();
  }

  /** Forgets every block and mark. */
  clear(): void {
    // Popped one by one, for the array keeps its room then.
    for (let block = this.live.pop(); block !== undefined; block = this.live.pop()) this.#spare.push(block);
    this.#slots.fill(undefined);
    if (this.highestEnd > 0) this.#map.release(this.lowestStart, this.highestEnd);
    for (const { pointer, sizeBytes } of this.foreign) this.#map.claim(pointer, pointer + sizeBytes);
    this.liveBytes = 0;
    this.#marks.length = 0;
    this.#serial = 0;
    this.everBlocks = 0;
    this.everBytes = 0;
    this.everMiddling = 0;
  }

  /** Forgets everything after a run that ended in the middle of an operation, with a region claimed by no block. */
  abandon(): void {
    this.startOver();
    this.#map.clear();
  }

  /** The block slot `slot` points to; undefined when it holds NULL. */
  at(slot: number): Block | undefined {
    return this.#slots[slot];
  }

  /** Whether some mark has not been popped. */
  hasMark(): boolean {
    return this.#marks.length > 0;
  }

  /** Live blocks made since the innermost mark. */
  sinceMark(): Block[] {
    const mark = this.#marks.at(-1) ?? 0;
    return this.live.filter((block) => block.serial >= mark);
  }

  mark(): void {
    this.#marks.push(this.#serial);
  }

  /** Ends the blocks made since the innermost mark. */
  pop(): void {
    for (const block of this.sinceMark()) this.remove(block);
    this.#marks.pop();
  }

  /** Claims [pointer, pointer + sizeBytes) for no block yet; false when a live block has a byte of it. */
  claim(pointer: number, sizeBytes: number): boolean {
    if (sizeBytes === 0 || this.#map.claim(pointer, pointer + sizeBytes)) return true;
    return this.overlapping(pointer, sizeBytes) === undefined;
  }

  /** Gives up a claim. */
  release(pointer: number, sizeBytes: number): void {
    if (sizeBytes > 0) this.#map.release(pointer, pointer + sizeBytes);
  }

  /** The first live block that shares a byte with [pointer, pointer + sizeBytes). */
  overlapping(pointer: number, sizeBytes: number): Block | undefined {
    const end = pointer + sizeBytes;
    return [...this.live, ...this.foreign].find(
      ({ pointer: start, sizeBytes: size }) => size > 0 && start < end && pointer < start + size,
    );
  }

  /** Records a block whose region was claimed, and points its slot to it; an older block there stays live. */
  add(slot: number, pointer: number, sizeBytes: number, alignmentBytes: number, seed: number, bornAt: number): Block {
    const block = this.#spare.pop() ?? emptyBlock();
    block.pointer = pointer;
    block.sizeBytes = sizeBytes;
    block.alignmentBytes = alignmentBytes;
    block.heldBytes = sizeBytes;
    block.paddingBytes = alignmentBytes;
    block.seed = seed;
    block.bornAt = bornAt;
    block.slot = slot;
    block.place = this.live.length;
    block.serial = this.#serial++;
    this.live.push(block);
    this.#slots[slot] = block;
    this.#count(pointer, sizeBytes, alignmentBytes);
    return block;
  }

  /** Records [pointer, pointer + sizeBytes) as somebody else's. */
  addForeign(pointer: number, sizeBytes: number, seed: number, bornAt: number): void {
    this.claim(pointer, sizeBytes);
    this.foreign.push(Object.assign(emptyBlock(), { pointer, sizeBytes, seed, bornAt, slot: NO_SLOT }));
  }

  /** Moves `block` to a claimed region of another size. */
  move(block: Block, pointer: number, sizeBytes: number, alignmentBytes: number, bornAt: number): void {
    this.liveBytes -= block.sizeBytes;
    const stays = block.pointer === pointer;
    block.heldBytes = stays ? Math.max(block.heldBytes, sizeBytes) : sizeBytes;
    block.paddingBytes = stays ? Math.max(block.paddingBytes, alignmentBytes) : alignmentBytes;
    block.pointer = pointer;
    block.sizeBytes = sizeBytes;
    block.alignmentBytes = alignmentBytes;
    block.bornAt = bornAt;
    this.#count(pointer, sizeBytes, alignmentBytes);
  }

  /** Ends a block: its region is free, and a slot that points to it holds NULL. */
  remove(block: Block): void {
    this.release(block.pointer, block.sizeBytes);
    if (this.#slots[block.slot] === block) this.#slots[block.slot] = undefined;
    const last = this.live.pop() as Block;
    if (last !== block) {
      this.live[block.place] = last;
      last.place = block.place;
    }
    this.liveBytes -= block.sizeBytes;
    this.#spare.push(block);
  }

  /** Empties a slot without ending its block. */
  forget(slot: number): void {
    this.#slots[slot] = undefined;
  }

  /**
   * The longest run of bytes in [start, end) free of live blocks, each taken to hold `heldBytes` of what it has had
   * where it lies, and its padding on both sides.
   */
  longestGapBytes(start: number, end: number, heldBytes: (sizeBytes: number) => number): number {
    const blocks = [...this.live].sort((a, b) => a.pointer - b.pointer);
    let longest = 0;
    let free = start;
    for (const block of blocks) {
      longest = Math.max(longest, block.pointer - block.paddingBytes - free);
      free = Math.max(free, block.pointer + heldBytes(block.heldBytes) + block.paddingBytes);
    }
    return Math.max(longest, end - free);
  }

  #count(pointer: number, sizeBytes: number, alignmentBytes: number): void {
    if (pointer < this.lowestStart) this.lowestStart = pointer;
    if (pointer + sizeBytes > this.highestEnd) this.highestEnd = pointer + sizeBytes;
    if (sizeBytes > this.largestBytes) this.largestBytes = sizeBytes;
    this.liveBytes += sizeBytes;
    this.everBytes += sizeBytes + alignmentBytes;
    if (sizeBytes >= this.#pagedFromBytes && sizeBytes < QUARTER_PAGE_BYTES) this.everMiddling++;
    this.everBlocks++;
  }
}

function emptyBlock(): Block {
  return {
    pointer: 0,
    sizeBytes: 0,
    alignmentBytes: 1,
    heldBytes: 0,
    paddingBytes: 1,
    seed: 0,
    bornAt: 0,
    slot: 0,
    place: 0,
    serial: 0,
  };
}
