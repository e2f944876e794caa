import { expect, test } from 'vitest';
import type { Profile } from '../model/profile.ts';
import { generateTrace } from './generate.ts';
import { lastMutations, MUTATORS, mutate } from './mutate.ts';
import { Bench } from './mutate-bench.ts';
import { Random } from './random.ts';
import { SizeClasses } from './size-classes.ts';
import { formatOperation, parseTrace } from './text.ts';
import { operationCount, operationsOf, type Trace } from './trace.ts';

const PROFILE: Profile = {
  operations: ['malloc', 'calloc', 'realloc', 'free', 'aligned_alloc', 'reset'],
  alignmentBytes: 16,
  maximumAlignmentBytes: 65536,
  arenaStart: 65536,
  arenaEnd: 65536 + 524288,
  zeroMalloc: 'null',
  zeroRealloc: 'frees',
  shrinkingNeverFails: true,
  shrinkingKeepsThePointer: true,
  mayGrow: false,
  growthSlackPages: 0,
  reclaims: true,
  coalesces: true,
  capacityBytes: 524272,
};

function trace(lines: string): Trace {
  return parseTrace(`# heaplaw trace 1\n${lines.split('; ').join('\n')}`).trace;
}

function linesOf(of: Trace): string[] {
  return operationsOf(of).map(formatOperation);
}

/** What one mutator makes of a trace, with 200 different random streams; distinct results, one string each. */
function outcomes(
  name: string,
  from: string,
  options: { other?: string; profile?: Profile; maximum?: number } = {},
): string[] {
  const { other = 'reset', profile = PROFILE, maximum = 100 } = options;
  const classes = new SizeClasses(profile);
  const results = Array.from({ length: 200 }, (_, seed) => {
    const random = new Random(seed);
    const bench = new Bench(random, trace(from), trace(other), profile, classes, maximum);
    MUTATORS[name]?.(bench);
    return linesOf(bench.words).join('; ');
  });
  return [...new Set(results)].sort();
}

const THREE = '%0 = malloc 8; %1 = malloc 16; free %0';

test('Splice: a head of this trace, a tail of the other', () => {
  expect(outcomes('Splice', '%0 = malloc 8; free %0', { other: 'reset; %3 = malloc 1' })).toEqual([
    '%0 = malloc 8',
    '%0 = malloc 8; %3 = malloc 1',
    '%0 = malloc 8; free %0',
    '%0 = malloc 8; free %0; %3 = malloc 1',
    '%0 = malloc 8; free %0; reset; %3 = malloc 1',
    '%0 = malloc 8; reset; %3 = malloc 1',
  ]);
});

test('InsertWindow: a piece of the other, anywhere', () => {
  const results = outcomes('InsertWindow', 'free %0; free %1', { other: '%8 = malloc 1; %9 = malloc 2' });
  expect(results).toContain('free %0; %9 = malloc 2; free %1');
  expect(results).toContain('%8 = malloc 1; %9 = malloc 2; free %0; free %1');
  expect(results).toContain('free %0; free %1; %8 = malloc 1');
  expect(results.every((line) => line.includes('malloc'))).toBe(true);
});

test('RepeatWindow: a window again behind itself, sometimes often enough to pass 64', () => {
  const results = outcomes('RepeatWindow', '%0 = malloc 8; free %0', { maximum: 300 });
  expect(results).toContain('%0 = malloc 8; free %0; %0 = malloc 8; free %0');
  expect(results).toContain('%0 = malloc 8; %0 = malloc 8; free %0');
  expect(results.some((line) => line.split('; ').length > 80)).toBe(true);
  expect(outcomes('RepeatWindow', THREE, { maximum: 4 }).every((line) => line.split('; ').length === 4)).toBe(true);
});

