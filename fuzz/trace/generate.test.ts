import { expect, test } from 'vitest';
import type { Profile } from '../model/profile.ts';
import { generateTrace } from './generate.ts';
import { CODE, OPERATION_KINDS, type OperationKind } from './operation.ts';
import { Random } from './random.ts';
import { operationCount, operationsOf, STRIDE, type Trace } from './trace.ts';

const ARENA_BYTES = 524288;

function profile(changes: Partial<Profile> = {}): Profile {
  return {
    operations: ['malloc', 'calloc', 'realloc', 'free', 'aligned_alloc', 'reset', 'grow'],
    alignmentBytes: 16,
    maximumAlignmentBytes: 65536,
    arenaStart: 0x20000,
    arenaEnd: 0x20000 + ARENA_BYTES,
    zeroMalloc: 'null',
    zeroRealloc: 'frees',
    shrinkingNeverFails: true,
    shrinkingKeepsThePointer: true,
    mayGrow: false,
    growthSlackPages: 0,
    reclaims: true,
    coalesces: true,
    capacityBytes: ARENA_BYTES - 16,
    ...changes,
  };
}

function traces(count: number, about: Profile, maximumOperations = 1000, scriptCount = 0): Trace[] {
  const random = new Random(11);
  return Array.from({ length: count }, () => generateTrace(random, about, maximumOperations, scriptCount));
}

/** Every value of one operand over many traces. */
function operandsSeen(list: readonly Trace[], kind: OperationKind, index: number): Set<number> {
  const seen = new Set<number>();
  for (const trace of list) {
    for (let at = 0; at < trace.length; at += STRIDE) {
      if (trace[at] === CODE[kind]) seen.add(trace[at + 1 + index] ?? 0);
    }
  }
  return seen;
}

/** The most blocks that are live at once, if every request is met. Handles that are dropped stay live. */
function mostLive(trace: Trace): number {
  const full = new Set<number>();
  let dropped = 0;
  let most = 0;
  for (const { kind, operands } of operationsOf(trace)) {
    if (kind === 'reset') dropped = 0;
    if (kind !== 'realloc' && GIVING.has(kind) && full.has(operands[0] ?? 0)) dropped++;
    follow(full, kind, operands);
    most = Math.max(most, full.size + dropped);
  }
  return most;
}

const GIVING: ReadonlySet<OperationKind> = new Set(['malloc', 'calloc', 'aligned_alloc', 'realloc']);

function follow(full: Set<number>, kind: OperationKind, [slot = 0, sizeBytes = 0]: readonly number[]): void {
  if (kind === 'reset') full.clear();
  else if (kind === 'free' || (kind === 'realloc' && sizeBytes === 0)) full.delete(slot);
  else if (GIVING.has(kind)) full.add(slot);
}

const many = traces(16_000, profile());

test('the same random numbers give the same traces, whatever was generated before', () => {
  const again = traces(300, { ...profile() }).map(String);
  expect(again).toEqual(many.slice(0, 300).map(String));
  generateTrace(new Random(99), profile(), 400);
  expect(traces(300, profile()).map(String)).toEqual(again);
});

test('a trace has 1 operation to the maximum, of kinds that the profile has', () => {
  const few = profile({ operations: ['malloc', 'free', 'mark', 'pop'] });
  for (const maximum of [1, 2, 17]) {
    for (const trace of traces(300, few, maximum)) {
      expect(operationCount(trace)).toBeGreaterThan(0);
      expect(operationCount(trace)).toBeLessThanOrEqual(maximum);
      expect(operationsOf(trace).every(({ kind }) => few.operations.includes(kind))).toBe(true);
    }
  }
});

test('lengths follow the stated distribution', () => {
  const lengths = many.map(operationCount);
  const share = (low: number, high: number) =>
    lengths.filter((length) => length >= low && length < high).length / lengths.length;
  expect(share(3, 30)).toBeCloseTo(0.57, 1);
  expect(share(30, 120)).toBeCloseTo(0.21, 1);
  expect(share(120, 500)).toBeCloseTo(0.13, 1);
  expect(share(500, 1001)).toBeCloseTo(0.06, 1);
  expect(Math.max(...lengths)).toBeGreaterThan(950);
});

test('swarm: many traces leave out an operation that others use', () => {
  for (const kind of ['malloc', 'calloc', 'realloc', 'free', 'aligned_alloc'] as const) {
    const long = many.filter((trace) => operationCount(trace) > 60);
    const using = long.filter((trace) => operandsSeen([trace], kind, 0).size > 0).length;
    expect(using).toBeGreaterThan(long.length / 5);
    expect(using).toBeLessThan(long.length * 0.97);
  }
});

