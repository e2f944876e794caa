import { describe, expect, it } from 'vitest';
import { alignUp, type Predictor } from './predictor.ts';
import { predictorFor } from './predictors.ts';
import type { ExactContract, Profile } from './profile.ts';

const PAGE_BYTES = 65536;

function predictor(exact: ExactContract, arenaStart: number, arenaEnd: number): Predictor {
  const made = predictorFor({ exact, arenaStart, arenaEnd } as Profile);
  if (made === undefined) throw new Error(`no predictor for ${exact}`);
  made.restart(2);
  return made;
}

describe('an address rounded up', () => {
  it.each([
    { address: 0, alignmentBytes: 16, aligned: 0 },
    { address: 1, alignmentBytes: 16, aligned: 16 },
    { address: 16, alignmentBytes: 16, aligned: 16 },
    { address: 17, alignmentBytes: 1, aligned: 17 },
    { address: 2 ** 31 + 1, alignmentBytes: 2 ** 31, aligned: 2 ** 32 },
    { address: 2 ** 32 + 2 ** 31, alignmentBytes: 2 ** 31, aligned: 2 ** 32 + 2 ** 31 },
    { address: 2 ** 33 + 9, alignmentBytes: 8, aligned: 2 ** 33 + 16 },
  ])('from $address to a multiple of $alignmentBytes is $aligned', ({ address, alignmentBytes, aligned }) => {
    expect(alignUp(address, alignmentBytes)).toBe(aligned);
  });
});

describe('the contract of host-bump', () => {
  const heap = () => predictor('host-bump', 0x10000, 4 * PAGE_BYTES);

  it('puts blocks one after the other, 8-aligned by default and as asked otherwise', () => {
    const bump = heap();
    expect([bump.malloc(1), bump.malloc(8), bump.alignedAlloc(1, 3), bump.alignedAlloc(64, 1)]).toEqual([
      0x10000, 0x10008, 0x10010, 0x10040,
    ]);
    expect(bump.statistics()).toMatchObject({ currentOffset: 0x10041, offset: 0x10041, used: 0x41, peakUsage: 0x41 });
    expect(bump.statistics()).toMatchObject({
      base: 0x10000,
      totalAllocated: 13,
      activeAllocations: 4,
      growthCount: 0,
    });
  });

  it('refuses size zero, alignments that are no power of two, and what the largest memory does not hold', () => {
    const bump = heap();
    const before = bump.statistics();
    expect([
      bump.malloc(0),
      bump.alignedAlloc(0, 8),
      bump.alignedAlloc(24, 8),
      bump.malloc(3 * PAGE_BYTES + 1),
    ]).toEqual([0, 0, 0, 0]);
    expect([bump.calloc(1, 1), bump.realloc(0x10000, 1, 2)]).toEqual([0, 0]);
    expect(bump.statistics()).toEqual(before);
  });

  it('grows by exactly the pages it needs, and counts each growth once', () => {
    const bump = heap();
    expect(bump.malloc(PAGE_BYTES)).toBe(0x10000);
    expect(bump.statistics()).toMatchObject({ pages: 2, growthCount: 0 });
    expect(bump.malloc(1)).toBe(0x20000);
    expect(bump.statistics()).toMatchObject({ pages: 3, growthCount: 1 });
    expect(bump.malloc(2 * PAGE_BYTES - 8)).toBe(0x20008);
    expect(bump.statistics()).toMatchObject({ pages: 4, growthCount: 2, currentOffset: 4 * PAGE_BYTES });
  });

  it('uses pages that the host grew', () => {
    const bump = heap();
    bump.grown(4);
    bump.malloc(3 * PAGE_BYTES);
    expect(bump.statistics()).toMatchObject({ pages: 4, growthCount: 0 });
  });

  it('gives everything back at reset but peak and growths, and marks mean nothing', () => {
    const bump = heap();
    bump.malloc(PAGE_BYTES + 1);
    bump.mark();
    bump.pop();
    bump.reset();
    expect(bump.statistics()).toMatchObject({ used: 0, totalAllocated: 0, activeAllocations: 0, growthCount: 1 });
    expect(bump.statistics()['peakUsage']).toBe(PAGE_BYTES + 1);
    expect(bump.malloc(1)).toBe(0x10000);
    bump.restart(2);
    expect(bump.statistics()).toMatchObject({ peakUsage: 0, growthCount: 0, pages: 2 });
  });
});

