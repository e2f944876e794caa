/**
 * Every trace up to a length over a few sizes and slots, one of each set that differ by the names of slots alone.
 *
 * Slots are handles: an allocation into any empty slot is the same request. So it goes to the lowest empty one, and a
 * handle is dropped only where all are full, each of them in turn. `free(NULL)` and `realloc(NULL, n)`, n the first size, come where a slot is
 * empty. Whether one is empty is told from the trace, as if every request were met; a refusal makes some traces equal.
 * Left out: scripts, and reads and writes of memory.
 */
import type { Profile } from '../model/profile.ts';
import { CODE, type OperationKind } from './operation.ts';
import { STRIDE, type Trace } from './trace.ts';

/** What traces are made of. */
export interface Scope {
  /** Sizes in bytes that malloc and realloc ask for; the others ask for the first. */
  readonly sizes: readonly number[];
  /** Slots at once, 1 to 8. */
  readonly slots: number;
}

/** Traces that a default scope may have: about a minute's work, at some 200,000 six-operation traces a second. */
const MOST_TRACES = 10_000_000;
/** ... where memory may grow: starting over takes a new memory then, which is ten times as slow. */
const MOST_TRACES_GROWING = 1_000_000;

/**
 * The sizes of a default scope, the most telling first: below one alignment, above two, none, one that cannot be met
 * (its rounding wraps), above six, and a single byte.
 */
const TELLING_SIZES = [8, 40, 0, 2 ** 32 - 8, 104, 1] as const;
const MOST_SLOTS = 3;
/** Alignment of the one aligned_alloc: more than any promise, so that padding appears. */
const ALIGNMENT_BYTES = 64;

/**
 * The richest scope whose traces of up to `operations` operations number at most ten million, or one million where
 * memory may grow: sizes first, then slots.
 */
export function defaultScope(profile: Profile, operations: number): Scope {
  const most = profile.mayGrow ? MOST_TRACES_GROWING : MOST_TRACES;
  for (let count = TELLING_SIZES.length; count > 1; count--) {
    for (let slots = MOST_SLOTS; slots > 1; slots--) {
      const scope = { sizes: TELLING_SIZES.slice(0, count), slots };
      if (countExhaustive(profile, operations, scope) <= most) return scope;
    }
  }
  return { sizes: TELLING_SIZES.slice(0, 1), slots: 1 };
}

/** How many traces `exhaustiveTraces` gives. */
export function countExhaustive(
  profile: Profile,
  operations: number,
  scope = defaultScope(profile, operations),
): number {
  const steps = stepsByState(profile, scope);
  let ways = new Float64Array(steps.length);
  ways[0] = 1;
  let traces = 0;
  for (let length = 1; length <= operations; length++) {
    const next = new Float64Array(steps.length);
    steps.forEach((choices, state) => {
      for (const choice of choices) next[choice.next] = at(next, choice.next) + at(ways, state);
    });
    ways = next;
    traces += ways.reduce((sum, count) => sum + count, 0);
  }
  return traces;
}

/**
 * Every trace of 1 to `operations` operations, each before those that extend it. A trace is valid until the next is
 * asked for: it is a view of one buffer; slice it to keep it.
 */
export function* exhaustiveTraces(
  profile: Profile,
  operations: number,
  scope = defaultScope(profile, operations),
): Generator<Trace, void, undefined> {
  const steps = stepsByState(profile, scope);
  const words = new Uint32Array(operations * STRIDE);
  const views = Array.from({ length: operations + 1 }, (_, length) => words.subarray(0, length * STRIDE));
  const states = new Uint8Array(operations + 1);
  const chosen = new Int32Array(operations).fill(-1);
  let depth = 0;
  while (depth >= 0) {
    const choice = depth < operations ? nextChoice(steps, states, chosen, depth) : undefined;
    if (choice === undefined) {
      depth--;
      continue;
    }
    words.set(choice.words, depth * STRIDE);
    depth++;
    states[depth] = choice.next;
    if (depth < operations) chosen[depth] = -1;
    yield views[depth] as Trace;
  }
}

/** The choice after the one taken last at `depth`; undefined when all were taken. */
function nextChoice(
  steps: readonly (readonly Choice[])[],
  states: Uint8Array,
  chosen: Int32Array,
  depth: number,
): Choice | undefined {
  const index = at(chosen, depth) + 1;
  chosen[depth] = index;
  return steps[at(states, depth)]?.[index];
}