test.each(['malloc', 'realloc'] as const)('%s meets every border that matters', (kind) => {
  const seen = operandsSeen(many, kind, 1);
  const borders = [
    ...[0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33],
    ...[6, 7, 8, 9, 10, 11, 12, 14, 15, 16, 17, 18].flatMap((bit) => [2 ** bit - 1, 2 ** bit, 2 ** bit + 1]),
    ...[ARENA_BYTES, ARENA_BYTES - 1, ARENA_BYTES + 1, ARENA_BYTES - 16, ARENA_BYTES / 2, ARENA_BYTES / 4],
    ...[2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1, 2 ** 32 - 1, 2 ** 32 - 8, 2 ** 32 - 15, 2 ** 32 - 16, 2 ** 32 - 17],
  ];
  expect(borders.filter((border) => !seen.has(border))).toEqual([]);
});

test('sizes lie on both sides of page edges', () => {
  const seen = operandsSeen(many, 'malloc', 1);
  for (const page of [1, 2, 3]) {
    const near = Array.from({ length: 33 }, (_, index) => page * 65536 + index - 16).filter((size) => seen.has(size));
    expect(near.length).toBeGreaterThan(16);
  }
});

test('sizes lie on both sides of the largest block that a fresh heap gives without growing, where it is known', () => {
  const ungrownBytes = 110_560;
  const seenWhere = (changes: Partial<Profile>) => {
    const seen = operandsSeen(traces(3000, profile({ mayGrow: true, ...changes }), 300), 'malloc', 1);
    return [...seen].filter((size) => Math.abs(size - ungrownBytes) <= 32).length;
  };
  expect(seenWhere({ ungrownBytes })).toBeGreaterThan(8);
  expect(seenWhere({})).toBeLessThan(4);
});

/** Count, size and exact product of every calloc. */
function callocs(trace: Trace): { count: number; sizeBytes: number; exact: bigint }[] {
  const found = [];
  for (let at = 0; at < trace.length; at += STRIDE) {
    const [code, , count = 0, sizeBytes = 0] = trace.subarray(at, at + STRIDE);
    if (code === CODE.calloc) found.push({ count, sizeBytes, exact: BigInt(count) * BigInt(sizeBytes) });
  }
  return found;
}

test('calloc products wrap past 2^32, by little and to nothing, and stay just below', () => {
  const products = many.flatMap(callocs);
  const wrapping = products.filter(({ exact }) => exact >= 2n ** 32n);
  expect(wrapping.length).toBeGreaterThan(500);
  expect(wrapping.some(({ exact }) => exact === 2n ** 32n)).toBe(true);
  expect(wrapping.some(({ exact }) => exact % 2n ** 32n > 0n && exact % 2n ** 32n < 100n)).toBe(true);
  expect(products.some(({ exact }) => exact < 2n ** 32n && exact > 2n ** 32n - 70_000n)).toBe(true);
  expect(wrapping.some(({ count }) => count > 2 ** 31)).toBe(true);
  expect(wrapping.some(({ sizeBytes }) => sizeBytes > 2 ** 31)).toBe(true);
  expect(products.some(({ count }) => count === 0)).toBe(true);
});

test('more than 64 blocks are live in many traces, more than 1,000 in some', () => {
  const live = traces(3000, profile(), 2000).map(mostLive);
  expect(live.filter((count) => count > 64).length).toBeGreaterThan(300);
  expect(live.filter((count) => count > 1000).length).toBeGreaterThan(1);
});

/** Bytes that mallocs of at most `largest` bytes ask for in all. */
function mallocedBytes(trace: Trace, largest: number): number {
  let sum = 0;
  for (let at = 0; at < trace.length; at += STRIDE) {
    const sizeBytes = trace[at + 2] ?? 0;
    if (trace[at] === CODE.malloc && sizeBytes <= largest) sum += sizeBytes;
  }
  return sum;
}

test('some traces ask for more than the arena holds, in blocks that fit', () => {
  const asked = many.map((trace) => mallocedBytes(trace, ARENA_BYTES / 2));
  expect(asked.filter((bytes) => bytes > ARENA_BYTES).length).toBeGreaterThan(30);
});

/** The operations of a trace by kind, without their slots. */
function requests(trace: Trace): string[] {
  return operationsOf(trace).map(({ kind, operands }) => [kind, ...operands.slice(1)].join(' '));
}

