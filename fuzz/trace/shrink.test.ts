import { describe, expect, test } from 'vitest';
import type { LawId } from '../laws.ts';
import type { Violation } from '../violation.ts';
import { generateTrace } from './generate.ts';
import type { OperationKind } from './operation.ts';
import { Random } from './random.ts';
import { type StillFails, shrink } from './shrink.ts';
import { isSmaller } from './shrink-order.ts';
import { formatOperation, formatTrace, parseTrace } from './text.ts';
import { operationAt, operationCount, operationsOf, type Trace } from './trace.ts';

const CAPACITY_BYTES = 524288;

const PROFILE = {
  operations: ['malloc', 'calloc', 'realloc', 'free', 'aligned_alloc', 'reset'],
  alignmentBytes: 16,
  maximumAlignmentBytes: 65536,
  arenaStart: 65536,
  arenaEnd: 65536 + CAPACITY_BYTES,
  zeroMalloc: 'null',
  zeroRealloc: 'frees',
  shrinkingNeverFails: true,
  shrinkingKeepsThePointer: true,
  mayGrow: false,
  growthSlackPages: 0,
  reclaims: true,
  coalesces: true,
  capacityBytes: CAPACITY_BYTES,
} as const;

function trace(lines: string): Trace {
  return parseTrace(`# heaplaw trace 1\n${lines.split('; ').join('\n')}`).trace;
}

function linesOf(of: Trace): string {
  return formatTrace(of).split('\n').slice(1, -1).join('; ');
}

function broken(of: Trace, index: number, law: LawId = 'regions-never-overlap'): Violation {
  const operation = operationAt(of, index);
  return {
    law,
    step: index + 1,
    kind: operation.kind,
    request: formatOperation(operation),
    answer: '',
    allowed: '',
    relation: 'none',
  };
}

/** What a deliberately faulty heap in JavaScript remembers. */
class Heap {
  readonly blocks = new Map<number, number>();
  liveBytes = 0;
  frees = 0;
  moves = 0;
  /** The kind and bytes of the request under way. */
  kind: OperationKind = 'malloc';
  sizeBytes = 0;

  /** Follows one operation; true when it gave or resized a block. */
  apply(kind: OperationKind, operands: readonly number[]): boolean {
    const [slot = 0, second = 0, third = 0] = operands;
    this.kind = kind;
    if (kind === 'reset') this.blocks.clear();
    if (kind === 'free') return this.#free(slot);
    this.sizeBytes = kind === 'calloc' ? second * third : kind === 'aligned_alloc' ? third : second;
    if (kind === 'realloc' && this.blocks.has(slot)) return this.#resize(slot);
    return kind !== 'reset' && this.#give(slot);
  }

  #free(slot: number): boolean {
    if (this.blocks.has(slot)) this.frees++;
    this.liveBytes -= this.blocks.get(slot) ?? 0;
    this.blocks.delete(slot);
    return false;
  }

  #resize(slot: number): boolean {
    if (this.sizeBytes === 0) return this.#free(slot);
    this.moves++;
    this.liveBytes += this.sizeBytes - (this.blocks.get(slot) ?? 0);
    this.blocks.set(slot, this.sizeBytes);
    return true;
  }

  #give(slot: number): boolean {
    if (this.sizeBytes === 0 || this.liveBytes + this.sizeBytes > CAPACITY_BYTES) return false;
    this.liveBytes += this.sizeBytes;
    this.blocks.set(slot, this.sizeBytes);
    return true;
  }
}

/** A judge of a heap that breaks a law as soon as `fault` holds after a block was given or resized. */
function faulty(fault: (heap: Heap) => boolean): StillFails {
  return (candidate) => {
    const heap = new Heap();
    const index = operationsOf(candidate).findIndex(({ kind, operands }) => heap.apply(kind, operands) && fault(heap));
    return index < 0 ? undefined : broken(candidate, index);
  };
}