test('EraseWindow, SwapOperations, MoveWindow, DuplicateOperation', () => {
  expect(outcomes('EraseWindow', THREE)).toContain('%0 = malloc 8; free %0');
  expect(outcomes('EraseWindow', THREE).every((line) => line.split('; ').length < 3)).toBe(true);
  expect(outcomes('SwapOperations', THREE)).toContain('free %0; %1 = malloc 16; %0 = malloc 8');
  expect(outcomes('MoveWindow', THREE)).toContain('%1 = malloc 16; free %0; %0 = malloc 8');
  expect(outcomes('MoveWindow', THREE).every((line) => line.split('; ').length === 3)).toBe(true);
  expect(outcomes('DuplicateOperation', THREE)).toContain('%0 = malloc 8; %1 = malloc 16; free %0; %1 = malloc 16');
});

test('InsertOperations: fresh ones, within the limit', () => {
  const results = outcomes('InsertOperations', THREE, { maximum: 6 });
  expect(results.every((line) => line.split('; ').length > 3 && line.split('; ').length <= 6)).toBe(true);
});

test('ChangeKind: the same slot and bytes by any operation of the profile', () => {
  const results = outcomes('ChangeKind', '%7 = malloc 24');
  expect(results).toContain('free %7');
  expect(results).toContain('%7 = calloc 1 24');
  expect(results).toContain('%7 = realloc %7 24');
  expect(results).toContain('%7 = malloc 24');
  expect(results.some((line) => /^%7 = aligned_alloc \d+ 24$/.test(line))).toBe(true);
  expect(outcomes('ChangeKind', 'reset')).toEqual(['reset']);
  expect(outcomes('ChangeKind', '%7 = malloc 24', { profile: { ...PROFILE, operations: [] } })).toEqual([
    '%7 = malloc 24',
  ]);
  expect(outcomes('ChangeKind', 'free %7').some((line) => /^%7 = malloc \d+$/.test(line))).toBe(true);
});

test('RetargetSlot and JoinSlots: one use, or every use, of a slot becomes that of another', () => {
  expect(outcomes('RetargetSlot', THREE)).toContain('%0 = malloc 8; %1 = malloc 16; free %1');
  expect(outcomes('RetargetSlot', THREE).length).toBeGreaterThan(20);
  expect(outcomes('RetargetSlot', 'reset')).toEqual(['reset']);
  expect(outcomes('JoinSlots', THREE)).toEqual([
    '%0 = malloc 8; %0 = malloc 16; free %0',
    '%0 = malloc 8; %1 = malloc 16; free %0',
    '%1 = malloc 8; %1 = malloc 16; free %1',
  ]);
  expect(outcomes('JoinSlots', 'reset')).toEqual(['reset']);
});

test('NudgeSize: by one, by an alignment, twice, half, to a multiple', () => {
  const sizes = outcomes('NudgeSize', '%0 = malloc 24').map((line) => Number(line.split(' ').at(-1)));
  expect(sizes.sort((a, b) => a - b)).toEqual([8, 12, 23, 25, 32, 40, 48]);
  expect(outcomes('NudgeSize', '%0 = malloc 0')).toContain('%0 = malloc 0');
  expect(outcomes('NudgeSize', '%0 = malloc 4294967295')).toContain('%0 = malloc 4294967295');
  expect(outcomes('NudgeSize', 'reset')).toEqual(['reset']);
});

test('BorderSize: nothing, one, borders, and what cannot be met', () => {
  const sizes = outcomes('BorderSize', '%0 = malloc 24').map((line) => Number(line.split(' ').at(-1)));
  expect(sizes).toContain(0);
  expect(sizes).toContain(1);
  expect(sizes.some((sizeBytes) => sizeBytes >= 2 ** 31 - 32)).toBe(true);
  expect(sizes.some((sizeBytes) => Math.abs(sizeBytes - 524288) <= 32)).toBe(true);
  expect(outcomes('BorderSize', 'free %0')).toEqual(['free %0']);
});

test('CopySize and EqualSizes: a size of another operation; all equal sizes change alike', () => {
  expect(outcomes('CopySize', '%0 = malloc 8; %1 = realloc %1 16')).toContain('%0 = malloc 16; %1 = realloc %1 16');
  expect(outcomes('CopySize', 'reset')).toEqual(['reset']);
  const results = outcomes('EqualSizes', '%0 = malloc 8; %1 = calloc 2 8; %2 = malloc 9');
  expect(results.every((line) => /malloc (\d+); %1 = calloc 2 \1; %2/.test(line))).toBe(true);
  expect(results.length).toBeGreaterThan(50);
  expect(outcomes('EqualSizes', 'reset')).toEqual(['reset']);
});