test('some traces sweep sizes, crowd blocks of one size, or fill the heap with a first block', () => {
  const sweeps = many.filter((trace) => operationCount(trace) === 64).map(requests);
  const halves = sweeps.filter((list) => list.filter((request) => request === 'free').length === 32);
  expect(halves.filter((list) => new Set(list).size > 30).length).toBeGreaterThan(50);
  const crowds = many.filter(
    (trace) => operationCount(trace) > 6 && new Set(requests(trace.slice(0, 2 * STRIDE))).size === 1,
  );
  expect(crowds.filter((trace) => new Set(requests(trace)).size === 1).length).toBeGreaterThan(50);
  const firsts = many.map((trace) => requests(trace.slice(0, STRIDE))[0]);
  expect(firsts.filter((first) => first === `malloc ${ARENA_BYTES - 16}`).length).toBeGreaterThan(20);
});

test('some traces stretch a block to where memory ends, let one grow over freed neighbours, or end a few blocks by a reset', () => {
  const kindsOf = (trace: Trace) => operationsOf(trace).map(({ kind }) => kind);
  const shown = many.map((trace) => kindsOf(trace).join(' '));
  const matching = (pattern: RegExp) => many.filter((_, index) => pattern.test(shown[index] ?? ''));
  const resizes = matching(/^malloc realloc/).map((trace) => [trace[1] === trace[5], (trace[6] ?? 0) % 65536] as const);
  expect(resizes.filter(([isSame, beyond]) => isSame && (beyond < 17 || beyond > 65519)).length).toBeGreaterThan(50);
  expect(matching(/^malloc( malloc)+ free( free)? realloc( malloc)?$/).length).toBeGreaterThan(200);
  expect(matching(/^malloc( malloc){0,3} reset$/).length).toBeGreaterThan(300);
});

test('where the first block of a fresh heap lies is known, some first blocks end at a page edge', () => {
  const firstPointer = 0x20000 + 24;
  const known = traces(16_000, profile({ firstPointer }), 40);
  const ends = known.map((trace) => (trace[0] === CODE.malloc ? firstPointer + (trace[2] ?? 0) : 1));
  expect(ends.filter((end) => end % 65536 === 0).length).toBeGreaterThan(20);
});

test('in an arena of 64 MiB few traces ask for more than a mebibyte', () => {
  const large = profile({ arenaEnd: 2 ** 26, capacityBytes: 0, mayGrow: true });
  const bytes = traces(3000, large, 300).map((trace) => mallocedBytes(trace, 2 ** 26));
  expect(bytes.filter((sum) => sum > 2 ** 20).length).toBeLessThan(160);
  expect(bytes.filter((sum) => sum > 2 ** 20).length).toBeGreaterThan(0);
});

test('alignments are powers of two from 1 to the maximum; only where every answer is promised some are invalid', () => {
  const sound = operandsSeen(many, 'aligned_alloc', 1);
  expect([...sound].sort((a, b) => a - b)).toEqual(Array.from({ length: 17 }, (_, bit) => 2 ** bit));
  const exact = operandsSeen(traces(2000, profile({ exact: 'pool-bump' })), 'aligned_alloc', 1);
  expect([0, 3, 24, 2 ** 31].filter((alignment) => !exact.has(alignment))).toEqual([]);
});

test('scripts are numbered below the count, and left out where there are none', () => {
  const scripted = profile({ operations: ['malloc', 'free', 'run'] });
  expect([...operandsSeen(traces(500, scripted, 100, 4), 'run', 0)].sort()).toEqual([0, 1, 2, 3]);
  expect(operandsSeen(traces(500, scripted, 100, 0), 'run', 0).size).toBe(0);
});

test('reads and writes of memory lie beside the borders of pages and of the arena', () => {
  const accesses = OPERATION_KINDS.filter((kind) => /^(read|write)_/.test(kind));
  const memory = profile({ operations: [...accesses, 'grow'], arenaStart: 0, arenaEnd: 3 * 65536, capacityBytes: 0 });
  const list = traces(1500, memory, 200);
  for (const kind of accesses) {
    const seen = operandsSeen(list, kind, 0);
    const borders = [65535, 65536, 65533, 3 * 65536 - 1, 3 * 65536, 3 * 65536 - 8, 0];
    expect(borders.filter((address) => !seen.has(address))).toEqual([]);
  }
  expect(operandsSeen(list, 'grow', 0)).toContain(65536);
});