/** The first generated traces that fail. */
function failingTraces(stillFails: StillFails, count: number): Trace[] {
  const random = new Random(3);
  const found: Trace[] = [];
  while (found.length < count) {
    const candidate = generateTrace(random, PROFILE, 1000);
    if (stillFails(candidate) !== undefined) found.push(candidate);
  }
  return found;
}

interface Fault {
  readonly name: string;
  readonly fault: (heap: Heap) => boolean;
  /** The minimal traces there are, one a line. Which of them comes out depends on the start: the kind is locked. */
  readonly minimal: readonly string[];
}

const FAULTS: readonly Fault[] = [
  {
    name: 'a size class is too small',
    fault: ({ sizeBytes }) => sizeBytes >= 40 && sizeBytes < 48,
    minimal: ['%0 = malloc 40', '%0 = realloc %0 40', '%0 = aligned_alloc 0 40', '%0 = calloc 1 40'],
  },
  {
    name: 'a freed block of some size is given twice',
    fault: ({ frees, sizeBytes, kind }) => frees >= 2 && sizeBytes >= 100 && kind === 'malloc',
    minimal: [
      '%0 = malloc 1; %1 = malloc 1; free %0; free %1; %0 = malloc 100',
      '%0 = malloc 1; %1 = malloc 1; free %1; free %0; %0 = malloc 100',
      '%0 = malloc 1; free %0; %0 = malloc 1; free %0; %0 = malloc 100',
    ],
  },
  {
    name: 'a heap within 64 bytes of full overlaps',
    fault: ({ liveBytes, kind }) => liveBytes > CAPACITY_BYTES - 64 && kind === 'malloc',
    minimal: [`%0 = malloc ${CAPACITY_BYTES - 63}`],
  },
  {
    name: 'a second resize goes wrong among three blocks',
    fault: ({ moves, blocks, sizeBytes }) => moves >= 2 && blocks.size >= 3 && sizeBytes > 1000,
    minimal: ['%0 = malloc 1; %1 = malloc 1; %2 = malloc 1; %0 = realloc %0 1; %0 = realloc %0 1001'],
  },
];

test.each(FAULTS)('$name: the minimal trace is exact', ({ fault, minimal }) => {
  const stillFails = faulty(fault);
  for (const start of failingTraces(stillFails, 12)) {
    const shrunk = shrink(start, stillFails);
    expect(shrunk.minimal).toBe(true);
    const lines = linesOf(shrunk.trace);
    if (minimal.length > 1 || operationCount(shrunk.trace) === 1) expect(minimal).toContain(namesAside(lines, minimal));
    expect(operationCount(shrunk.trace)).toBe((minimal[0] ?? '').split('; ').length);
  }
});

/** `lines`, or the line of `minimal` that differs in the order of slots alone. */
function namesAside(lines: string, minimal: readonly string[]): string {
  const unnamed = (text: string) => text.replace(/%\d+/g, '%');
  return minimal.find((line) => unnamed(line) === unnamed(lines)) ?? lines;
}

test('a table of 64 blocks: 65 allocations of the smallest size, in slots %0 to %64 at the most', () => {
  const stillFails = faulty(({ blocks }) => blocks.size > 64);
  for (const start of failingTraces(stillFails, 3)) {
    const { trace: smallest, minimal } = shrink(start, stillFails);
    expect(minimal).toBe(true);
    expect(operationCount(smallest)).toBe(65);
    expect(operationsOf(smallest).map(({ operands: [slot] }) => slot)).toEqual(
      Array.from({ length: 65 }, (_, slot) => slot),
    );
    expect(operationsOf(smallest).every(({ operands }) => operands.at(-1) === 1)).toBe(true);
  }
});

test('what is left is 1-minimal: no operation can go, no number can be lowered by one', () => {
  const stillFails = faulty(({ liveBytes, frees, sizeBytes }) => frees > 0 && (liveBytes ^ sizeBytes) % 7 === 3);
  for (const start of failingTraces(stillFails, 12)) {
    const { trace: smallest, violation } = shrink(start, stillFails);
    const same = (candidate: Trace) => {
      const found = stillFails(candidate);
      return found?.law === violation.law && found.kind === violation.kind;
    };
    for (let index = 0; index < operationCount(smallest); index++) {
      const words = [...smallest.subarray(0, index * 4), ...smallest.subarray((index + 1) * 4)];
      expect(same(Uint32Array.from(words))).toBe(false);
    }
    smallest.forEach((value, position) => {
      const isSlot = position % 4 === 1;
      if (position % 4 === 0 || isSlot || value === 0) return;
      expect(same(smallest.with(position, value - 1))).toBe(false);
    });
  }
});

