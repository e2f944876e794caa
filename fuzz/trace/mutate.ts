/**
 * Makes a new trace from one that was worth keeping.
 *
 * One to eight mutators of the table are stacked, most often one or two. Every list of operations is a valid trace, so
 * no mutator has to repair anything.
 */
import type { Profile } from '../model/profile.ts';
import { generateTrace } from './generate.ts';
import { Bench } from './mutate-bench.ts';
import { sizePosition, slotPosition, wordAt } from './operand-positions.ts';
import { CODE, type OperationKind } from './operation.ts';
import type { Random } from './random.ts';
import { SizeClasses } from './size-classes.ts';
import { SLOTS, STRIDE, type Trace } from './trace.ts';

/** Changes the bench's trace, which has at least one operation. */
type Mutator = (bench: Bench) => void;

/** Every mutator, by the name that status lines print. */
export const MUTATORS: Readonly<Record<string, Mutator>> = {
  Splice: splice,
  InsertWindow: insertWindow,
  RepeatWindow: repeatWindow,
  EraseWindow: eraseWindow,
  SwapOperations: swapOperations,
  MoveWindow: moveWindow,
  DuplicateOperation: duplicateOperation,
  InsertOperations: insertOperations,
  ChangeKind: changeKind,
  RetargetSlot: retargetSlot,
  JoinSlots: joinSlots,
  NudgeSize: nudgeSize,
  BorderSize: borderSize,
  CopySize: copySize,
  EqualSizes: equalSizes,
  FreeLifo: (bench) => insertFrees(bench, (slots) => slots),
  FreeFifo: (bench) => insertFrees(bench, (slots) => slots.reverse()),
  FreeRandom: (bench) => insertFrees(bench, (slots) => shuffled(slots, bench.random)),
  FreeComb: (bench) => insertFrees(bench, (slots) => slots.filter((_, index) => index % 2 === 0)),
  FillUp: fillUp,
};

const NAMES = Object.keys(MUTATORS);
/** Windows that are moved, copied or erased are at most this long, but for one in eight. */
const SHORT_WINDOW = 16;
/** A repeated window may come this often: enough to overflow a table of 64. */
const MOST_REPEATS = 80;

let last: readonly string[] = [];

/** The names of the mutators that the last call of `mutate` applied, in order. */
export function lastMutations(): readonly string[] {
  return last;
}

/** A mutant of `trace`, with pieces of `other`, of 1 to `maximumOperations` operations. */
export function mutate(random: Random, trace: Trace, other: Trace, profile: Profile, maximumOperations: number): Trace {
  const bench = new Bench(random, trace, other, profile, classesOf(profile), maximumOperations);
  const times = 1 << Math.min(random.below(4), random.below(4));
  const names: string[] = [];
  for (let index = 0; index < times; index++) {
    const name = bench.count === 0 ? 'InsertOperations' : random.pick(NAMES);
    MUTATORS[name]?.(bench);
    names.push(name);
  }
  if (bench.count === 0) insertOperations(bench);
  last = names;
  return bench.words;
}

const known = new WeakMap<Profile, SizeClasses>();

function classesOf(profile: Profile): SizeClasses {
  const classes = known.get(profile) ?? new SizeClasses(profile);
  known.set(profile, classes);
  return classes;
}

function longest(bench: Bench): number {
  return bench.random.oneIn(8) ? bench.count : SHORT_WINDOW;
}

/** The head of this trace and the tail of the other. */
function splice(bench: Bench): void {
  const { random, other } = bench;
  const from = random.below(other.length / STRIDE + 1);
  bench.replace(random.between(1, bench.count), bench.count, other.subarray(from * STRIDE));
}

function insertWindow(bench: Bench): void {
  if (bench.other.length === 0) return;
  const [first, end] = bench.window(bench.other, longest(bench));
  bench.insert(bench.random.between(0, bench.count), bench.other.subarray(first * STRIDE, end * STRIDE));
}

