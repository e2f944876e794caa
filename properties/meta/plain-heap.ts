/**
 * A sound heap in TypeScript over a WebAssembly memory, every decision a method of its own.
 *
 * First fit over a list of gaps, joined at once; realloc stays where it is when it can; memory grows page by page up
 * to a maximum. Its books are kept outside memory, so that a fault harms blocks only where it means to. Unchanged it
 * breaks no law; the table of faults overrides one method each. It is used after `restart`, as a lockstep does.
 */
import type { Profile } from '../../fuzz/model/profile.ts';
import type { Statistics, Subject } from '../../fuzz/subjects/subject.ts';

export const PAGE_BYTES = 65536;
/** A multiple of 16 and of nothing more, so that a forgotten alignment shows at once. */
export const ARENA_START = 1040;

/** A half-open byte range. */
export interface Region {
  readonly start: number;
  readonly end: number;
}

/** The memory a heap is given. */
export interface HeapSetting {
  readonly initialPages: number;
  readonly maximumPages: number;
  /** What it promises differently. */
  readonly profile?: Partial<Profile>;
}

/** One page that grows to sixteen: room for many small blocks, and full after few large ones. */
const GROWING: HeapSetting = { initialPages: 1, maximumPages: 16 };

export class PlainHeap implements Subject {
  readonly name = 'plain-heap';
  readonly profile: Profile;
  memory: WebAssembly.Memory;
  protected readonly initialPages: number;
  protected readonly maximumPages: number;
  protected blocks = new Map<number, Region>();
  /** The bytes each live block was asked for with. */
  protected sizes = new Map<number, number>();
  /** Free regions, in the order of their addresses. */
  protected gaps: Region[] = [];

  constructor({ initialPages, maximumPages, profile }: HeapSetting = GROWING) {
    this.initialPages = initialPages;
    this.maximumPages = maximumPages;
    this.memory = this.newMemory();
    this.profile = { ...profileOf(initialPages, maximumPages), ...profile };
  }

  restart(): void {
    if (this.endBytes() === this.initialPages * PAGE_BYTES) this.bytes(0, this.endBytes()).fill(0);
    else this.memory = this.newMemory();
    this.startOver();
  }

  malloc(sizeBytes: number): number {
    return sizeBytes === 0 ? this.nothing() : this.allocate(sizeBytes, this.alignment());
  }

  calloc(count: number, sizeBytes: number): number {
    const total = this.product(count, sizeBytes);
    const pointer = this.malloc(total);
    if (pointer !== 0) this.zero(pointer, total);
    return pointer;
  }

  alignedAlloc(alignmentBytes: number, sizeBytes: number): number {
    if (sizeBytes === 0) return this.nothing();
    return this.allocate(sizeBytes, Math.max(this.alignment(), this.requestedAlignment(alignmentBytes)));
  }

  realloc(pointer: number, _oldSizeBytes: number, _alignmentBytes: number, newSizeBytes: number): number {
    if (pointer === 0) return this.malloc(newSizeBytes);
    if (newSizeBytes === 0) return this.reallocZero(pointer);
    const block = this.blockAt(pointer);
    const end = pointer + this.held(newSizeBytes);
    if (end <= block.end) return this.shrink(pointer, block, newSizeBytes);
    const room = this.roomAfter(block);
    return end <= room ? this.extend(pointer, block, newSizeBytes) : this.move(pointer, newSizeBytes);
  }

  free(pointer: number): void {
    if (pointer === 0) return this.freeNull();
    const block = this.blockAt(pointer);
    this.forget(pointer);
    this.release(block);
  }

  reset(): void {
    this.blocks.clear();
    this.sizes.clear();
    this.gaps = [{ start: ARENA_START, end: this.endBytes() }];
  }

  grow(): boolean {
    return false;
  }

  mark(): void {}

  pop(): boolean {
    return false;
  }

  run(): void {}

  statistics(): Statistics | undefined {
    return { liveBlocks: this.liveBlocks(), liveBytes: this.liveBytes() };
  }

  protected startOver(): void {
    this.reset();
  }

  protected alignment(): number {
    return 16;
  }

  protected requestedAlignment(alignmentBytes: number): number {
    return alignmentBytes;
  }

  /** What `malloc(0)` answers. */
  protected nothing(): number {
    return 0;
  }

  protected reallocZero(pointer: number): number {
    this.free(pointer);
    return 0;
  }

  protected freeNull(): void {}

  protected product(count: number, sizeBytes: number): number {
    return count * sizeBytes;
  }

  protected zero(pointer: number, sizeBytes: number): void {
    this.bytes(pointer, pointer + sizeBytes).fill(0);
  }

  /** The bytes a block of `sizeBytes` takes. */
  protected held(sizeBytes: number): number {
    return Math.ceil(sizeBytes / 16) * 16;
  }

  protected allocate(sizeBytes: number, alignmentBytes: number): number {
    const held = this.held(sizeBytes);
    const pointer = this.find(held, alignmentBytes) ?? this.findGrown(held, alignmentBytes);
    if (pointer === undefined) return this.refuse(sizeBytes);
    this.occupy({ start: pointer, end: pointer + held });
    this.record(pointer, { start: pointer, end: pointer + held }, sizeBytes);
    return pointer;
  }

  /** Where a block of `held` bytes fits; undefined when nowhere. */
  protected find(held: number, alignmentBytes: number): number | undefined {
    for (const gap of this.gaps) {
      const start = Math.ceil(gap.start / alignmentBytes) * alignmentBytes;
      if (start + held <= gap.end) return start;
    }
    return undefined;
  }

