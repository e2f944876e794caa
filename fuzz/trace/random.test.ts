import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mix, Random, streamSeed } from './random.ts';

describe('random numbers', () => {
  it('follow from the seed alone, on every machine', () => {
    const random = new Random(42);
    expect([random.word(), random.word(), random.word()]).toEqual(WORDS_OF_42);
  });

  it('are unsigned words', () => {
    const random = new Random(1);
    const drawn = Array.from({ length: 1000 }, () => random.word());
    expect(drawn.every((word) => Number.isInteger(word) && word >= 0 && word < 2 ** 32)).toBe(true);
    expect(drawn.some((word) => word >= 2 ** 31)).toBe(true);
  });

  it('stay within the bounds asked for, and reach both', () => {
    const property = fc.property(fc.nat(2 ** 32 - 1), fc.nat(1000), fc.nat(20), (seed, low, width) => {
      const random = new Random(seed);
      const drawn = Array.from({ length: 300 }, () => random.between(low, low + width));
      expect([Math.min(...drawn), Math.max(...drawn)]).toEqual([low, low + width]);
    });
    fc.assert(property, { numRuns: 30 });
  });

  it('below 1 are 0, and below 2^32 any word', () => {
    const random = new Random(3);
    expect(random.below(1)).toBe(0);
    expect(random.below(2 ** 32)).toBeLessThan(2 ** 32);
  });

  it('pick every item, once in n draws each', () => {
    const random = new Random(5);
    const picks = Array.from({ length: 6000 }, () => random.pick(['a', 'b', 'c']));
    for (const item of ['a', 'b', 'c']) {
      const share = picks.filter((pick) => pick === item).length / picks.length;
      expect(share).toBeGreaterThan(0.3);
      expect(share).toBeLessThan(0.37);
    }
    expect(Array.from({ length: 4000 }, () => random.oneIn(4)).filter(Boolean).length / 4000).toBeCloseTo(0.25, 1);
    expect(random.oneIn(1)).toBe(true);
  });

  it('cannot pick from nothing', () => {
    expect(() => new Random(1).pick([])).toThrow('nothing to pick from');
  });

  it('of different streams and seeds differ', () => {
    const seeds = [0, 1, 2, 3].flatMap((seed) => [0, 1, 2, 3].map((stream) => streamSeed(seed, stream)));
    expect(new Set(seeds).size).toBe(16);
    expect(new Set(seeds.map((seed) => new Random(seed).word())).size).toBe(16);
  });

  it('are scrambled one to one', () => {
    expect(new Set(Array.from({ length: 10_000 }, (_, word) => mix(word))).size).toBe(10_000);
    expect(mix(1)).toBeGreaterThan(65536);
  });
});

/** The first words of seed 42: a change of these makes every seed that was ever printed worthless. */
const WORDS_OF_42 = [3219395633, 13379946, 2259221237];