test('it does not slide to another law, nor to another kind of operation', () => {
  const judge: StillFails = (candidate) => {
    const operations = operationsOf(candidate);
    // A simpler fault lies near: any malloc of 7 traps, any realloc of 64 or more overlaps.
    const index = operations.findIndex(({ kind, operands }) => kind === 'calloc' && operands[1] === 9);
    if (index >= 0 && operations.length >= 3) return broken(candidate, index, 'calloc-gives-zeroes');
    const other = operations.findIndex(({ operands }) => (operands[1] ?? 0) > 1);
    return other < 0 ? undefined : broken(candidate, other, 'operations-never-trap');
  };
  const start = trace('%4 = malloc 12; %4 = realloc %4 80; free %2; %3 = calloc 9 9; free %4; %9 = malloc 64');
  const { trace: smallest, violation } = shrink(start, judge);
  expect(violation.law).toBe('calloc-gives-zeroes');
  expect(violation.kind).toBe('calloc');
  expect(linesOf(smallest)).toBe('%0 = malloc 0; free %0; %1 = calloc 9 0');
});

test('kinds become simpler where the law still breaks', () => {
  const start = trace(
    '%3 = aligned_alloc 64 100; %4 = calloc 3 7; %3 = realloc %3 9; %5 = realloc %5 33; %6 = malloc 5',
  );
  const five: StillFails = (candidate) => {
    const given = operationsOf(candidate).filter(({ kind }) => kind !== 'free');
    return given.length >= 5 ? broken(candidate, operationCount(candidate) - 1) : undefined;
  };
  expect(linesOf(shrink(start, five).trace)).toBe(
    '%0 = malloc 0; %1 = malloc 0; %0 = malloc 0; %2 = malloc 0; %3 = malloc 0',
  );
});

test('a realloc becomes free and malloc where that makes the trace shorter', () => {
  // A free and two mallocs do what a realloc does only with two mallocs more behind it.
  const judge: StillFails = (candidate) => {
    const text = linesOf(candidate);
    const short = /free %0; %0 = malloc 8; (.*; )?%\d+ = malloc 9$/.test(text);
    const long = /realloc %0 8; (%\d+ = malloc 3; ){2}%\d+ = malloc 9$/.test(text);
    return short || long ? broken(candidate, operationCount(candidate) - 1) : undefined;
  };
  const start = trace('%0 = realloc %0 8; %1 = malloc 3; %2 = malloc 3; %3 = malloc 9');
  expect(linesOf(shrink(start, judge).trace)).toBe('free %0; %0 = malloc 8; %1 = malloc 9');
});

test('a chain of reallocs folds into one allocation', () => {
  const judge: StillFails = (candidate) => {
    const sizes = operationsOf(candidate).map(({ operands: [, sizeBytes = 0] }) => sizeBytes);
    return Math.max(0, ...sizes) >= 77 && operationAt(candidate, 0).kind === 'malloc'
      ? broken(candidate, 0)
      : undefined;
  };
  const wrapped: StillFails = (candidate) => (operationCount(candidate) === 0 ? undefined : judge(candidate));
  expect(linesOf(shrink(trace('%2 = malloc 8; %2 = realloc %2 100'), wrapped).trace)).toBe('%0 = malloc 77');
});

