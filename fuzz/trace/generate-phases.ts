/** What a stretch of a trace does: grow, fill up, comb, drain, reuse. Each appends at most `operations` operations. */
import type { Draft } from './generate-draft.ts';
import { CODE } from './operation.ts';
import { SLOTS } from './trace.ts';

export type Phase = (draft: Draft, operations: number) => void;

/** Anything, by the trace's weights. */
export function mix(draft: Draft, operations: number): void {
  for (let index = 0; index < operations; index++) draft.operate();
}

/** One block after another into all slots in turn; beyond 256 the handles are dropped and the blocks stay live. */
export function grow(draft: Draft, operations: number): void {
  const first = draft.random.below(SLOTS);
  for (let index = 0; index < operations; index++) draft.allocate((first + index) & (SLOTS - 1));
}

/** Blocks of a fixed share of the capacity until it must be full, then halves, quarters, ... down to one byte. */
export function exhaust(draft: Draft, operations: number): void {
  const { random, classes } = draft;
  const share = 1 << random.below(7);
  let sizeBytes = Math.max(1, Math.floor(classes.capacityBytes / share));
  const extra = random.between(1, 4);
  let left = share + extra;
  for (let index = 0; index < operations; index++) {
    draft.malloc(index & (SLOTS - 1), draft.afford(sizeBytes));
    left--;
    if (left > 0) continue;
    left = extra;
    sizeBytes = Math.max(1, sizeBytes >>> 1);
  }
}

/** Frees every second, third or fourth full slot: holes between live blocks. */
export function comb(draft: Draft, operations: number): void {
  const stride = draft.random.between(2, 4);
  let left = operations;
  for (let slot = draft.random.below(stride); slot < SLOTS && left > 0; slot += stride) {
    if (!draft.isFull(slot)) continue;
    draft.free(slot);
    left--;
  }
}

/** Frees the full slots in order, in reverse order, or hopping about. */
export function drain(draft: Draft, operations: number): void {
  const { random } = draft;
  // Any odd step visits all 256 slots once.
  const step = random.pick([1, SLOTS - 1, random.below(SLOTS) | 1]);
  let slot = random.oneIn(2) ? 0 : random.below(SLOTS);
  let left = operations;
  for (let index = 0; index < SLOTS && left > 0; index++) {
    if (draft.isFull(slot)) {
      draft.free(slot);
      left--;
    }
    slot = (slot + step) & (SLOTS - 1);
  }
}

/** One block after another made and freed at once, in one slot. */
export function churn(draft: Draft, operations: number): void {
  const slot = draft.emptySlot();
  for (let index = 0; index + 1 < operations; index += 2) {
    draft.allocate(slot);
    draft.free(slot);
  }
}

/** A block that is resized again and again, sometimes with a neighbour put behind it. */
export function resize(draft: Draft, operations: number): void {
  const { random } = draft;
  const slot = draft.usedSlot();
  const next = random.pick(RESIZES);
  const neighbours = random.oneIn(2);
  let sizeBytes = draft.size();
  for (let index = 0; index < operations; index++) {
    if (neighbours && random.oneIn(4)) draft.allocate(draft.emptySlot());
    else draft.reallocate(slot, draft.afford(sizeBytes));
    sizeBytes = next(sizeBytes, draft);
  }
}

type Resize = (sizeBytes: number, draft: Draft) => number;

const RESIZES: readonly Resize[] = [
  (sizeBytes, draft) => (sizeBytes * 2 > draft.classes.arenaBytes ? 1 : Math.max(1, sizeBytes * 2)),
  (sizeBytes) => Math.min(sizeBytes + 1, 2 ** 32 - 1),
  (sizeBytes) => (sizeBytes <= 1 ? 4096 : sizeBytes >>> 1),
  (sizeBytes) => (sizeBytes <= 1 ? 64 : sizeBytes - 1),
  (sizeBytes, draft) => (sizeBytes <= 8 ? draft.size() : draft.classes.tiny(draft.random)),
  (_, draft) => draft.size(),
];

/** Marks, blocks, and back to the mark; nested at random. */
export function scope(draft: Draft, operations: number): void {
  let depth = 0;
  for (let index = 0; index < operations; index++) {
    const choice = draft.random.below(8);
    if (choice === 0 && depth < 16) {
      draft.put(CODE.mark);
      depth++;
    } else if (choice === 1 && depth > 0) {
      draft.put(CODE.pop);
      depth--;
    } else draft.allocate(draft.emptySlot());
  }
}

