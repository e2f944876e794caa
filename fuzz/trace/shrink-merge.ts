/**
 * Passes that put one larger block in the place of many: a heap that must be full is full after one malloc as well.
 *
 * Fewer operations count for more than small sizes, so a size may grow where an operation goes.
 */
import { sizePosition, wordAt } from './operand-positions.ts';
import { without } from './shrink-delete.ts';
import type { Reduction } from './shrink-reduction.ts';
import { STRIDE, type Trace } from './trace.ts';

/** Every pair of blocks is tried in traces up to this length. */
const ANY_PAIR_UP_TO = 12;
/** Distances from the sum that headers and rounding explain. */
const SLACKS = [0, 16, 8, -8, -16, 1, -1, 32, -32, 64] as const;

/** What one block asks for in the place of several: their sum, with a header and rounding for each that goes, or less. */
const SUMS: readonly ((sizes: readonly number[]) => number)[] = [
  (sizes) => total(sizes),
  (sizes) => total(sizes.map((sizeBytes) => Math.ceil(sizeBytes / 16) * 16)) + 16 * (sizes.length - 1),
  (sizes) => total(sizes.map((sizeBytes) => Math.max(16, Math.ceil(sizeBytes / 16) * 16))) + 16 * (sizes.length - 1),
  (sizes) => total(sizes.map((sizeBytes) => Math.ceil(sizeBytes / 8) * 8)) + 8 * (sizes.length - 1),
  (sizes) => total(sizes.map((sizeBytes) => Math.ceil(sizeBytes / 16) * 16)),
  (sizes) => total(sizes) - 16 * sizes.length,
  // Large blocks, and the first of each size class, take whole pages.
  (sizes) => total(sizes.map((sizeBytes) => Math.ceil(Math.max(1, sizeBytes) / 4096) * 4096)),
];

function total(sizes: readonly number[]): number {
  return sizes.reduce((sum, sizeBytes) => sum + sizeBytes, 0);
}

/** Merges groups of neighbouring blocks: all groups at once, then one group at a time. */
export function mergeNeighbours(reduction: Reduction): void {
  const smallest = Math.max(2, reduction.count >>> 6);
  for (let width = blocksOf(reduction.best).length; width >= smallest; width = Math.floor(width / 2)) {
    mergeAllGroups(reduction, width);
    mergeEachGroup(reduction, width);
  }
}

/** The operations that ask for a number of bytes. */
function blocksOf(trace: Trace): number[] {
  const indexes: number[] = [];
  for (let at = 0; at < trace.length; at += STRIDE) if (sizePosition(trace, at) >= 0) indexes.push(at / STRIDE);
  return indexes;
}

function mergeAllGroups(reduction: Reduction, width: number): void {
  for (const sum of SUMS) {
    const { best } = reduction;
    const blocks = blocksOf(best);
    const groups = Array.from({ length: Math.ceil(blocks.length / width) }, (_, index) =>
      blocks.slice(index * width, (index + 1) * width),
    );
    if (attemptMerged(reduction, groups, (sizes) => sum(sizes))) return;
  }
}

function mergeEachGroup(reduction: Reduction, width: number): void {
  for (let first = 0; ; first += width) {
    const blocks = blocksOf(reduction.best);
    if (first + 1 >= blocks.length) return;
    mergeGroup(reduction, blocks.slice(first, first + width));
  }
}

function mergeGroup(reduction: Reduction, group: readonly number[]): boolean {
  const { best } = reduction;
  const wanted = [...SUMS.map((sum) => () => sum(sizesOf(best, group))), ...reduction.sizes.map((size) => () => size)];
  return wanted.some((size) => attemptMerged(reduction, [group], size));
}

type SizeOf = (sizes: readonly number[]) => number;
type Groups = readonly (readonly number[])[];

/** The first operation of each group takes over the others, or the last: the kind of what broke the law may be its. */
function attemptMerged(reduction: Reduction, groups: Groups, sizeOf: SizeOf): boolean {
  const { best } = reduction;
  const backwards = groups.map((group) => [...group].reverse());
  return [groups, backwards].some((ordered) => reduction.attempt(merged(best, ordered, sizeOf)));
}

/** `trace` with only the first named operation of each group left, of the size that `sizeOf` gives. */
function merged(trace: Trace, groups: Groups, sizeOf: SizeOf): Trace {
  const result = trace.slice();
  const gone = new Set<number>();
  for (const [first = 0, ...rest] of groups) {
    if (rest.length === 0) continue;
    const sizeBytes = sizeOf(sizesOf(trace, [first, ...rest]));
    result[sizePosition(trace, first * STRIDE)] = Math.max(0, Math.min(sizeBytes, 2 ** 32 - 1));
    for (const index of rest) gone.add(index);
  }
  return without(result, (index) => gone.has(index));
}

function sizesOf(trace: Trace, group: readonly number[]): number[] {
  return group.map((index) => wordAt(trace, sizePosition(trace, index * STRIDE)));
}

/** In a short trace: any operation goes while any block takes over its bytes, or one of the sizes given. */
export function mergeAnyTwo(reduction: Reduction): void {
  if (reduction.count > ANY_PAIR_UP_TO) return;
  for (let gone = reduction.count - 1; gone >= 0; gone--) {
    const { best } = reduction;
    blocksOf(best).some((kept) => kept !== gone && mergeInto(reduction, gone, kept));
  }
}

function mergeInto(reduction: Reduction, gone: number, kept: number): boolean {
  const { best } = reduction;
  const position = sizePosition(best, kept * STRIDE);
  const sum = wordAt(best, position) + wordAt(best, sizePosition(best, gone * STRIDE));
  return [...SLACKS.map((slack) => sum + slack), ...reduction.sizes].some((sizeBytes) => {
    const grown = best.slice();
    grown[position] = Math.max(0, Math.min(sizeBytes, 2 ** 32 - 1));
    return reduction.attempt(without(grown, (index) => index === gone));
  });
}

/** Operations that may follow the block which fills the heap: one that is refused and two that tell, at the most. */
const KEPT_AT_MOST = 3;
/** Of the bytes that were asked for before, in sixteenths: what lay between the blocks comes on top. */
const MOST_SIXTEENTHS = 24;

/** One block in the place of everything but the last operations, about as large as all that was asked for there. */
export function mergeBeginning(reduction: Reduction): void {
  for (let kept = 1; kept <= Math.min(KEPT_AT_MOST, reduction.count - 2); kept++) {
    const { best, count } = reduction;
    const group = blocksOf(best).filter((index) => index < count - kept);
    const [first] = group;
    if (first === undefined) return;
    const sum = total(sizesOf(best, group));
    const shares = Array.from({ length: MOST_SIXTEENTHS }, (_, index) => Math.ceil((sum * (index + 1)) / 16));
    if ([...shares, ...reduction.sizes].some((size) => reduction.attempt(filledOnce(best, first, size, kept)))) return;
  }
}

function filledOnce(trace: Trace, first: number, sizeBytes: number, kept: number): Trace {
  const result = trace.slice();
  result[sizePosition(trace, first * STRIDE)] = Math.min(sizeBytes, 2 ** 32 - 1);
  return without(result, (index) => index !== first && index < trace.length / STRIDE - kept);
}