/** One operation, and the slots that are full after it, a bit each. */
interface Choice {
  readonly words: readonly number[];
  readonly next: number;
}

/** The operations worth trying, by the set of full slots. */
function stepsByState(profile: Profile, scope: Scope): readonly (readonly Choice[])[] {
  const named = profile.operations.some((kind) => kind === 'free' || kind === 'realloc');
  // Without free and realloc no operation names a block that exists, and one slot does for all.
  const slots = named ? scope.slots : 0;
  return Array.from({ length: 1 << slots }, (_, full) => choicesIn(profile, { ...scope, slots }, full));
}

function choicesIn(profile: Profile, scope: Scope, full: number): Choice[] {
  const kinds: Partial<Record<OperationKind, () => Choice[]>> = {
    malloc: () => mallocs(profile, scope, full),
    calloc: () => allocations(scope, full, (slot) => [CODE.calloc, slot, 2, at(scope.sizes, 0)]),
    aligned_alloc: () =>
      allocations(scope, full, (slot) => [CODE.aligned_alloc, slot, alignmentFor(profile), at(scope.sizes, 0)]),
    realloc: () => reallocs(profile, scope, full),
    free: () => frees(scope, full),
    mark: () => [{ words: [CODE.mark, 0, 0, 0], next: full }],
    pop: () => [{ words: [CODE.pop, 0, 0, 0], next: full }],
    reset: () => [{ words: [CODE.reset, 0, 0, 0], next: 0 }],
    grow: () => [{ words: [CODE.grow, 1, 0, 0], next: full }],
  };
  return profile.operations.flatMap((kind) => kinds[kind]?.() ?? []);
}

function alignmentFor(profile: Profile): number {
  return Math.min(ALIGNMENT_BYTES, profile.maximumAlignmentBytes);
}

function mallocs(profile: Profile, scope: Scope, full: number): Choice[] {
  return scope.sizes.flatMap((sizeBytes) => {
    const choices = allocations(scope, full, (slot) => [CODE.malloc, slot, sizeBytes, 0]);
    const empties = sizeBytes === 0 && profile.zeroMalloc === 'null';
    return empties ? choices.map(({ words }) => ({ words, next: full & ~bitOf(at(words, 1)) })) : choices;
  });
}

/** Into the lowest empty slot; into each slot when none is empty. */
function allocations(scope: Scope, full: number, wordsFor: (slot: number) => number[]): Choice[] {
  if (scope.slots === 0) return [{ words: wordsFor(0), next: 0 }];
  const empty = emptySlot(scope, full);
  const slots = empty === undefined ? slotsIn(scope, full) : [empty];
  return slots.map((slot) => ({ words: wordsFor(slot), next: full | bitOf(slot) }));
}

function reallocs(profile: Profile, scope: Scope, full: number): Choice[] {
  const sizes = scope.sizes.filter((sizeBytes) => sizeBytes > 0 || profile.zeroRealloc !== 'unspecified');
  const moves = slotsIn(scope, full).flatMap((slot) =>
    sizes.map((sizeBytes) => ({
      words: [CODE.realloc, slot, sizeBytes, 0],
      next: sizeBytes === 0 && profile.zeroRealloc === 'frees' ? full & ~bitOf(slot) : full,
    })),
  );
  const empty = emptySlot(scope, full);
  if (empty === undefined) return moves;
  return [...moves, { words: [CODE.realloc, empty, at(scope.sizes, 0), 0], next: full | bitOf(empty) }];
}

function frees(scope: Scope, full: number): Choice[] {
  const ends = slotsIn(scope, full).map((slot) => ({ words: [CODE.free, slot, 0, 0], next: full & ~bitOf(slot) }));
  const empty = emptySlot(scope, full);
  return empty === undefined ? ends : [...ends, { words: [CODE.free, empty, 0, 0], next: full }];
}

function bitOf(slot: number): number {
  return 1 << slot;
}

function slotsIn(scope: Scope, full: number): number[] {
  return Array.from({ length: scope.slots }, (_, slot) => slot).filter((slot) => (full & bitOf(slot)) !== 0);
}

function emptySlot(scope: Scope, full: number): number | undefined {
  return Array.from({ length: scope.slots }, (_, slot) => slot).find((slot) => (full & bitOf(slot)) === 0);
}

function at(list: ArrayLike<number>, index: number): number {
  return list[index] ?? 0;
}
