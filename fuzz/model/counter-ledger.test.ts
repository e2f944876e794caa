import { describe, expect, it } from 'vitest';
import { CounterLedger } from './counter-ledger.ts';
import type { CounterMeaning, Totals } from './counter-meanings.ts';

const EMPTY: Totals = {
  liveBlocks: 0,
  givenBlocks: 0,
  emptyBlocks: 0,
  liveBytes: 0,
  refusals: 0,
  reallocs: 0,
  pages: 2,
};

type Step = readonly [value: number, totals: Partial<Totals>];

/** What is wrong with the last step, for a counter that said `first` in a fresh heap. */
function complaint(means: CounterMeaning, first: number, steps: readonly Step[], everyStep = true): string | undefined {
  const ledger = new CounterLedger([{ counter: 'c', means }]);
  ledger.restart({ c: first }, EMPTY.pages, everyStep);
  const found = steps.map(([c, totals]) => ledger.wrong({ c }, { ...EMPTY, ...totals }));
  expect(found.slice(0, -1).filter((text) => text !== undefined)).toEqual([]);
  return found.at(-1);
}

const ONE = { liveBlocks: 1, liveBytes: 100 };
const TWO = { liveBlocks: 2, liveBytes: 150 };

describe('a counter that agrees with the trace', () => {
  it.each<[CounterMeaning, number, Step[]]>([
    [
      'live-blocks',
      0,
      [
        [1, ONE],
        [2, TWO],
        [1, ONE],
      ],
    ],
    [
      'left-blocks',
      7,
      [
        [6, ONE],
        [5, TWO],
        [5, { ...TWO, refusals: 1 }],
        [7, {}],
        [7, { liveBlocks: 1, emptyBlocks: 1 }],
        [6, { liveBlocks: 1, emptyBlocks: 1 }],
      ],
    ],
    [
      'live-bytes',
      0,
      [
        [100, ONE],
        [150, TWO],
        [0, {}],
      ],
    ],
    [
      'used-bytes',
      64,
      [
        [180, ONE],
        [240, TWO],
        [180, ONE],
        [64, {}],
      ],
    ],
    [
      'left-bytes',
      999,
      [
        [883, ONE],
        [823, TWO],
        [883, ONE],
        [999, {}],
      ],
    ],
    [
      'spent-bytes',
      0,
      [
        [112, ONE],
        [176, TWO],
        [176, ONE],
        [176, {}],
        [288, ONE],
      ],
    ],
    [
      'unspent-bytes',
      999,
      [
        [887, ONE],
        [823, TWO],
        [823, {}],
      ],
    ],
  ])('%s: none is wrong', (means, first, steps) => {
    expect(complaint(means, first, steps)).toBeUndefined();
  });

  it('may rise for good where memory grew, and by less than a block after a realloc', () => {
    expect(
      complaint('used-bytes', 0, [
        [116, { ...ONE, pages: 3 }],
        [16, { pages: 3 }],
      ]),
    ).toBeUndefined();
    const moved = { ...ONE, reallocs: 1 };
    expect(
      complaint('spent-bytes', 0, [
        [300, moved],
        [320, { ...TWO, reallocs: 1 }],
      ]),
    ).toBeUndefined();
  });
});

it('of blocks may leave out those of no bytes', () => {
  const withEmpty = { ...TWO, emptyBlocks: 1 };
  expect(complaint('live-blocks', 0, [[1, withEmpty]])).toBeUndefined();
  expect(complaint('live-blocks', 0, [[2, withEmpty]])).toBeUndefined();
  expect(complaint('live-blocks', 0, [[0, withEmpty]])).toBe('c is 0, the trace implies 1');
  expect(complaint('live-blocks', 0, [[3, withEmpty]])).toBe('c is 3, the trace implies 2');
});