/** A window again and again, behind itself. */
function repeatWindow(bench: Bench): void {
  const [first, end] = bench.window(bench.words, bench.random.oneIn(4) ? longest(bench) : 4);
  const window = bench.words.slice(first * STRIDE, end * STRIDE);
  const times = bench.random.oneIn(4) ? MOST_REPEATS : bench.random.between(1, 8);
  const copies = new Uint32Array(Math.min(times * window.length, Math.max(0, bench.room) * STRIDE));
  for (let at = 0; at < copies.length; at += window.length) {
    copies.set(window.subarray(0, copies.length - at), at);
  }
  bench.insert(end, copies);
}

function eraseWindow(bench: Bench): void {
  const [first, end] = bench.window(bench.words, longest(bench));
  bench.replace(first, end, NOTHING);
}

const NOTHING = new Uint32Array(0);

function swapOperations(bench: Bench): void {
  const { words } = bench;
  const [one, two] = [bench.anyAt(), bench.anyAt()];
  const kept = words.slice(one, one + STRIDE);
  words.copyWithin(one, two, two + STRIDE);
  words.set(kept, two);
}

function moveWindow(bench: Bench): void {
  const [first, end] = bench.window(bench.words, longest(bench));
  const window = bench.words.slice(first * STRIDE, end * STRIDE);
  bench.replace(first, end, NOTHING);
  bench.insert(bench.random.between(0, bench.count), window);
}

function duplicateOperation(bench: Bench): void {
  const at = bench.anyAt();
  bench.insert(bench.random.between(0, bench.count), bench.words.slice(at, at + STRIDE));
}

/** One to eight fresh operations. */
function insertOperations(bench: Bench): void {
  const fresh = generateTrace(bench.random, bench.profile, 1 + bench.random.below(8));
  bench.insert(bench.random.between(0, bench.count), fresh);
}

const ALLOCATING: readonly OperationKind[] = ['malloc', 'calloc', 'realloc', 'aligned_alloc'];

/** The same bytes for the same slot by another kind of operation; or a free in its place. */
function changeKind(bench: Bench): void {
  const at = bench.anyAt();
  const { words, profile, random } = bench;
  const slot = words[slotPosition(words, at)];
  const kinds = [...ALLOCATING, 'free' as const].filter((kind) => profile.operations.includes(kind));
  if (slot === undefined || kinds.length === 0) return;
  const kind = random.pick(kinds);
  words.set(packedAs(kind, slot, words[sizePosition(words, at)] ?? bench.classes.mixed(random), bench), at);
}

function packedAs(kind: OperationKind, slot: number, sizeBytes: number, bench: Bench): number[] {
  if (kind === 'free') return [CODE.free, slot, 0, 0];
  if (kind === 'calloc') return [CODE.calloc, slot, 1, sizeBytes];
  if (kind === 'aligned_alloc') return [CODE.aligned_alloc, slot, bench.classes.alignment(bench.random), sizeBytes];
  return [CODE[kind], slot, sizeBytes, 0];
}

function retargetSlot(bench: Bench): void {
  const position = slotPosition(bench.words, bench.anyAt());
  if (position < 0) return;
  const donor = bench.words[slotPosition(bench.words, bench.anyAt())];
  bench.words[position] = donor === undefined || bench.random.oneIn(4) ? bench.random.below(SLOTS) : donor;
}

/** Every use of one slot becomes a use of another. */
function joinSlots(bench: Bench): void {
  const { words } = bench;
  const from = words[slotPosition(words, bench.anyAt())];
  const to = words[slotPosition(words, bench.anyAt())];
  if (from === undefined || to === undefined) return;
  for (let at = 0; at < words.length; at += STRIDE) {
    if (words[slotPosition(words, at)] === from) words[at + 1] = to;
  }
}

/** The position of some operation's size, tried four times; -1 when none was met. */
function anySize(bench: Bench): number {
  for (let tries = 0; tries < 4; tries++) {
    const position = sizePosition(bench.words, bench.anyAt());
    if (position >= 0) return position;
  }
  return -1;
}