test('a free and a malloc fold into one realloc where the law still breaks', () => {
  const judge: StillFails = (candidate) => {
    const text = linesOf(candidate);
    const breaks = /free %0; %0 = malloc 9/.test(text) || /^%0 = malloc 1; %0 = realloc %0 9$/.test(text);
    return breaks ? { ...broken(candidate, operationCount(candidate) - 1), kind: 'malloc' } : undefined;
  };
  const { trace: smallest } = shrink(trace('%0 = malloc 1; free %0; %0 = malloc 9'), judge);
  expect(linesOf(smallest)).toBe('free %0; %0 = malloc 9');
  const needsTwo: StillFails = (candidate) =>
    /^%0 = malloc 1; (free %0; %0 = malloc|%0 = realloc %0) 9$/.test(linesOf(candidate))
      ? { ...broken(candidate, operationCount(candidate) - 1), kind: 'malloc' }
      : undefined;
  expect(linesOf(shrink(trace('%0 = malloc 1; free %0; %0 = malloc 9'), needsTwo).trace)).toBe(
    '%0 = malloc 1; %0 = realloc %0 9',
  );
});

describe('a finding that stays long', () => {
  const start = trace('%0 = malloc 3; %1 = calloc 1 5; free %0; %2 = malloc 7');
  const short = trace('%0 = malloc 99; %1 = malloc 1');
  /** Fails as it is and by nothing in between; and so does one that is shorter and quite another. */
  const stillFails: StillFails = (candidate) =>
    [start, short].some((failing) => linesOf(failing) === linesOf(candidate))
      ? { ...broken(candidate, operationCount(candidate) - 1), kind: 'malloc' }
      : undefined;

  test('gives way to a shorter one that is drawn', () => {
    let draws = 0;
    const draw = () => (++draws === 20 ? short : trace('%0 = malloc 4'));
    expect(linesOf(shrink(start, stillFails, { draw }).trace)).toBe(linesOf(short));
    expect(linesOf(shrink(start, stillFails).trace)).toBe(linesOf(start));
  });

  test('is drawn anew before its sizes are capped where it fills much', () => {
    const cappedBefore = (sizeBytes: number) => {
      const filling = trace(`%0 = malloc 3; %1 = calloc 1 5; free %0; %2 = malloc ${sizeBytes}`);
      const seen: string[] = [];
      const noting: StillFails = (candidate) => {
        seen.push(linesOf(candidate));
        const isFilling = linesOf(candidate) === linesOf(filling);
        return isFilling ? { ...broken(candidate, 3), kind: 'malloc' } : stillFails(candidate);
      };
      expect(linesOf(shrink(filling, noting, { draw: () => short }).trace)).toBe(linesOf(short));
      return seen.slice(0, seen.indexOf(linesOf(short))).some((lines) => lines.endsWith('free %0; %2 = malloc 65536'));
    };
    expect([2 ** 22, 2 ** 23].map(cappedBefore)).toEqual([true, false]);
  });

  test('is minimal also when the time for drawing runs out', () => {
    let draws = 0;
    const draw = (random: Random) => trace(`%0 = malloc ${(random.word() % 2 ** 20) + ++draws}`);
    const { trace: smallest, minimal } = shrink(start, stillFails, { draw, stop: () => draws > 9 });
    expect([linesOf(smallest), minimal, draws]).toEqual([linesOf(start), true, 10]);
  });
});

