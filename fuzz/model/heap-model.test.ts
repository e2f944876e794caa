import { describe, expect, it } from 'vitest';
import { HeapModel } from './heap-model.ts';
import type { Profile } from './profile.ts';
import { isRoomy, mayRefuse } from './refusal.ts';

const MIB = 2 ** 20;

const PROFILE = {
  alignmentBytes: 8,
  arenaStart: 0,
  arenaEnd: MIB,
  capacityBytes: MIB,
  coalesces: true,
  mayGrow: false,
} as Profile;

function add(model: HeapModel, slot: number, pointer: number, sizeBytes: number): void {
  expect(model.claim(pointer, sizeBytes)).toBe(true);
  model.add(slot, pointer, sizeBytes, 8, 0, 1);
}

describe('the heap model', () => {
  it('knows the block of a slot until it is freed', () => {
    const model = new HeapModel(PROFILE);
    add(model, 3, 64, 10);
    const block = model.at(3);
    expect(block).toMatchObject({ pointer: 64, sizeBytes: 10, slot: 3 });
    if (block !== undefined) model.remove(block);
    expect([model.at(3), model.live.length, model.liveBytes]).toEqual([undefined, 0, 0]);
  });

  it('keeps a block alive whose slot was taken by another', () => {
    const model = new HeapModel(PROFILE);
    add(model, 0, 64, 10);
    add(model, 0, 128, 20);
    expect([model.live.length, model.liveBytes, model.at(0)?.pointer]).toEqual([2, 30, 128]);
    const [first] = model.live;
    if (first !== undefined) model.remove(first);
    expect([model.live.length, model.at(0)?.pointer]).toEqual([1, 128]);
  });

  it('keeps a block alive whose slot was emptied', () => {
    const model = new HeapModel(PROFILE);
    add(model, 0, 64, 10);
    model.forget(0);
    expect([model.at(0), model.live.length]).toEqual([undefined, 1]);
  });

  it('refuses a claim on a live byte and names the block', () => {
    const model = new HeapModel(PROFILE);
    add(model, 0, 64, 16);
    expect(model.claim(72, 8)).toBe(false);
    expect(model.overlapping(72, 8)?.pointer).toBe(64);
    expect(model.overlapping(80, 8)).toBeUndefined();
    expect(model.claim(80, 8)).toBe(true);
    expect(model.claim(64, 0)).toBe(true);
  });

  it('allows a claim beside a live byte within one granule', () => {
    const model = new HeapModel(PROFILE);
    add(model, 0, 64, 3);
    expect(model.claim(67, 2)).toBe(true);
    expect(model.claim(66, 2)).toBe(false);
  });

  it('gives up a region when its block is freed or moves', () => {
    const model = new HeapModel(PROFILE);
    add(model, 0, 64, 16);
    const block = model.at(0);
    if (block === undefined) throw new Error('the block is gone');
    model.release(64, 16);
    expect(model.claim(256, 32)).toBe(true);
    model.move(block, 256, 32, 8, 2);
    expect(block).toMatchObject({ pointer: 256, sizeBytes: 32, bornAt: 2 });
    expect([model.liveBytes, model.claim(64, 16), model.claim(256, 8)]).toEqual([32, true, false]);
  });

  it('ends the blocks made since the innermost mark', () => {
    const model = new HeapModel(PROFILE);
    expect(model.hasMark()).toBe(false);
    add(model, 0, 0, 8);
    model.mark();
    add(model, 1, 8, 8);
    model.mark();
    add(model, 2, 16, 8);
    expect([model.hasMark(), model.sinceMark().map(({ slot }) => slot)]).toEqual([true, [2]]);
    model.pop();
    expect(model.live.map(({ slot }) => slot)).toEqual([0, 1]);
    model.pop();
    expect(model.live.map(({ slot }) => slot)).toEqual([0]);
    expect(model.claim(8, 16)).toBe(true);
  });

  it('counts blocks that have pages of their own from where they begin to', () => {
    const counted = (profile: Profile) => {
      const model = new HeapModel(profile);
      for (const [slot, sizeBytes] of [1499, 1500, 2048, 2049, 16383, 16384].entries())
        add(model, slot, 65536 * slot, sizeBytes);
      return model.everMiddling;
    };
    expect([counted(PROFILE), counted({ ...PROFILE, pagedFromBytes: 1500 })]).toEqual([2, 4]);
  });

  it('remembers the span of a run over a clear, and what was asked for only up to it', () => {
    const model = new HeapModel(PROFILE);
    add(model, 0, 64, 16);
    add(model, 1, 1024, 8);
    expect([model.everBlocks, model.everBytes, model.everMiddling]).toEqual([2, 16 + 8 + 8 + 8, 0]);
    model.clear();
    expect([model.live.length, model.everBlocks, model.lowestStart, model.highestEnd]).toEqual([0, 0, 64, 1032]);
    model.startOver();
    expect([model.lowestStart, model.highestEnd, model.foreignBytes]).toEqual([Number.POSITIVE_INFINITY, 0, 0]);
  });

  it('forgets claims that no block explains when a run is abandoned', () => {
    const model = new HeapModel(PROFILE);
    model.claim(64, 16);
    model.abandon();
    expect(model.claim(64, 16)).toBe(true);
  });

  it("holds the host's pages against every claim", () => {
    const model = new HeapModel(PROFILE);
    model.addForeign(65536, 65536, 1, 1);
    expect(model.claim(65536, 8)).toBe(false);
    expect(model.overlapping(65536, 8)?.sizeBytes).toBe(65536);
    expect(model.foreign.length).toBe(1);
    model.startOver();
    expect(model.foreign.length).toBe(0);
    expect(model.claim(65536, 8)).toBe(true);
  });

  it('finds the longest gap before, between and behind blocks', () => {
    const model = new HeapModel(PROFILE);
    const asIs = (sizeBytes: number) => sizeBytes;
    expect(model.longestGapBytes(0, 1000, asIs)).toBe(1000);
    add(model, 0, 400, 100);
    expect(model.longestGapBytes(0, 1000, asIs)).toBe(492);
    add(model, 1, 600, 400);
    expect(model.longestGapBytes(0, 1000, asIs)).toBe(392);
    expect(model.longestGapBytes(450, 1000, (sizeBytes) => 2 * sizeBytes)).toBe(0);
  });

  it('takes a block that shrank in place, or was asked for at an alignment, to hold what it ever had there', () => {
    const model = new HeapModel(PROFILE);
    const gap = () => model.longestGapBytes(0, 5000, (sizeBytes) => sizeBytes);
    model.add(0, 1024, 2000, 512, 0, 1);
    expect(gap()).toBe(5000 - 1024 - 2000 - 512);
    const block = model.at(0);
    if (block === undefined) throw new Error('slot 0 is empty');
    model.move(block, 1024, 10, 8, 2);
    expect(gap()).toBe(5000 - 1024 - 2000 - 512);
    model.move(block, 4000, 10, 8, 3);
    expect(gap()).toBe(3992);
  });
});

