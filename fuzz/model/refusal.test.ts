import { describe, expect, it } from 'vitest';
import { HeapModel } from './heap-model.ts';
import type { Profile } from './profile.ts';
import { growsInVain, mayRefuse } from './refusal.ts';

const PAGE_BYTES = 65536;
const PROFILE: Profile = {
  operations: ['malloc'],
  alignmentBytes: 16,
  maximumAlignmentBytes: 16,
  arenaStart: 1,
  arenaEnd: 64 * PAGE_BYTES,
  zeroMalloc: 'null',
  zeroRealloc: 'unspecified',
  shrinkingNeverFails: false,
  shrinkingKeepsThePointer: false,
  mayGrow: true,
  growthSlackPages: 1,
  reclaims: false,
  coalesces: false,
  capacityBytes: 0,
};

describe('a heap of unknown capacity', () => {
  it('may refuse anything, unless it never granted a byte', () => {
    expect(mayRefuse(PROFILE, new HeapModel(PROFILE), 1, 16)).toBe(true);
    const useless = { ...PROFILE, grantsNothing: true };
    expect(mayRefuse(useless, new HeapModel(useless), 1, 16)).toBe(false);
    expect(mayRefuse(useless, new HeapModel(useless), 17, 16)).toBe(true);
  });
});

describe('memory that grew for a refused request', () => {
  it.each([
    ['is in vain when it is more than enough', 16_000, 1, 3, true],
    ['is not when it may not suffice', 16_400, 1, 3, false],
    ['is not when it did not grow', 1, 0, 3, false],
    ['is not when so much was had that the allocator may have a limit of its own', 1, 1, 17, false],
  ])('%s', (_, sizeBytes, grownPages, pages, expected) => {
    expect(growsInVain(PROFILE, sizeBytes, grownPages * PAGE_BYTES, pages * PAGE_BYTES)).toBe(expected);
  });
});