test('subjects with few operations get traces all the same', () => {
  expect(traces(50, profile({ operations: ['aligned_alloc'] })).every((trace) => trace.length > 0)).toBe(true);
  expect(traces(50, profile({ operations: ['reset'] })).every((trace) => trace.length > 0)).toBe(true);
  expect(traces(5, profile({ operations: [] })).every((trace) => trace.length === 0)).toBe(true);
});

test('a host that fills nearly all of the address space has a size that cannot be met', () => {
  const whole = profile({ arenaStart: 0, arenaEnd: 2 ** 32, capacityBytes: 0 });
  expect(operandsSeen(traces(300, whole), 'malloc', 1)).toContain(2 ** 32 - 1);
});

test('short traces ask for some blocks of one size in each way', () => {
  const short = traces(4000, profile()).filter((trace) => operationCount(trace) <= 6);
  const alike = short.map((trace) => operationsOf(trace).filter(({ kind }) => kind !== 'free'));
  const ways = alike
    .filter(
      (made) =>
        made.length > 1 && new Set(made.map(({ kind, operands }) => [kind, ...operands.slice(1)].join())).size === 1,
    )
    .map(([first]) => first?.kind);
  const count = (wanted: OperationKind) => ways.filter((kind) => kind === wanted).length;
  expect([count('malloc') > 20, count('calloc') > 5, count('aligned_alloc') > 5]).toEqual([true, true, true]);
});

test('short traces ask for some times the arena beside what can be given', () => {
  const short = traces(4000, profile()).filter((trace) => operationCount(trace) <= 6);
  const sizes = operandsSeen(short, 'malloc', 1);
  expect([2, 3, 4, 5, 6, 7, 8].filter((times) => sizes.has(times * ARENA_BYTES)).length).toBeGreaterThan(3);
  const vast = { arenaStart: 1, arenaEnd: 2 ** 30, capacityBytes: 2 ** 30 - 65536 };
  const below = [...operandsSeen(traces(4000, profile(vast)), 'malloc', 1)].filter((size) => size === 2 ** 31 - 65536);
  expect(below).toHaveLength(1);
});

test('a pool is filled to its last block, and most of what is asked of it fits', () => {
  const pool = profile({ capacityBytes: 64, guaranteedBlocks: 300, operations: ['malloc', 'free'] });
  const drawn = traces(400, pool);
  const filling = drawn.filter((trace) => mostLive(trace) >= 300);
  expect(filling.length).toBeGreaterThan(40);
  const asked = drawn.flatMap((trace) => [...operationsOf(trace)]).filter(({ kind }) => kind === 'malloc');
  const fitting = asked.filter(({ operands }) => (operands[1] ?? 0) <= 64);
  expect(fitting.length / asked.length).toBeGreaterThan(0.9);
  const large = profile({ capacityBytes: 64, guaranteedBlocks: 5000, operations: ['malloc', 'free'] });
  expect(traces(400, large).filter((trace) => mostLive(trace) >= 300).length).toBeLessThan(40);
});

test('short traces free a block of any size and ask for about as much again', () => {
  const large = profile({ arenaStart: 1, arenaEnd: 2 ** 26, capacityBytes: 2 ** 26 - 65536, mayGrow: true });
  const refits = traces(8000, large).filter((trace) => {
    const [first, , ...rest] = operationsOf(trace);
    const sizeBytes = first?.operands[1] ?? 0;
    const isFreed = rest[0]?.kind === 'free' && rest[0].operands[0] === first?.operands[0];
    const nextBytes = rest[1]?.kind === 'malloc' ? (rest[1].operands[1] ?? 0) : 0;
    return first?.kind === 'malloc' && isFreed && Math.abs(nextBytes - sizeBytes) < sizeBytes / 4;
  });
  const sizes = refits.map((trace) => operationsOf(trace)[0]?.operands[1] ?? 0);
  const bits = new Set(sizes.map((sizeBytes) => 31 - Math.clz32(sizeBytes)));
  expect([12, 13, 14, 15, 16, 17, 18, 19, 20].filter((bit) => !bits.has(bit))).toEqual([]);
});

test('blocks of more than a MiB are among those that are made and freed in short traces', () => {
  const large = profile({ arenaStart: 1, arenaEnd: 2 ** 26, capacityBytes: 2 ** 26 - 65536, mayGrow: true });
  const alone = traces(8000, large).filter((trace) => operationCount(trace) <= 6);
  const sizes = alone.flatMap((trace) => operationsOf(trace).map(({ operands }) => operands[1] ?? 0));
  expect(sizes.filter((sizeBytes) => sizeBytes > 2 ** 20 && sizeBytes < 2 ** 21).length).toBeGreaterThan(5);
});