describe('blocks that fill a page', () => {
  const PAGE_BYTES = 4096;
  /** Breaks at the second malloc after a free when as many blocks as one page holds were given before that free, and no more. */
  const overfilled =
    (law: (sizeBytes: number) => LawId): StillFails =>
    (candidate) => {
      const operations = operationsOf(candidate);
      const freed = operations.findIndex(({ kind }) => kind === 'free');
      const sizes = operations
        .map(({ operands: [, sizeBytes = 0] }) => sizeBytes)
        .filter((_, index) => index !== freed);
      const [sizeBytes = 0] = sizes;
      const isFull = freed === Math.floor(PAGE_BYTES / Math.max(16, sizeBytes)) && sizes.length > freed + 1;
      const isOneClass = sizes.slice(0, freed + 2).every((other) => other === sizeBytes);
      return isFull && isOneClass ? broken(candidate, freed + 2, law(sizeBytes)) : undefined;
    };
  const blocks = Array.from({ length: 15 }, (_, slot) => `%${slot} = malloc 257`);
  const start = trace([...blocks, 'free %14', '%15 = malloc 257', '%16 = malloc 257'].join('; '));

  test('become fewer and larger, and as small as so few may be', () => {
    const { trace: smallest, minimal } = shrink(
      start,
      overfilled(() => 'regions-never-overlap'),
    );
    expect(minimal).toBe(true);
    expect(linesOf(smallest)).toBe('%0 = malloc 2049; free %0; %1 = malloc 2049; %2 = malloc 2049');
  });

  test('become as large as a size that was given', () => {
    const only = 1365;
    const stillFails: StillFails = (candidate) => {
      const sizes = operationsOf(candidate).map(({ operands: [, sizeBytes = 257] }) => sizeBytes);
      const isGood = sizes.every((sizeBytes) => sizeBytes === 257) || sizes.includes(only);
      return isGood ? overfilled(() => 'regions-never-overlap')(candidate) : undefined;
    };
    expect(operationCount(shrink(start, stillFails).trace)).toBe(operationCount(start));
    expect(operationCount(shrink(start, stillFails, { sizes: [only] }).trace)).toBe(6);
  });

  test('stay small where larger ones break another law', () => {
    const judge = overfilled((sizeBytes) => (sizeBytes < 300 ? 'regions-never-overlap' : 'operations-never-trap'));
    const { trace: smallest, violation } = shrink(start, judge);
    expect([operationCount(smallest), violation.law]).toEqual([operationCount(start), 'regions-never-overlap']);
  });

  test('stay small where no fewer would do', () => {
    const six: StillFails = (candidate) =>
      operationCount(candidate) < 6 ? undefined : broken(candidate, operationCount(candidate) - 1);
    const seven = trace(Array.from({ length: 7 }, (_, slot) => `%${slot} = malloc 9`).join('; '));
    const { trace: smallest, executions } = shrink(seven, six);
    expect(operationsOf(smallest).map(({ operands }) => operands[1])).toEqual([0, 0, 0, 0, 0, 0]);
    expect(executions).toBeLessThan(1000);
  });
});

test('many small blocks become one of a size that was given', () => {
  const stillFails = faulty(({ liveBytes }) => liveBytes === CAPACITY_BYTES);
  const start = trace(Array.from({ length: 256 }, (_, slot) => `%${slot} = malloc 2048`).join('; '));
  const { trace: smallest } = shrink(start, stillFails, { sizes: [CAPACITY_BYTES] });
  expect(linesOf(smallest)).toBe(`%0 = malloc ${CAPACITY_BYTES}`);
});

test('blocks become one whatever each of them takes: its bytes, a header, and no less than 16', () => {
  const taken = (sizeBytes: number) => 16 + Math.max(16, Math.ceil(sizeBytes / 16) * 16);
  const stillFails: StillFails = (candidate) => {
    const bytes = operationsOf(candidate).map(({ operands: [, sizeBytes = 0] }) => taken(sizeBytes));
    const isFull = bytes.reduce((sum, one) => sum + one, 0) === 8192;
    return isFull ? broken(candidate, operationCount(candidate) - 1) : undefined;
  };
  const start = trace(Array.from({ length: 256 }, (_, slot) => `%${slot} = malloc ${slot % 3}`).join('; '));
  expect(linesOf(shrink(start, stillFails).trace)).toBe('%0 = malloc 8161');
});

test('blocks that take whole pages become one that takes as many', () => {
  const pages = (sizeBytes: number) => Math.ceil(Math.max(1, sizeBytes) / 4096);
  const takes = (wanted: number, sizes: readonly number[]) =>
    sizes.reduce((sum, sizeBytes) => sum + pages(sizeBytes), 0) === wanted;
  const stillFails: StillFails = (candidate) => {
    const operations = operationsOf(candidate);
    const freed = operations.findIndex(({ kind }) => kind === 'free');
    const sizes = operations.map(({ operands: [, sizeBytes = 0] }) => sizeBytes);
    const isBroken = freed > 0 && takes(5, sizes.slice(0, freed)) && takes(6, sizes.slice(freed + 1));
    return isBroken ? broken(candidate, operations.length - 1) : undefined;
  };
  const [first, second] = [
    ['8193', '17', '2049'],
    ['8193', '4097', '5'],
  ].map((sizes) => sizes.map((sizeBytes) => `%0 = malloc ${sizeBytes}`).join('; '));
  const { trace: smallest } = shrink(trace(`${first}; free %0; ${second}`), stillFails);
  expect(linesOf(smallest)).toBe('%0 = malloc 16385; free %0; %0 = malloc 20481');
});