describe('the contract of host-stack', () => {
  const region = () => predictor('host-stack', 0x8000, 0x10000);

  it('puts blocks one after the other, 8-aligned by default', () => {
    const stack = region();
    expect([stack.malloc(5), stack.alignedAlloc(2, 1), stack.malloc(8)]).toEqual([0x8000, 0x8006, 0x8008]);
    expect(stack.statistics()).toEqual({ top: 0x8010, used: 0x10, capacity: 0x8000 });
  });

  it('fills its region to the last byte and refuses one more', () => {
    const stack = region();
    expect(stack.malloc(0x8001)).toBe(0);
    expect(stack.malloc(0x8000)).toBe(0x8000);
    expect([
      stack.malloc(1),
      stack.malloc(0),
      stack.alignedAlloc(3, 1),
      stack.calloc(1, 1),
      stack.realloc(1, 1, 1),
    ]).toEqual([0, 0, 0, 0, 0]);
    expect(stack.statistics()).toMatchObject({ top: 0x10000 });
  });

  it('returns to the innermost mark, and nowhere without one', () => {
    const stack = region();
    stack.malloc(16);
    stack.mark();
    stack.malloc(16);
    stack.mark();
    stack.malloc(16);
    stack.pop();
    expect(stack.statistics()['top']).toBe(0x8020);
    stack.pop();
    expect(stack.statistics()['top']).toBe(0x8010);
    stack.pop();
    expect(stack.statistics()['top']).toBe(0x8010);
  });

  it('forgets blocks and marks at reset, and foreign growth is none of its business', () => {
    const stack = region();
    stack.malloc(16);
    stack.mark();
    stack.grown(9);
    stack.reset();
    stack.malloc(8);
    stack.pop();
    expect(stack.statistics()).toEqual({ top: 0x8008, used: 8, capacity: 0x8000 });
  });
});

describe('the contract of pool-bump', () => {
  const BASE = 0x1000;
  const pool = () => predictor('pool-bump', BASE, BASE + 524288);

  it('puts a header of 16 bytes before every block and rounds sizes up to 16', () => {
    const bump = pool();
    expect([bump.malloc(1), bump.malloc(16), bump.malloc(17)]).toEqual([BASE + 16, BASE + 48, BASE + 80]);
    expect(bump.statistics()).toEqual({ used: 112, remaining: 524288 - 112, peak: 112 });
  });

  it('gives 524272 bytes from a fresh pool and not one more', () => {
    expect(pool().malloc(524273)).toBe(0);
    const bump = pool();
    expect(bump.malloc(524272)).toBe(BASE + 16);
    expect(bump.statistics()).toMatchObject({ remaining: 0 });
    expect(bump.malloc(1)).toBe(0);
  });

  it('answers NULL for no bytes, no power of two and products from 2^32', () => {
    const bump = pool();
    expect([bump.malloc(0), bump.alignedAlloc(0, 1), bump.alignedAlloc(24, 1)]).toEqual([0, 0, 0]);
    expect([bump.calloc(65536, 65536), bump.calloc(0, 9), bump.calloc(2 ** 32 - 1, 2 ** 32 - 1)]).toEqual([0, 0, 0]);
    expect(bump.calloc(3, 7)).toBe(BASE + 16);
  });

  it('takes alignments below 16 for 16 and loses the padding of larger ones', () => {
    const bump = pool();
    expect([bump.alignedAlloc(1, 1), bump.alignedAlloc(256, 1), bump.malloc(1)]).toEqual([0x1010, 0x1100, 0x1120]);
  });

  it('keeps its last block in place, and top follows it up and down', () => {
    const bump = pool();
    const pointer = bump.malloc(100);
    expect([bump.realloc(pointer, 100, 1000), bump.statistics()['used']]).toEqual([pointer, 16 + 1008]);
    expect([bump.realloc(pointer, 1000, 1), bump.statistics()['used']]).toEqual([pointer, 32]);
    expect(bump.statistics()['peak']).toBe(16 + 1008);
    expect(bump.realloc(pointer, 1, 524273)).toBe(0);
    expect(bump.statistics()['used']).toBe(32);
  });

  it('keeps another block that shrinks and moves one that grows', () => {
    const bump = pool();
    const first = bump.malloc(40);
    bump.malloc(1);
    expect(bump.realloc(first, 40, 40)).toBe(first);
    expect(bump.realloc(first, 40, 41)).toBe(BASE + 16 + 48 + 16 + 16 + 16);
    expect(bump.realloc(first, 40, 524272)).toBe(0);
  });

  it('takes realloc of NULL for malloc, and of no bytes for free', () => {
    const bump = pool();
    expect(bump.realloc(0, 0, 1)).toBe(BASE + 16);
    expect(bump.realloc(BASE + 16, 1, 0)).toBe(0);
    expect(bump.statistics()['used']).toBe(32);
  });

  it('starts over at reset, peak included; marks and foreign growth mean nothing', () => {
    const bump = pool();
    bump.malloc(100);
    bump.mark();
    bump.pop();
    bump.grown(3);
    bump.reset();
    expect(bump.statistics()).toEqual({ used: 0, remaining: 524288, peak: 0 });
  });
});

it('there is no predictor for a profile that promises no exact answers', () => {
  expect(predictorFor({ arenaStart: 0, arenaEnd: 1 } as Profile)).toBeUndefined();
});
