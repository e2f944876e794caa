import { expect, test } from 'vitest';
import type { Profile } from '../model/profile.ts';
import { countExhaustive, defaultScope, exhaustiveTraces, type Scope } from './exhaust.ts';
import type { Operation, OperationKind } from './operation.ts';
import { formatTrace } from './text.ts';
import { operationCount, operationsOf, traceOf } from './trace.ts';

function profile(operations: readonly OperationKind[], changes: Partial<Profile> = {}): Profile {
  return {
    operations,
    alignmentBytes: 16,
    maximumAlignmentBytes: 32,
    arenaStart: 65536,
    arenaEnd: 131072,
    zeroMalloc: 'null',
    zeroRealloc: 'frees',
    shrinkingNeverFails: true,
    shrinkingKeepsThePointer: true,
    mayGrow: false,
    growthSlackPages: 0,
    reclaims: false,
    coalesces: false,
    capacityBytes: 65520,
    ...changes,
  };
}

const C_FAMILY: readonly OperationKind[] = ['malloc', 'realloc', 'free'];
const EVERYTHING: readonly OperationKind[] = [
  ...['malloc', 'calloc', 'realloc', 'free', 'aligned_alloc', 'mark', 'pop', 'reset', 'grow'],
] as OperationKind[];

/** What a trace does to blocks, whatever its slots are called: `malloc 8`, `realloc #0 16`, `free #0`, `free NULL`. */
function requestsOf(operations: readonly Operation[]): string {
  const slots = new Map<number, number>();
  let blocks = 0;
  const lines = operations.map(({ kind, operands: [slot = 0, sizeBytes = 0] }) => {
    const block = slots.get(slot);
    if (kind === 'free' || (kind === 'realloc' && sizeBytes === 0)) slots.delete(slot);
    else if (kind === 'malloc' && sizeBytes === 0) slots.delete(slot);
    else if (kind === 'malloc' || block === undefined) slots.set(slot, blocks++);
    const name = block === undefined ? 'NULL' : `#${block}`;
    return kind === 'malloc' ? `malloc ${sizeBytes}` : `${kind} ${name} ${sizeBytes}`;
  });
  return lines.join('; ');
}

/** Every list of operations over the scope, with every name for every slot. */
function allTraces(kinds: readonly OperationKind[], length: number, scope: Scope): Operation[][] {
  if (length === 0) return [[]];
  const slots = Array.from({ length: scope.slots }, (_, slot) => slot);
  const operations = kinds.flatMap((kind) =>
    slots.flatMap((slot): Operation[] =>
      kind === 'free' ? [{ kind, operands: [slot] }] : scope.sizes.map((size) => ({ kind, operands: [slot, size] })),
    ),
  );
  const shorter = allTraces(kinds, length - 1, scope);
  return [
    ...shorter,
    ...shorter
      .filter((list) => list.length === length - 1)
      .flatMap((list) => operations.map((next) => [...list, next])),
  ];
}

/** Whether a malloc drops a handle while another slot is empty. */
function dropsEarly(operations: readonly Operation[], slots: number): boolean {
  const full = new Set<number>();
  return operations.some(({ kind, operands: [slot = 0, sizeBytes = 0] }) => {
    const drops = kind === 'malloc' && full.has(slot) && full.size < slots;
    if (kind === 'free' || sizeBytes === 0) full.delete(slot);
    else full.add(slot);
    return drops;
  });
}

test.each([
  { sizes: [8], slots: 1 },
  { sizes: [8, 0], slots: 2 },
  { sizes: [8, 40], slots: 3 },
])('every request that $slots slots and the sizes $sizes allow is made', (scope) => {
  const reduced = Array.from(exhaustiveTraces(profile(C_FAMILY), 4, scope), (trace) => requestsOf(operationsOf(trace)));
  // realloc(NULL, n) comes with the first size only, and realloc(NULL, 0) not at all.
  const told = (requests: string) => !/realloc NULL (?!8)/.test(requests);
  const all = allTraces(C_FAMILY, 4, scope)
    .filter((operations) => operations.length > 0 && !dropsEarly(operations, scope.slots))
    .map(requestsOf)
    .filter(told);
  expect(new Set(reduced)).toEqual(new Set(all));
});

test('with a slot for every operation no handle is dropped, and no list of requests comes twice', () => {
  const scope = { sizes: [8, 40], slots: 4 };
  const requests = Array.from(exhaustiveTraces(profile(C_FAMILY), 4, scope), (trace) =>
    requestsOf(operationsOf(trace)),
  );
  expect(new Set(requests).size).toBe(requests.length);
});