test('blocks and what lies between them become one block, where no two of them can', () => {
  const gapBytes = 1500;
  const stillFails: StillFails = (candidate) => {
    const sizes = operationsOf(candidate).map(({ operands: [, sizeBytes = 0] }) => sizeBytes);
    const refused = sizes.findIndex((sizeBytes) => sizeBytes > 1_000_000);
    const usedBytes = sizes.slice(0, Math.max(0, refused)).reduce((sum, sizeBytes) => sum + sizeBytes + gapBytes, 0);
    const isNearTheEnd = usedBytes > 101_000 && usedBytes < 110_000;
    return isNearTheEnd && refused < sizes.length - 1 ? broken(candidate, refused + 1) : undefined;
  };
  const blocks = Array.from({ length: 12 }, (_, slot) => `%${slot} = malloc 7000`);
  const start = trace([...blocks, '%12 = malloc 4000000', '%13 = malloc 80'].join('; '));
  expect(linesOf(shrink(start, stillFails).trace)).toBe('%0 = malloc 99501; %1 = malloc 1000001; %2 = malloc 0');
});

test('many blocks become one of the last kind, where the law was broken by that', () => {
  const stillFails = faulty(({ liveBytes, kind }) => kind === 'calloc' && liveBytes > CAPACITY_BYTES - 16);
  const start = trace(`%0 = aligned_alloc 64 ${CAPACITY_BYTES - 1000}; %1 = malloc 490; %2 = calloc 1 500`);
  expect(linesOf(shrink(start, stillFails).trace)).toBe(`%0 = calloc 1 ${CAPACITY_BYTES - 15}`);
});

test('growths from outside become one, or fewer where one is not enough', () => {
  const pagesIn = (of: Trace) => operationsOf(of).flatMap(({ kind, operands }) => (kind === 'grow' ? operands : []));
  const needs =
    (growths: number): StillFails =>
    (candidate) => {
      const pages = pagesIn(candidate);
      const isBroken = pages.length >= growths && pages.reduce((sum, one) => sum + one, 0) >= 9;
      return isBroken ? broken(candidate, operationCount(candidate) - 1) : undefined;
    };
  const start = trace('grow 1; grow 3; %0 = malloc 1; grow 2; grow 2; grow 1; grow 3; %0 = malloc 1');
  expect(linesOf(shrink(start, needs(1)).trace)).toBe('grow 9; %0 = malloc 0');
  expect(pagesIn(shrink(start, needs(2)).trace)).toHaveLength(2);
});

test('a block and what it is resized to are lowered by one amount', () => {
  const stillFails: StillFails = (candidate) => {
    const [first, second] = operationsOf(candidate);
    const [from = 0, to = 0] = [first?.operands[1], second?.operands[1]];
    const isBroken = second?.kind === 'realloc' && from >= 70_000 && to === from + 1;
    return isBroken ? broken(candidate, 1) : undefined;
  };
  const { trace: smallest } = shrink(trace('%0 = malloc 300000; %0 = realloc %0 300001'), stillFails);
  expect(linesOf(smallest)).toBe('%0 = malloc 70000; %0 = realloc %0 70001');
});

test('answers that part may do so at an operation of another kind, and no other law may break so', () => {
  const start = trace('%0 = malloc 0; %1 = calloc 0 0; free %0; %0 = realloc %0 0');
  const shrunk = (law: LawId) => {
    const stillFails: StillFails = (candidate) => {
      const count = operationCount(candidate);
      const isOther = count === 2 && !linesOf(candidate).includes('realloc');
      return count === 4 || isOther ? broken(candidate, count - 1, law) : undefined;
    };
    return operationCount(shrink(start, stillFails).trace);
  };
  expect([shrunk('same-trace-same-answers'), shrunk('regions-never-overlap')]).toEqual([2, 4]);
});