const FOUR = '%2 = malloc 1; %0 = malloc 1; %1 = malloc 1; free %1; %3 = malloc 1';

test.each([
  ['FreeLifo', 'free %3; free %0; free %2'],
  ['FreeFifo', 'free %2; free %0; free %3'],
  ['FreeComb', 'free %3; free %2'],
  ['FreeRandom', 'free %0; free %3; free %2'],
])('%s: what is live is freed in that order', (name, frees) => {
  expect(outcomes(name, FOUR)).toContain(`${FOUR}; ${frees}`);
  const neverFreed = { ...PROFILE, operations: ['malloc'] as const };
  expect(outcomes(name, FOUR, { profile: neverFreed })).toEqual([FOUR]);
});

test('FillUp: blocks that fill the arena, then smaller and smaller ones', () => {
  const sums = outcomes('FillUp', 'reset').map((line) => {
    const sizes = line.split('; ').map((text) => Number(/malloc (\d+)/.exec(text)?.[1] ?? 0));
    expect(sizes.filter((sizeBytes) => sizeBytes === 1).length).toBeGreaterThan(0);
    return sizes.reduce((sum, sizeBytes) => sum + sizeBytes, 0);
  });
  expect(Math.max(...sums)).toBeGreaterThan(524272);
  expect(outcomes('FillUp', 'reset', { profile: { ...PROFILE, operations: ['reset'] } })).toEqual(['reset']);
});

test('in a large arena few mutants ask for blocks of more than 64 KiB', () => {
  const large = { ...PROFILE, arenaEnd: 2 ** 30 };
  const sizes = outcomes('BorderSize', '%0 = malloc 24', { profile: large }).map((line) =>
    Number(line.split(' ').at(-1)),
  );
  expect(sizes.filter((sizeBytes) => sizeBytes > 65536 && sizeBytes < 2 ** 29).length).toBeLessThan(8);
});

test('mutants are valid traces of 1 to the maximum operations, and the same for the same random numbers', () => {
  const run = (seed: number) => {
    const random = new Random(seed);
    const corpus = Array.from({ length: 20 }, () => generateTrace(random, PROFILE, 200));
    return Array.from({ length: 400 }, () => mutate(random, random.pick(corpus), random.pick(corpus), PROFILE, 120));
  };
  const mutants = run(1);
  for (const mutant of mutants) {
    expect(operationCount(mutant)).toBeGreaterThan(0);
    expect(operationCount(mutant)).toBeLessThanOrEqual(120);
    expect(operationsOf(mutant).every(({ kind }) => PROFILE.operations.includes(kind))).toBe(true);
  }
  expect(run(1).map(String)).toEqual(mutants.map(String));
  expect(run(2).map(String)).not.toEqual(mutants.map(String));
});

test('the parents stay as they are', () => {
  const random = new Random(4);
  const [one, two] = [trace(THREE), trace(FOUR)];
  for (let index = 0; index < 300; index++) mutate(random, one, two, PROFILE, 50);
  expect(linesOf(one).join('; ')).toBe(THREE);
  expect(linesOf(two).join('; ')).toBe(FOUR);
});

test('every mutator is used, and named', () => {
  const random = new Random(8);
  const names = new Set<string>();
  for (let index = 0; index < 500; index++) {
    mutate(random, trace(THREE), trace(FOUR), PROFILE, 50);
    expect(lastMutations().length).toBeGreaterThan(0);
    for (const name of lastMutations()) names.add(name);
  }
  expect([...names].sort()).toEqual(Object.keys(MUTATORS).sort());
});

test('of an empty trace, and from an empty other, a mutant is made all the same', () => {
  const random = new Random(9);
  const empty = new Uint32Array(0);
  for (let index = 0; index < 200; index++) {
    expect(operationCount(mutate(random, empty, empty, PROFILE, 20))).toBeGreaterThan(0);
  }
});