/** The last operations once more: what a balanced stretch leaves behind shows by repetition. */
export function repeat(draft: Draft, operations: number): void {
  const times = draft.random.between(1, 4);
  const window = Math.max(1, Math.floor(operations / times));
  for (let index = 0; index < times; index++) draft.repeat(window);
}

/** Starts over. */
export function restart(draft: Draft): void {
  draft.put(CODE.reset);
  draft.forgetSlots();
}

/**
 * One to three blocks, asked for in one way, most often of one size, most of them freed, with a request that must be
 * refused between in one of eight: what is never handed out again shows when this is repeated.
 */
export function steady(draft: Draft): void {
  const { random } = draft;
  const blocks = random.between(1, 3);
  const varied = random.oneIn(3);
  const code = random.pick(STEADY_CODES);
  const alignmentBytes = draft.classes.alignment(random);
  let sizeBytes = steadySize(draft);
  for (let slot = 0; slot < blocks; slot++) {
    draft.allocateAs(code, slot, sizeBytes, alignmentBytes);
    if (varied) sizeBytes = steadySize(draft);
  }
  if (random.oneIn(8)) draft.malloc(blocks, draft.classes.excessive(random));
  for (let slot = 0; slot < blocks; slot++) if (!random.oneIn(4)) draft.free(slot);
}

/** A mark, some blocks, some of them beyond a mark of their own, and the pop: what stays behind shows when this is repeated. */
export function visit(draft: Draft): void {
  const { random } = draft;
  const blocks = random.between(1, 4);
  const isNested = random.oneIn(4);
  draft.put(CODE.mark);
  for (let slot = 0; slot < blocks; slot++) {
    if (isNested && slot === 1) draft.put(CODE.mark);
    draft.allocateAs(random.pick(STEADY_CODES), slot, steadySize(draft), draft.classes.alignment(random));
  }
  if (isNested && blocks > 1) draft.put(CODE.pop);
  draft.put(CODE.pop);
}

/** Some blocks, often up to a page edge, and a reset: what is not had again shows when this is repeated. */
export function cycle(draft: Draft): void {
  const { random, classes } = draft;
  const blocks = random.between(1, 4);
  for (let slot = 0; slot < blocks; slot++) {
    draft.malloc(slot, random.oneIn(2) ? classes.pageEdge(random) : steadySize(draft));
  }
  restart(draft);
}

/** A block that is resized again and again, alone or before others, to where what there is ends. */
export function stretch(draft: Draft): void {
  const { random, classes } = draft;
  draft.malloc(0, random.oneIn(2) ? classes.tiny(random) : draft.size());
  const turns = random.between(1, 4);
  for (let turn = 1; turn <= turns; turn++) {
    const choice = random.below(4);
    if (choice < 2) draft.reallocate(0, random.oneIn(2) ? classes.pageEdge(random) : classes.arenaBorder(random));
    else if (choice === 2 || !draft.has(CODE.free)) draft.malloc(turn, draft.size());
    else draft.free(random.below(turn));
  }
}

/** A block with smaller ones behind it, one or two of which are freed, and which then grows over what is there. */
export function swallow(draft: Draft): void {
  const { random, classes } = draft;
  const sizeBytes = classes.refitted(random);
  const neighbours = random.between(1, 4);
  draft.malloc(0, sizeBytes);
  for (let slot = 1; slot <= neighbours; slot++) {
    draft.malloc(slot, random.oneIn(2) ? classes.moderate(random) : classes.tiny(random));
  }
  for (let frees = random.between(1, 2); frees > 0; frees--) draft.free(random.between(1, neighbours));
  draft.reallocate(0, random.oneIn(2) ? classes.beside(random, sizeBytes) : classes.refitted(random));
  if (random.oneIn(2)) draft.malloc(neighbours + 1, classes.tiny(random));
}

const STEADY_CODES = [CODE.malloc, CODE.malloc, CODE.calloc, CODE.aligned_alloc] as const;

/** A large block costs as much as the other blocks of a hundred traces, when all of it is repeated. */
const LARGE_STEADY_ONE_IN = 16;

function steadySize({ random, classes }: Draft): number {
  if (random.oneIn(LARGE_STEADY_ONE_IN)) return classes.refitted(random);
  const choice = random.below(4);
  if (choice === 0) return Math.min(classes.border(random), classes.capacityBytes);
  return Math.min(choice === 1 ? 1 + random.below(256) : classes.moderate(random), classes.capacityBytes);
}