describe('a refusal', () => {
  it('is honest for no bytes, and where no capacity is known', () => {
    const model = new HeapModel(PROFILE);
    expect(mayRefuse(PROFILE, model, 0, 8)).toBe(true);
    expect(mayRefuse({ ...PROFILE, capacityBytes: 0 }, model, 8, 8)).toBe(true);
  });

  it('is dishonest while four times all that was ever asked for leaves room', () => {
    const model = new HeapModel(PROFILE);
    // 4 * (240000 + 64) + 2 * 8 + 65536 is less than 2^20; 4 * (246000 + 64) and the rest is not.
    expect(mayRefuse(PROFILE, model, 240_000, 8)).toBe(false);
    expect(mayRefuse(PROFILE, model, 246_000, 8)).toBe(true);
    add(model, 0, 0, 10_000);
    expect(mayRefuse(PROFILE, model, 240_000, 8)).toBe(true);
  });

  it('counts an alignment twice and the pages that others grew', () => {
    const model = new HeapModel(PROFILE);
    expect(mayRefuse(PROFILE, model, 8, 2 ** 19)).toBe(true);
    model.foreignBytes = MIB;
    expect(mayRefuse(PROFILE, model, 8, 8)).toBe(true);
  });

  it('is dishonest where a joining allocator has a gap among its blocks that holds it however rounded', () => {
    const model = new HeapModel(PROFILE);
    add(model, 0, 0, 8);
    add(model, 1, 8, 600_000);
    add(model, 2, 1_000_000, 8);
    const block = model.at(1);
    if (block !== undefined) model.remove(block);
    expect(mayRefuse(PROFILE, model, 100_000, 8)).toBe(false);
    expect(mayRefuse({ ...PROFILE, coalesces: false }, model, 100_000, 8)).toBe(true);
    expect(mayRefuse({ ...PROFILE, mayGrow: true }, model, 100_000, 8)).toBe(true);
    expect(mayRefuse({ ...PROFILE, gapsAreKept: true }, model, 100_000, 8)).toBe(true);
    expect(mayRefuse(PROFILE, model, 260_000, 8)).toBe(true);
    add(model, 3, 500_000, 8);
    expect(mayRefuse(PROFILE, model, 120_000, 8)).toBe(true);
  });

  it('is honest where as many blocks live as there may be, and within a larger reserve', () => {
    const model = new HeapModel(PROFILE);
    add(model, 0, 0, 8);
    expect(mayRefuse(PROFILE, model, 8, 8)).toBe(false);
    expect(mayRefuse({ ...PROFILE, maximumBlocks: 2 }, model, 8, 8)).toBe(false);
    expect(mayRefuse({ ...PROFILE, maximumBlocks: 1 }, model, 8, 8)).toBe(true);
    expect(mayRefuse({ ...PROFILE, reserveBytes: MIB }, model, 8, 8)).toBe(true);
  });

  it('is honest where blocks that are far apart may have used up the heap', () => {
    const model = new HeapModel(PROFILE);
    for (let slot = 0; slot < 10; slot++) add(model, slot, 65536 * slot, 1);
    expect(mayRefuse(PROFILE, model, 8, 8)).toBe(false);
    expect(mayRefuse({ ...PROFILE, leastDistanceBytes: 65536 }, model, 8, 8)).toBe(false);
    for (let slot = 10; slot < 14; slot++) add(model, slot, 65536 * slot, 1);
    expect(mayRefuse(PROFILE, model, 8, 8)).toBe(false);
    expect(mayRefuse({ ...PROFILE, leastDistanceBytes: 65536 }, model, 8, 8)).toBe(true);
    expect(mayRefuse({ ...PROFILE, classBytes: 65536 }, model, 8, 8)).toBe(true);
  });

  it('is honest after a reset in a heap that grows, of more than the largest block of before', () => {
    const growing = { ...PROFILE, mayGrow: true };
    const model = new HeapModel(growing);
    add(model, 0, 0, 240_000);
    model.reset();
    const refused = (profile: typeof growing) => [59_000, 61_000].map((size) => mayRefuse(profile, model, size, 8));
    expect([refused(growing), refused({ ...growing, mayGrow: false })]).toEqual([
      [false, true],
      [false, false],
    ]);
    model.startOver();
    expect(mayRefuse(growing, model, 61_000, 8)).toBe(false);
  });

  it('is dishonest in a pool that has a cell left for it', () => {
    const pool = { ...PROFILE, capacityBytes: 64, coalesces: false, guaranteedBlocks: 2 };
    const model = new HeapModel(PROFILE);
    const block = () => mayRefuse(pool, model, 64, 8);
    expect([block(), mayRefuse(pool, model, 65, 8), mayRefuse(pool, model, 64, 16)]).toEqual([false, true, true]);
    add(model, 0, 0, 64);
    expect([block(), isRoomy(pool, model)]).toEqual([false, true]);
    add(model, 1, 64, 64);
    expect([block(), isRoomy(pool, model)]).toEqual([true, true]);
    add(model, 2, 128, 64);
    expect(isRoomy(pool, model)).toBe(false);
  });

  it('is honest beside a block that shrank where it lies', () => {
    const model = new HeapModel(PROFILE);
    add(model, 0, 0, 1_000_000);
    expect(mayRefuse(PROFILE, model, 8, 8)).toBe(true);
    const block = model.at(0);
    if (block !== undefined) model.move(block, 0, 1, 8, 2);
    expect(mayRefuse(PROFILE, model, 8, 8)).toBe(true);
  });

  it('says nothing of repetition in a heap that is not roomy, by its arena where no capacity is known', () => {
    const model = new HeapModel(PROFILE);
    expect(isRoomy(PROFILE, model)).toBe(true);
    expect(isRoomy({ ...PROFILE, capacityBytes: 0 }, model)).toBe(true);
    add(model, 0, 0, 10_000);
    expect(isRoomy({ ...PROFILE, heldBackBlocks: 16 }, model)).toBe(true);
    expect(isRoomy({ ...PROFILE, heldBackBlocks: 64 }, model)).toBe(false);
    add(model, 1, 20_000, 300_000);
    expect(isRoomy(PROFILE, model)).toBe(false);
    expect(isRoomy({ ...PROFILE, capacityBytes: 0 }, model)).toBe(false);
  });
});