  protected findGrown(held: number, alignmentBytes: number): number | undefined {
    return this.growFor(held, alignmentBytes) ? this.find(held, alignmentBytes) : undefined;
  }

  /** Grows memory so that its last gap holds the block; false when memory refuses. */
  protected growFor(held: number, alignmentBytes: number): boolean {
    const before = this.endBytes();
    const last = this.gaps.at(-1);
    const from = last?.end === before ? last.start : before;
    const end = Math.ceil(from / alignmentBytes) * alignmentBytes + held;
    if (!this.growMemory(this.growthPages(end - before))) return false;
    this.release({ start: before, end: this.endBytes() });
    return true;
  }

  protected growthPages(missingBytes: number): number {
    return Math.ceil(missingBytes / PAGE_BYTES);
  }

  protected growMemory(pages: number): boolean {
    if (this.endBytes() / PAGE_BYTES + pages > this.maximumPages) return false;
    this.memory.grow(pages);
    return true;
  }

  /** Nothing fits: what is answered. */
  protected refuse(_sizeBytes: number): number {
    return 0;
  }

  /** Takes `region` out of the gap that holds it. */
  protected occupy(region: Region): void {
    const index = this.gaps.findIndex((gap) => gap.start <= region.start && region.end <= gap.end);
    const gap = this.gaps[index];
    if (gap === undefined) return;
    const left = { start: gap.start, end: region.start };
    this.gaps.splice(index, 1, ...[left, this.remainder(gap, region)].filter(({ start, end }) => start < end));
  }

  /** What is left of `gap` after `region`. */
  protected remainder(gap: Region, region: Region): Region {
    return { start: region.end, end: gap.end };
  }

  /** Gives `region` back. */
  protected release(region: Region): void {
    if (region.start >= region.end) return;
    const after = this.gaps.findIndex((gap) => gap.start >= region.end);
    const index = after < 0 ? this.gaps.length : after;
    this.gaps.splice(index, 0, region);
    if (this.joins()) this.join(index);
  }

  /** Whether free neighbours become one. */
  protected joins(): boolean {
    return true;
  }

  /** Makes one of the gap at `index` and its free neighbours. */
  protected join(index: number): void {
    this.joinNext(index);
    if (index > 0) this.joinNext(index - 1);
  }

  protected joinNext(index: number): void {
    const [gap, next] = [this.gaps[index], this.gaps[index + 1]];
    if (gap === undefined || next === undefined || gap.end !== next.start) return;
    this.gaps.splice(index, 2, { start: gap.start, end: next.end });
  }

  /** Keeps the pointer and gives back what is not needed. */
  protected shrink(pointer: number, block: Region, sizeBytes: number): number {
    const end = pointer + this.held(sizeBytes);
    this.record(pointer, { start: block.start, end }, sizeBytes);
    this.release({ start: end, end: block.end });
    return pointer;
  }

  /** Where the free bytes behind `block` end. */
  protected roomAfter(block: Region): number {
    return this.gaps.find(({ start }) => start === block.end)?.end ?? block.end;
  }

  protected extend(pointer: number, block: Region, sizeBytes: number): number {
    const end = pointer + this.held(sizeBytes);
    this.occupy({ start: block.end, end });
    this.record(pointer, { start: block.start, end }, sizeBytes);
    return pointer;
  }

  protected move(pointer: number, sizeBytes: number): number {
    const oldSizeBytes = this.sizes.get(pointer) ?? 0;
    const moved = this.allocate(sizeBytes, this.alignment());
    if (moved === 0) return 0;
    this.copy(pointer, moved, oldSizeBytes, sizeBytes);
    this.free(pointer);
    return moved;
  }

  protected copy(from: number, to: number, oldSizeBytes: number, newSizeBytes: number): void {
    this.copyBytes(from, to, Math.min(oldSizeBytes, newSizeBytes));
  }

  protected copyBytes(from: number, to: number, sizeBytes: number): void {
    new Uint8Array(this.memory.buffer).copyWithin(to, from, from + sizeBytes);
  }

  protected record(pointer: number, region: Region, sizeBytes: number): void {
    this.blocks.set(pointer, region);
    this.sizes.set(pointer, sizeBytes);
  }

  protected forget(pointer: number): void {
    this.blocks.delete(pointer);
    this.sizes.delete(pointer);
  }

  protected liveBlocks(): number {
    return this.blocks.size;
  }

  protected liveBytes(): number {
    let total = 0;
    for (const size of this.sizes.values()) total += size;
    return total;
  }

  protected blockAt(pointer: number): Region {
    const block = this.blocks.get(pointer);
    if (block === undefined) throw new Error(`0x${pointer.toString(16)} is no block of this heap`);
    return block;
  }

  protected bytes(start: number, end: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, start, end - start);
  }

  protected endBytes(): number {
    return this.memory.buffer.byteLength;
  }

  private newMemory(): WebAssembly.Memory {
    return new WebAssembly.Memory({ initial: this.initialPages, maximum: this.maximumPages });
  }
}

function profileOf(initialPages: number, maximumPages: number): Profile {
  const arenaEnd = maximumPages * PAGE_BYTES;
  return {
    operations: ['malloc', 'calloc', 'realloc', 'free', 'aligned_alloc', 'reset'],
    alignmentBytes: 16,
    maximumAlignmentBytes: PAGE_BYTES,
    arenaStart: ARENA_START,
    arenaEnd,
    zeroMalloc: 'null',
    zeroRealloc: 'frees',
    shrinkingNeverFails: true,
    shrinkingKeepsThePointer: true,
    mayGrow: maximumPages > initialPages,
    growthSlackPages: 1,
    reclaims: true,
    coalesces: true,
    capacityBytes: arenaEnd - ARENA_START,
  };
}