describe('a counter that does not', () => {
  it.each<[CounterMeaning, number, Step[], string]>([
    [
      'live-blocks',
      0,
      [
        [1, ONE],
        [1, TWO],
      ],
      'c is 1, the trace implies 2',
    ],
    ['live-bytes', 0, [[112, ONE]], 'c is 112, the trace implies 100'],
    ['used-bytes', 64, [[150, ONE]], 'c is 150, the trace implies at least 164'],
    [
      'used-bytes',
      0,
      [
        [300, ONE],
        [330, TWO],
      ],
      'c is 330, the trace implies at least 350',
    ],
    [
      'used-bytes',
      0,
      [
        [200, TWO],
        [190, ONE],
      ],
      'c is 190, the trace implies at most 150',
    ],
    [
      'used-bytes',
      0,
      [
        [100, ONE],
        [16, {}],
      ],
      'c is 16, the trace implies 0',
    ],
    [
      'used-bytes',
      0,
      [
        [100, ONE],
        [116, { ...ONE, refusals: 1 }],
      ],
      'c is 116, the trace implies 100',
    ],
    ['left-bytes', 999, [[950, ONE]], 'c is 950, the trace implies at most 899'],
    [
      'left-bytes',
      999,
      [
        [799, TWO],
        [805, ONE],
      ],
      'c is 805, the trace implies at least 849',
    ],
    [
      'left-bytes',
      999,
      [
        [899, ONE],
        [983, {}],
      ],
      'c is 983, the trace implies 999',
    ],
    [
      'spent-bytes',
      0,
      [
        [100, ONE],
        [100, {}],
        [150, ONE],
      ],
      'c is 150, the trace implies at least 200',
    ],
    [
      'unspent-bytes',
      999,
      [
        [899, ONE],
        [880, { ...ONE, refusals: 1 }],
      ],
      'c is 880, the trace implies 899',
    ],
  ])('%s that was %i: %j', (means, first, steps, expected) => {
    expect(complaint(means, first, steps)).toBe(expected);
  });

  it('is held to what it covers and to where it ends when it is not read after every operation', () => {
    expect(complaint('used-bytes', 0, [[90, ONE]], false)).toBe('c is 90, the trace implies at least 100');
    expect(complaint('used-bytes', 0, [[16, {}]], false)).toBe('c is 16, the trace implies 0');
    expect(
      complaint(
        'used-bytes',
        0,
        [
          [300, ONE],
          [310, TWO],
        ],
        false,
      ),
    ).toBeUndefined();
  });
});

describe('a peak', () => {
  function followed(everyStep = true): CounterLedger {
    const ledger = new CounterLedger([
      { counter: 'used', means: 'used-bytes' },
      { counter: 'peak', means: 'peak', of: 'used' },
    ]);
    ledger.restart({ used: 0, peak: 0 }, EMPTY.pages, everyStep);
    expect(ledger.wrong({ used: 100, peak: 100 }, { ...EMPTY, ...ONE })).toBeUndefined();
    return ledger;
  }

  it('is the greatest of what it follows', () => {
    expect(followed().wrong({ used: 0, peak: 100 }, EMPTY)).toBeUndefined();
    expect(followed().wrong({ used: 0, peak: 0 }, EMPTY)).toBe('peak is 0, the trace implies 100');
    expect(followed().wrong({ used: 0, peak: 116 }, EMPTY)).toBe('peak is 116, the trace implies 100');
  });

  it('may be more after a realloc, or where nobody looked, but never less', () => {
    expect(followed().wrong({ used: 120, peak: 220 }, { ...EMPTY, ...ONE, reallocs: 1 })).toBeUndefined();
    expect(followed(false).wrong({ used: 0, peak: 500 }, EMPTY)).toBeUndefined();
    const implied = 'peak is 100, the trace implies at least 120';
    expect(followed(false).wrong({ used: 120, peak: 100 }, { ...EMPTY, ...ONE })).toBe(implied);
    expect(followed().wrong({ used: 120, peak: 100 }, { ...EMPTY, ...ONE, reallocs: 1 })).toBe(implied);
  });

  it.each([[100], [0]])('of %i after a reset of all stays or begins anew', (peak) => {
    const ledger = followed();
    ledger.reset({ used: 0, peak });
    expect(ledger.wrong({ used: 0, peak }, EMPTY)).toBeUndefined();
  });

  it.each([
    [100, undefined],
    [0, undefined],
    [16, 'used is 16, the trace implies 0'],
  ])('after a reset, what is used is as at first or counts on: %i', (used, expected) => {
    const ledger = followed();
    ledger.reset({ used, peak: 100 });
    expect(ledger.wrong({ used, peak: 100 }, EMPTY)).toBe(expected);
  });

  it('is neither after a reset that does not know', () => {
    const ledger = followed();
    ledger.reset({ used: 0, peak: 50 });
    expect(ledger.wrong({ used: 0, peak: 50 }, EMPTY)).toBe('peak is 50, the trace implies 0');
  });
});

