import { describe, expect, it } from 'vitest';
import { Climb } from './climb.ts';

/** The rounds that are run of a heap whose highest end after each round `endAt` tells, at most 10,000. */
function roundsOf(endAt: (round: number) => number): number {
  const climb = new Climb(100, 0);
  let round = 1;
  while (round <= 10_000 && climb.goesOn(round)) climb.note(round, endAt(round++), false);
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

describe('a leak', () => {
  /** Whether there is one once blocks from 1000 on have ended at 2000 for 50 rounds, and then at `ends`, each growing memory. */
  const isLeak = (...ends: number[]) => {
    const climb = new Climb(100, 1000);
    for (let round = 1; round <= 50; round++) climb.note(round, 2000, true);
    ends.forEach((end, index) => void climb.note(51 + index, end, true));
    return [climb.growths, climb.isLeak];
  };

  it('grows memory three times, and reaches three times as far', () => {
    expect([isLeak(3000, 4000), isLeak(3000, 3500, 3900), isLeak(3000, 4000, 5000)]).toEqual([
      [2, false],
      [3, false],
      [3, true],
    ]);
    expect(isLeak(9000, 9000)).toEqual([2, false]);
    expect(isLeak(2600, 3200, 3800, 4400)).toEqual([4, true]);
  });
});

describe('a leak of a heap that is too slow for all rounds', () => {
  /** Whether there is one after `rounds` that end where `endAt` says, each growing memory. */
  const isEvenLeak = (rounds: number, endAt: (round: number) => number, grew = true) => {
    const climb = new Climb(1000, 1000);
    for (let round = 2; round <= rounds; round++) climb.note(round, endAt(round), grew);
    return climb.isEvenLeak;
  };
  const even = (round: number) => 1000 + 32 * round;

  it('rises as far in each round, for 256 rounds or more', () => {
    expect([isEvenLeak(255, even), isEvenLeak(256, even), isEvenLeak(700, even)]).toEqual([false, true, true]);
  });

  it('is none where memory does not grow, where it rises less and less, or by little', () => {
    expect(isEvenLeak(300, even, false)).toBe(false);
    expect(isEvenLeak(300, (round) => 1000 + 400 * Math.sqrt(round))).toBe(false);
    expect(isEvenLeak(300, (round) => 9000 + 32 * round)).toBe(false);
    expect(isEvenLeak(300, (round) => (round <= 64 ? 2000 : round <= 128 ? 5000 : 7000))).toBe(false);
  });
});
