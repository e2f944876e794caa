import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RegionMap } from './region-map.ts';

/** Granules of an arena that straddles the map's first 1,024 words, so that it has to grow. */
const GRANULES = 1024 * 32 + 300;

interface Step {
  readonly claims: boolean;
  readonly first: number;
  readonly count: number;
}

/** Starts near a word's edge, near the map's first end, and anywhere; lengths within a word and over several. */
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    claims: fc.boolean(),
    first: fc.oneof(fc.nat(200), fc.integer({ min: GRANULES - 600, max: GRANULES - 300 }), fc.nat(GRANULES - 300)),
    count: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 300 })),
  }),
  { maxLength: 60, size: 'max' },
);

/** The same answers from one boolean a granule. */
class PlainMap {
  readonly live = new Array<boolean>(GRANULES).fill(false);

  claim(first: number, count: number): boolean {
    if (this.live.slice(first, first + count).includes(true)) return false;
    this.live.fill(true, first, first + count);
    return true;
  }

  release(first: number, count: number): void {
    this.live.fill(false, first, first + count);
  }
}

describe('a region map', () => {
  it.each([1, 2, 4, 8])('with granules of %i bytes answers as an array of booleans does', (granuleBytes) => {
    const property = fc.property(steps, (list) => {
      const [map, plain] = [new RegionMap(granuleBytes), new PlainMap()];
      for (const { claims, first, count } of list) {
        const [start, end] = [first * granuleBytes, (first + count) * granuleBytes];
        if (claims) expect(map.claim(start, end)).toBe(plain.claim(first, count));
        else {
          map.release(start, end);
          plain.release(first, count);
        }
      }
    });
    fc.assert(property, { numRuns: 40 });
  });

  it('marks and frees the granules of a region and no others, wherever it begins and ends in its words', () => {
    const marks = (isLive: (at: number) => boolean) =>
      Array.from({ length: 140 }, (_, at) => (isLive(at) ? '1' : '0')).join('');
    for (let first = 30; first < 66; first++) {
      for (let end = first + 1; end <= 131; end++) {
        const map = new RegionMap(1);
        map.claim(first, end);
        expect(marks((at) => !map.claim(at, at + 1))).toBe(marks((at) => at >= first && at < end));
        map.release(first, end);
        expect(marks((at) => !map.claim(at, at + 1))).toBe(marks((at) => at < first || at >= end));
      }
    }
  });

  it('takes a region that ends inside a granule to fill it', () => {
    const map = new RegionMap(8);
    expect(map.claim(0, 9)).toBe(true);
    expect(map.claim(15, 16)).toBe(false);
    expect(map.claim(16, 17)).toBe(true);
  });

  it('marks nothing when it refuses', () => {
    const map = new RegionMap(8);
    map.claim(1024, 1032);
    expect(map.claim(0, 2048)).toBe(false);
    expect(map.claim(0, 1024)).toBe(true);
  });

  it('sees a live granule in the middle of a long region', () => {
    const map = new RegionMap(1);
    map.claim(100, 101);
    expect(map.claim(0, 320)).toBe(false);
  });

  it('reaches the last byte of 4 GiB', () => {
    const map = new RegionMap(8);
    expect(map.claim(2 ** 32 - 16, 2 ** 32)).toBe(true);
    expect(map.claim(2 ** 32 - 1, 2 ** 32)).toBe(false);
    map.release(2 ** 32 - 16, 2 ** 32);
    expect(map.claim(2 ** 32 - 1, 2 ** 32)).toBe(true);
  });

  it('is empty again after clear', () => {
    const map = new RegionMap(8);
    map.claim(0, 65536);
    map.clear();
    expect(map.claim(0, 65536)).toBe(true);
  });
});