it('what is used when all is freed may be more once memory grew, but is then the same each time', () => {
  const grown: readonly Step[] = [
    [116, { ...ONE, pages: 3 }],
    [16, { pages: 3 }],
    [132, { ...ONE, pages: 3 }],
  ];
  expect(complaint('used-bytes', 0, [...grown, [16, { pages: 3 }]])).toBeUndefined();
  expect(complaint('used-bytes', 0, [...grown, [32, { pages: 3 }]])).toBe('c is 32, the trace implies 16');
  expect(complaint('used-bytes', 0, [...grown, [32, { pages: 4 }]])).toBeUndefined();
});

describe('a peak of what no counter tells', () => {
  const peakOf = (of: string, steps: readonly Step[]) => {
    const ledger = new CounterLedger([{ counter: 'c', means: 'peak', of }]);
    ledger.restart({ c: 0 }, EMPTY.pages, true);
    return steps.map(([c, totals]) => ledger.wrong({ c }, { ...EMPTY, ...totals })).at(-1);
  };

  it.each([
    ['live blocks', 2, 1],
    ['live bytes', 150, 100],
  ])('is that of %s in the trace', (of, peak, before) => {
    const ended: Step = [peak, ONE];
    expect(peakOf(of, [[before, ONE], [peak, TWO], ended])).toBeUndefined();
    expect(
      peakOf(of, [
        [before, ONE],
        [before, TWO],
      ]),
    ).toBe(`c is ${before}, the trace implies ${peak}`);
  });

  it('may have counted blocks of no bytes, or not', () => {
    const empty: Step = [1, { liveBlocks: 2, liveBytes: 100, emptyBlocks: 1 }];
    expect(peakOf('live blocks', [[1, ONE], empty])).toBeUndefined();
    expect(peakOf('live blocks', [[1, ONE], empty, [1, ONE]])).toBeUndefined();
  });
});

it('wants every step only where it was told that there are readings, and a meaning needs them', () => {
  const wants = (means: CounterMeaning, everyStep: boolean) => {
    const ledger = new CounterLedger([{ counter: 'c', means }]);
    ledger.restart({ c: 0 }, EMPTY.pages, everyStep);
    return ledger.wantsEveryStep;
  };
  expect([wants('used-bytes', true), wants('used-bytes', false), wants('live-bytes', true)]).toEqual([
    true,
    false,
    false,
  ]);
});

it('one of what is left of a pool falls with a block, and with no refusal', () => {
  expect(complaint('left-blocks', 7, [[7, ONE]])).toBe('c is 7, the trace implies 6');
  expect(complaint('left-blocks', 7, [[5, { ...ONE, refusals: 1 }]])).toBe('c is 5, the trace implies 6');
  expect(complaint('left-blocks', 7, [[8, { liveBlocks: 1, emptyBlocks: 1 }]])).toBe('c is 8, the trace implies 7');
  expect(
    complaint('left-blocks', 7, [
      [6, ONE],
      [6, {}],
    ]),
  ).toBe('c is 6, the trace implies 7');
});
