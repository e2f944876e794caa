import { describe, expect, it } from 'vitest';
import { Climb } from './climb.ts';

/** The rounds that are run of a heap whose highest end after each round `endAt` tells, at most 10,000. */
function roundsOf(endAt: (round: number) => number): number {
  const climb = new Climb(100);
  let round = 1;
  while (round <= 10_000 && climb.goesOn(round)) climb.note(round, endAt(round++));
  return round - 1;
}

describe('a heap', () => {
  it('that settles is given the rounds that were asked for', () => {
    expect(roundsOf(() => 4096)).toBe(100);
    expect(roundsOf((round) => Math.min(round, 50))).toBe(100);
  });

  it('that rises without end is given all there are', () => {
    expect(roundsOf((round) => 16 * round)).toBe(10_000);
    expect(roundsOf((round) => 16 * Math.ceil(round / 40))).toBe(10_000);
  });

  it('that hands out its memory in turn is given four turns', () => {
    expect(roundsOf((round) => 16 * Math.min(round, 700))).toBe(2800);
  });
});