test('large sizes are halved before much else is tried', () => {
  let filled = 0;
  const stillFails: StillFails = (candidate) => {
    const sizes = operationsOf(candidate).map(({ operands }) => operands[1] ?? 0);
    filled += sizes.reduce((sum, sizeBytes) => sum + sizeBytes, 0);
    const isBroken = sizes.length > 6 && sizes.some((sizeBytes) => sizeBytes >= 100_000);
    return isBroken ? broken(candidate, 0) : undefined;
  };
  const start = trace(`%0 = malloc 268435456; ${'%1 = malloc 16; '.repeat(29)}%1 = malloc 16`);
  shrink(start, stillFails);
  expect(filled / 2 ** 28).toBeLessThan(40);
});

test('a budget, and a deadline, end it with the best so far, and it does not call that minimal', () => {
  const stillFails = faulty(({ blocks }) => blocks.size > 64);
  const [start = trace('reset')] = failingTraces(stillFails, 1);
  const byBudget = shrink(start, stillFails, { maximumExecutions: 20 });
  expect(byBudget).toMatchObject({ minimal: false, executions: 20 });
  expect(stillFails(byBudget.trace)).toBeDefined();
  let asked = 0;
  const byDeadline = shrink(start, stillFails, { stop: () => ++asked > 5 });
  expect(byDeadline).toMatchObject({ minimal: false, executions: 6 });
});

test('each improvement is handed on, every one smaller than the one before, the last the result', () => {
  const stillFails = faulty(({ blocks }) => blocks.size > 9);
  const [start = trace('reset')] = failingTraces(stillFails, 1);
  const seen: Trace[] = [];
  const { trace: smallest } = shrink(start, stillFails, {
    onProgress: (best, violation) => {
      expect(violation.law).toBe('regions-never-overlap');
      expect(stillFails(best)).toBeDefined();
      seen.push(best);
    },
  });
  expect(seen.length).toBeGreaterThan(2);
  seen.slice(1).forEach((best, index) => {
    expect(isSmaller(best, seen[index] ?? best)).toBe(true);
  });
  expect(seen.at(-1)).toBe(smallest);
});

test('a trace of 1,000 operations takes a few hundred runs', () => {
  const stillFails = faulty(({ frees, sizeBytes, blocks }) => frees > 1 && sizeBytes === 24 && blocks.size > 2);
  const random = new Random(5);
  const long = failingTraces(stillFails, 1)[0] ?? trace('reset');
  const padding = generateTrace(random, { ...PROFILE, operations: ['malloc'] }, 1000);
  const start = Uint32Array.from([...padding, ...long]);
  const { executions, minimal } = shrink(start, stillFails);
  expect(minimal).toBe(true);
  expect(executions).toBeLessThan(1500);
});

test('a trace that breaks no law is refused', () => {
  expect(() => shrink(trace('%0 = malloc 8'), () => undefined)).toThrow(
    /breaks no law: shrink a trace that the judge has/,
  );
});

test('the order: length, then kinds, then numbers, then slots; nothing is smaller than itself', () => {
  const ascending = [
    'free %0',
    '%0 = malloc 8',
    '%1 = malloc 8',
    '%0 = malloc 9',
    '%0 = calloc 1 40',
    '%0 = calloc 5 8',
    '%0 = calloc 3 14',
    '%0 = aligned_alloc 1 1',
    '%0 = realloc %0 1',
    'reset',
    'free %0; free %0',
  ].map(trace);
  ascending.forEach((smaller, index) => {
    expect(isSmaller(smaller, smaller)).toBe(false);
    for (const larger of ascending.slice(index + 1)) {
      expect(isSmaller(smaller, larger)).toBe(true);
      expect(isSmaller(larger, smaller)).toBe(false);
    }
  });
});