/** A size becomes a little larger or smaller, twice or half as large, or a multiple of the alignment. */
function nudgeSize(bench: Bench): void {
  const position = anySize(bench);
  if (position < 0) return;
  const { words, classes, random } = bench;
  const sizeBytes = wordAt(words, position);
  const step = classes.alignmentBytes;
  const nudged = [
    sizeBytes + 1,
    sizeBytes - 1,
    sizeBytes + step,
    sizeBytes - step,
    sizeBytes * 2,
    sizeBytes >>> 1,
    Math.ceil(sizeBytes / step) * step,
  ];
  words[position] = bench.temper(Math.min(2 ** 32 - 1, Math.max(0, random.pick(nudged))));
}

/** A size becomes 0 or 1, or lies at a border: of a power of two, a page, the arena, the address space. */
function borderSize(bench: Bench): void {
  const position = anySize(bench);
  if (position < 0) return;
  const { classes, random } = bench;
  const draws = [() => random.below(2), () => classes.border(random), () => classes.arenaBorder(random)];
  bench.words[position] = random.oneIn(6) ? classes.impossible(random) : bench.temper(random.pick(draws)());
}

/** A size becomes that of another operation. */
function copySize(bench: Bench): void {
  const [to, from] = [anySize(bench), anySize(bench)];
  if (to >= 0 && from >= 0) bench.words[to] = wordAt(bench.words, from);
}

/** All sizes that equal one of the trace change alike. */
function equalSizes(bench: Bench): void {
  const position = anySize(bench);
  if (position < 0) return;
  const { words, random, classes } = bench;
  const from = wordAt(words, position);
  const to = random.oneIn(2) ? bench.temper(classes.border(random)) : classes.mixed(random);
  for (let at = 0; at < words.length; at += STRIDE) {
    const other = sizePosition(words, at);
    if (words[other] === from) words[other] = to;
  }
}

/** At some point, everything that is live there is freed, in an order. */
function insertFrees(bench: Bench, order: (slots: number[]) => number[]): void {
  if (!bench.profile.operations.includes('free')) return;
  const index = bench.random.oneIn(2) ? bench.count : bench.random.between(1, bench.count);
  const slots = order(bench.fullSlots(index));
  const frees = new Uint32Array(slots.length * STRIDE);
  for (const [free, slot] of slots.entries()) {
    frees[free * STRIDE] = CODE.free;
    frees[free * STRIDE + 1] = slot;
  }
  bench.insert(index, frees);
}

function shuffled(slots: number[], random: Random): number[] {
  for (let left = slots.length; left > 1; left--) slots.push(...slots.splice(random.below(left), 1));
  return slots;
}

/** Presses the heap to exhaustion, by blocks of a share of the capacity, then smaller and smaller ones. */
function fillUp(bench: Bench): void {
  if (!bench.profile.operations.includes('malloc')) return;
  const { random, classes } = bench;
  const blocks = 1 << random.below(5);
  const first = random.below(SLOTS);
  const packed = new Uint32Array((blocks + FILL_STEPS) * STRIDE);
  // Most fill a modest arena a little only: filling it costs as much as a hundred operations.
  const goalBytes = Math.min(classes.capacityBytes, random.oneIn(8) ? LARGEST_FILL_BYTES : ORDINARY_FILL_BYTES);
  let sizeBytes = goalBytes / blocks;
  for (let index = 0; index < blocks + FILL_STEPS; index++) {
    packed.set([CODE.malloc, (first + index) % SLOTS, Math.max(1, Math.floor(sizeBytes)), 0], index * STRIDE);
    if (index >= blocks - 1) sizeBytes /= 2;
  }
  bench.insert(random.between(0, bench.count), packed);
}

/** A larger arena is not filled: it would take longer than many traces. */
const LARGEST_FILL_BYTES = 2 ** 21;
const ORDINARY_FILL_BYTES = 2 ** 16;
/** Halvings after the blocks that fill a modest arena. */
const FILL_STEPS = 20;