/** Sizes beside page edges, whatever they cost, with pages that others grow between: the seams of growth. */
export function seams(draft: Draft): void {
  const { random, classes } = draft;
  const operations = random.between(1, 7);
  if (random.oneIn(2)) draft.malloc(operations, classes.pageEdge(random));
  for (let index = 0; index < operations; index++) {
    const choice = random.below(8);
    if (choice < 2 && draft.has(CODE.free)) draft.free(random.below(operations + 1));
    else if (choice === 2 && draft.has(CODE.realloc)) {
      draft.reallocate(random.below(operations + 1), classes.pageEdge(random));
    } else if (choice === 3 && draft.has(CODE.grow)) draft.put(CODE.grow, 1);
    else draft.malloc(index, choice === 4 ? draft.size() : classes.pageEdge(random));
  }
}

/** Requests in one refit: from two on a trace is too long to be repeated, which would cost much more than it does. */
const FEWEST_REFITS = 2;
const MOST_REFITS = 6;

/**
 * A block of any size, a small one behind it, the first freed or resized, and a request for about as much: size classes,
 * page counts and thresholds of large blocks, which traces that fill heaps of small ones never meet.
 */
export function refit(draft: Draft): void {
  const { random, classes } = draft;
  const sizeBytes = classes.refitted(random);
  const turns = random.between(FEWEST_REFITS, MOST_REFITS);
  draft.allocateAs(random.pick(STEADY_CODES), 0, sizeBytes, classes.alignment(random));
  if (!random.oneIn(4)) draft.malloc(1, random.oneIn(8) ? classes.beside(random, sizeBytes) : classes.tiny(random));
  for (let turn = 0; turn < turns; turn++) refitOnce(draft, turn, classes.beside(random, sizeBytes));
}

function refitOnce(draft: Draft, turn: number, sizeBytes: number): void {
  const { random, classes } = draft;
  if (draft.has(CODE.realloc) && random.oneIn(2)) return draft.reallocate(random.oneIn(8) ? 1 : 0, sizeBytes);
  if (draft.has(CODE.free)) draft.free(0);
  draft.allocateAs(random.pick(STEADY_CODES), random.oneIn(2) ? 0 : 2 + turn, sizeBytes, classes.alignment(random));
}

/** A block of most of the arena, made, resized and freed: what works only while there is room to spare. */
export function whole(draft: Draft): void {
  const { random, classes } = draft;
  draft.malloc(0, random.between(Math.floor(classes.capacityBytes * 0.6), classes.capacityBytes));
  const operations = random.between(1, 4);
  for (let index = 0; index < operations; index++) {
    const choice = random.below(4);
    if (choice === 0 && draft.has(CODE.free)) end(draft, 0);
    else if (choice < 3 && draft.has(CODE.realloc)) draft.reallocate(random.below(2), nearlyWhole(draft));
    else draft.malloc(random.below(2), nearlyWhole(draft));
  }
}

/** By free, or by realloc to nothing, which ends a block in many allocators, and may do so in a way of its own. */
function end(draft: Draft, slot: number): void {
  if (draft.has(CODE.realloc) && draft.random.oneIn(2)) draft.reallocate(slot, 0);
  else draft.free(slot);
}

/** Any size up to the arena, a small one, or one beside a fraction of the arena. */
function nearlyWhole({ random, classes }: Draft): number {
  const choice = random.below(4);
  if (choice === 0) return 1 + random.below(classes.arenaBytes);
  return choice === 1 ? classes.tiny(random) : classes.arenaBorder(random);
}

/** Blocks that the heap is filled with after the first, from this size down, so that not a byte is left. */
const BRIM_BYTES = 32768;

/** A heap that is filled by few blocks to the last byte, and used on: what only goes wrong when nothing is left. */
export function brim(draft: Draft): void {
  const { random, classes } = draft;
  draft.malloc(0, random.oneIn(2) ? classes.capacityBytes : classes.capacityBytes - random.below(BRIM_BYTES));
  let slot = 1;
  // Memory there was before it grew is not part of the first block: some pages may be left.
  let most = 8;
  for (let sizeBytes = Math.min(BRIM_BYTES, classes.capacityBytes >>> 1); sizeBytes > 0; sizeBytes >>>= 1) {
    for (let block = random.between(1, most); block > 0; block--) draft.malloc(slot++, sizeBytes);
    most = 2;
  }
  const operations = random.between(2, 24);
  for (let index = 0; index < operations; index++) useFull(draft, random.below(slot));
}