test('the traces of two operations over one size and one slot, in order', () => {
  const lines = Array.from(exhaustiveTraces(profile(C_FAMILY), 2, { sizes: [8], slots: 1 }), (trace) =>
    formatTrace(trace).split('\n').slice(1, -1).join('; '),
  );
  expect(lines).toEqual([
    '%0 = malloc 8',
    '%0 = malloc 8; %0 = malloc 8',
    '%0 = malloc 8; %0 = realloc %0 8',
    '%0 = malloc 8; free %0',
    '%0 = realloc %0 8',
    '%0 = realloc %0 8; %0 = malloc 8',
    '%0 = realloc %0 8; %0 = realloc %0 8',
    '%0 = realloc %0 8; free %0',
    'free %0',
    'free %0; %0 = malloc 8',
    'free %0; %0 = realloc %0 8',
    'free %0; free %0',
  ]);
});

test.each([1, 2, 3, 4])('the count is that of the traces given, up to %i operations of every kind', (operations) => {
  const about = profile(EVERYTHING);
  const scope = { sizes: [8, 0, 40], slots: 2 };
  let given = 0;
  for (const trace of exhaustiveTraces(about, operations, scope)) {
    given++;
    expect(operationCount(trace)).toBeLessThanOrEqual(operations);
  }
  expect(countExhaustive(about, operations, scope)).toBe(given);
});

test('every kind of the profile is used, and no other', () => {
  const kindsOf = (about: Profile) => {
    const traces = exhaustiveTraces(about, 2, { sizes: [8], slots: 1 });
    return new Set(Array.from(traces, (trace) => operationsOf(trace).map(({ kind }) => kind)).flat());
  };
  expect(kindsOf(profile(EVERYTHING))).toEqual(new Set(EVERYTHING));
  expect(kindsOf(profile(['malloc', 'pop']))).toEqual(new Set(['malloc', 'pop']));
  expect(kindsOf(profile(['run', 'write_i32'])).size).toBe(0);
});

test('the alignment asked for is one that the subject promises', () => {
  const traces = exhaustiveTraces(profile(['aligned_alloc']), 1, { sizes: [8], slots: 1 });
  expect(Array.from(traces, operationsOf)).toEqual([[{ kind: 'aligned_alloc', operands: [0, 32, 8] }]]);
});

test('realloc to 0 is left out where nothing is promised of it, and keeps the block where the block lives on', () => {
  const scope = { sizes: [8, 0], slots: 1 };
  const count = (zeroRealloc: Profile['zeroRealloc']) =>
    countExhaustive(profile(['realloc'], { zeroRealloc }), 3, scope);
  // One way to start; then realloc to 8 alone, or to either size.
  expect(count('unspecified')).toBe(3);
  expect(count('block')).toBe(1 + 2 + 4);
  // After a realloc to 0 only realloc(NULL, 8) is left.
  expect(count('frees')).toBe(1 + 2 + 3);
});

test('without free and realloc no slot matters', () => {
  const about = profile(['malloc', 'mark']);
  expect(countExhaustive(about, 3, { sizes: [8, 40], slots: 3 })).toBe(3 + 9 + 27);
  expect(Array.from(exhaustiveTraces(about, 3), (trace) => trace[1]).every((slot) => slot === 0)).toBe(true);
});

test('the default scope of six operations stays below ten million traces, one million where memory grows', () => {
  const pool = profile(['malloc', 'calloc', 'realloc', 'free', 'aligned_alloc', 'reset', 'grow']);
  expect(defaultScope(pool, 6)).toEqual({ sizes: [8, 40, 0], slots: 3 });
  expect(countExhaustive(pool, 6)).toBe(6_800_930);
  expect(countExhaustive({ ...pool, mayGrow: true }, 6)).toBeLessThanOrEqual(1_000_000);
  expect(defaultScope(pool, 12)).toEqual({ sizes: [8], slots: 1 });
});

test('a yielded trace is a view: what is kept is sliced', () => {
  const kept = Array.from(exhaustiveTraces(profile(['malloc']), 2, { sizes: [8, 40], slots: 1 }), (trace) =>
    trace.slice(),
  );
  expect(kept.map((trace) => operationsOf(trace).map(({ operands }) => operands[1]))).toEqual([
    [8],
    [8, 8],
    [8, 40],
    [40],
    [40, 8],
    [40, 40],
  ]);
  expect(kept[0]).toEqual(traceOf([{ kind: 'malloc', operands: [0, 8] }]));
});