function useFull(draft: Draft, slot: number): void {
  const { random, classes } = draft;
  const choice = random.below(4);
  if (choice === 0 && draft.has(CODE.free)) draft.free(slot);
  else if (choice < 3 && draft.has(CODE.realloc)) draft.reallocate(slot, classes.mixed(random));
  else draft.malloc(slot, classes.mixed(random));
}

/** Pairs of a request and its free. */
const SWEPT_SIZES = 32;

/** One size after another, each freed at once: a size that is never handed out again shows when this is repeated. */
export function sweep(draft: Draft): void {
  const { random, classes } = draft;
  const step = random.oneIn(2) ? 1 : classes.alignmentBytes;
  const first = random.oneIn(4) ? classes.mixed(random) : 1 + random.below(512);
  for (let index = 0; index < SWEPT_SIZES; index++) {
    draft.malloc(0, first + index * step);
    draft.free(0);
  }
}

const CROWDS = [7, 8, 9, 12, 16, 17, 24, 32, 33, 40] as const;

/** Many blocks of one size and nothing else: a list of free blocks that holds some and loses the rest shows by repetition. */
export function crowd(draft: Draft): void {
  const { random, classes } = draft;
  const blocks = random.pick(CROWDS);
  const sizeBytes = random.oneIn(2) ? 1 + random.below(256) : classes.mixed(random);
  const fittingBytes = classes.fitting(random, sizeBytes);
  for (let slot = 0; slot < blocks; slot++) draft.malloc(slot, fittingBytes);
}

/** Neighbours of all sizes, each resized by a few bytes: what looks at the next block, and not far enough. */
export function creep(draft: Draft): void {
  const { random, classes } = draft;
  const blocks = random.between(2, 12);
  const sizes = Array.from({ length: blocks }, () => creepingSize(draft));
  for (const [slot, sizeBytes] of sizes.entries()) draft.malloc(slot, draft.afford(sizeBytes));
  for (let index = 0; index < blocks; index++) {
    const slot = random.below(blocks);
    const by = 1 + random.below(2 * classes.alignmentBytes);
    const sizeBytes = sizes[slot] ?? 1;
    sizes[slot] = random.oneIn(4) ? Math.max(1, sizeBytes - by) : sizeBytes + by;
    if (random.oneIn(8) && draft.has(CODE.free)) draft.free(random.below(blocks));
    draft.reallocate(slot, sizes[slot] ?? 1);
  }
}

function creepingSize({ random, classes }: Draft): number {
  const choice = random.below(8);
  if (choice === 0) return classes.pageEdge(random);
  return choice < 3 ? classes.moderate(random) : classes.mixed(random);
}

/** Sizes that allocators have classes for. */
const CLASSES = [8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 512, 1024] as const;

/** More blocks than there are slots, small or enough to cover some pages: counters and tables run over, frees come by the hundred. */
export function carpet(draft: Draft): void {
  const { random } = draft;
  const blocks = random.between(128, 1000);
  const sizeBytes = random.oneIn(4) ? 1 + random.below(1024) : random.pick(CLASSES) - random.below(2);
  const fittingBytes = draft.classes.fitting(random, sizeBytes);
  for (let index = 0; index < blocks; index++) draft.malloc(index & (SLOTS - 1), fittingBytes);
}

/** A pool is filled to its last block or beyond, some of it or all is freed, and it is filled again. */
export function refill(draft: Draft): void {
  const { random, classes } = draft;
  const alike = random.oneIn(2) ? random.between(1, classes.capacityBytes) : 0;
  const ask = (slot: number) => draft.malloc(slot, alike > 0 ? alike : random.between(1, classes.capacityBytes));
  const refusals = random.below(3);
  let missing = classes.poolBlocks - (random.oneIn(4) ? random.below(3) : 0);
  let next = 0;
  for (let round = random.between(1, 4); round > 0; round--) {
    for (let block = missing + refusals; block > 0; block--) ask(next++ & (SLOTS - 1));
    const known = Math.min(next, SLOTS);
    missing = random.oneIn(3) ? known : random.oneIn(2) ? random.between(1, 3) : random.between(1, known);
    const before = draft.room();
    drain(draft, missing);
    missing = before - draft.room();
    if (random.oneIn(4)) mix(draft, random.between(1, 12));
  }
}
