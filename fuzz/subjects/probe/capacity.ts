/** The largest block of a fresh heap, and how memory grows to hold what is asked for. */
import type { ModuleSubject } from '../module-subject.ts';
import { allocate, attempt } from './attempt.ts';

export const PAGE_BYTES = 65536;

/** What is not known of a capacity is never more than this share of it. */
const TOLERATED_SHARE = 1 / 16;

/**
 * The largest size a fresh heap grants, in bytes, by bisection down to `toleranceBytes`, or less where a limit on the
 * size of a block makes that much; 0 when it grants nothing.
 */
export function probeCapacity(subject: ModuleSubject, arenaBytes: number, toleranceBytes: number): number {
  let granted = 0;
  let refused = arenaBytes + 1;
  while (refused - granted > Math.max(1, Math.min(toleranceBytes, granted * TOLERATED_SHARE))) {
    const middle = Math.floor((granted + refused) / 2);
    if (isGranted(subject, middle)) granted = middle;
    else refused = middle;
  }
  return granted;
}

function isGranted(subject: ModuleSubject, sizeBytes: number): boolean {
  return attempt(subject, false, () => allocate(subject, sizeBytes) !== undefined);
}

/** Whether the module ever tries to grow memory: for all there may be at once, or for blocks that fill what there is. */
export function probeGrows(subject: ModuleSubject, arenaBytes: number): boolean {
  // One that asks in vain is as good as one that does not ask.
  if (attempt(subject, 0, () => subject.memoryBytes()) >= arenaBytes) return false;
  const asked = [arenaBytes, Math.floor(arenaBytes * 0.9), Math.floor(arenaBytes / 2)];
  const grows = asked.some((sizeBytes) => {
    attempt(subject, undefined, () => void subject.malloc(sizeBytes));
    return subject.instance.growCalls > 0;
  });
  return grows || growsWhenFilled(subject, PAGE_BYTES / 2) || growsWhenFilled(subject, LEAST_FILLER_BYTES);
}

/** Filling more memory than this by blocks of few bytes takes seconds. */
const MOST_CELLS = 2 ** 18;

/** Whether a heap of which no block is larger than `capacityBytes` grows when it is filled by such: a pool that adds a page of cells. */
export function growsByCells(subject: ModuleSubject, arenaBytes: number, capacityBytes: number): boolean {
  const memoryBytes = attempt(subject, 0, () => subject.memoryBytes());
  if (memoryBytes >= arenaBytes || capacityBytes === 0 || capacityBytes >= LEAST_FILLER_BYTES) return false;
  return memoryBytes / capacityBytes <= MOST_CELLS && growsWhenFilled(subject, capacityBytes);
}

const LEAST_FILLER_BYTES = PAGE_BYTES / 64;

/** A heap with a limit on the size of a block refuses large ones untried. */
function growsWhenFilled(subject: ModuleSubject, sizeBytes: number): boolean {
  attempt(subject, undefined, () => {
    const blocks = subject.memoryBytes() / sizeBytes;
    for (let block = 0; block <= blocks; block++) {
      if (subject.malloc(sizeBytes) === 0 || subject.instance.growCalls > 0) return;
    }
  });
  return subject.instance.growCalls > 0;
}

/** How memory grows, in a profile's words. */
export interface GrowthRule {
  readonly growthSlackPages: number;
  readonly growsByShares?: true;
}

/** Nothing grew, so nothing is promised. */
const UNKNOWN: GrowthRule = { growthSlackPages: 65536 };

/** Slack that was not seen and is granted all the same: a page of rounding at each end. */
const GRACE_PAGES = 2;
/** Memory that grows by chunks has some of another size for some class that was not tried: half as much again. */
const CHUNK_PAGES = 4;
const CHUNK_GRACE = 0.5;
/** Memory that grows by a share of itself shows more slack in a large heap than in a small one, by more than this. */
const STEADY_PAGES = 4;

interface Growth {
  readonly needPages: number;
  readonly slackPages: number;
  readonly pagesBefore: number;
}

const SIZES: readonly number[] = [1000, 20_000, 70_000, 400_000, 3_000_000];
/** What is rounded up to a power of two has most slack just past one. */
const PAST_POWERS: readonly number[] = [2 ** 17 + 1, 2 ** 18 + 1, 2 ** 19 + 1, 2 ** 20 + 1, 2 ** 21 + 1];

/**
 * Pages grown beyond need, at most, over small and large requests in small and large heaps. Where slack rises with the
 * heap (memory that doubles) or with the request (blocks of powers of two), the bound rises with both.
 */
export function probeGrowthRule(subject: ModuleSubject, capacityBytes: number): GrowthRule {
  const growths = SIZES.flatMap((sizeBytes) => growthsBy(subject, sizeBytes));
  const rounded = PAST_POWERS.map((sizeBytes) => growthsBy(subject, sizeBytes));
  growths.push(...rounded.flat());
  const large = largeSizes(capacityBytes).map((sizeBytes) => growthsBy(subject, sizeBytes, 1));
  growths.push(...large.flat(), ...growthsBehindBallast(subject, capacityBytes));
  if (growths.length === 0) return UNKNOWN;
  if (risesWithSize(rounded) || risesWithSize(halves(large)) || risesBeyondOnePage(growths)) return byShares(growths);
  const median =
    growths.map((growth) => growth.pagesBefore).sort((left, right) => left - right)[growths.length >> 1] ?? 0;
  const worst = (late: boolean) =>
    Math.max(0, ...growths.filter((growth) => growth.pagesBefore > median === late).map((growth) => growth.slackPages));
  if (worst(true) > worst(false) + STEADY_PAGES) return byShares(growths);
  return { growthSlackPages: granted(Math.max(worst(true), worst(false))) };
}

/** The slack to grant where the worst that was seen is `slackPages`. */
function granted(slackPages: number): number {
  const chunk = slackPages < CHUNK_PAGES ? 0 : Math.ceil(slackPages * CHUNK_GRACE);
  return slackPages + chunk + GRACE_PAGES;
}

/** Pages of a growth that a share of the heap, or of the request, explains; see `growsByShares` of a profile. */
const explained = ({ pagesBefore, needPages }: Growth): number => 2 * pagesBefore + 3 * needPages;

/** What small requests grow memory by that no share explains is a chunk, and allowed beside the shares. */
function byShares(growths: readonly Growth[]): GrowthRule {
  const chunks = growths.flatMap((growth) => (growth.needPages === 1 ? [growth.slackPages - explained(growth)] : []));
  return { growthSlackPages: Math.max(0, ...chunks) + GRACE_PAGES, growsByShares: true };
}

/** What a request of several pages adds to slack beyond what one of a page does is no chunk but a share. */
function risesBeyondOnePage(growths: readonly Growth[]): boolean {
  const worst = (single: boolean) =>
    Math.max(0, ...growths.filter(({ needPages }) => (needPages === 1) === single).map(({ slackPages }) => slackPages));
  return growths.some(({ needPages }) => needPages === 1) && worst(false) > worst(true) + STEADY_PAGES;
}

const SMALLEST_LARGE_BYTES = 2 ** 20;
const LARGE_STEP = 1.1;

/** So many sizes that some lie just past a size class, however fine the classes are. */
function largeSizes(capacityBytes: number): number[] {
  const sizes: number[] = [];
  for (let sizeBytes = SMALLEST_LARGE_BYTES; sizeBytes < capacityBytes; sizeBytes *= LARGE_STEP) {
    sizes.push(Math.floor(sizeBytes));
  }
  return sizes;
}

/** The growths of smaller requests, and those of larger ones. */
const halves = (bySize: readonly (readonly Growth[])[]): Growth[][] => {
  const middle = bySize.length >> 1;
  return [bySize.slice(0, middle).flat(), bySize.slice(middle).flat()];
};

function risesWithSize(bySize: readonly (readonly Growth[])[]): boolean {
  const slack = bySize.flatMap((growths) =>
    growths.length === 0 ? [] : [Math.max(...growths.map(({ slackPages }) => slackPages))],
  );
  return Math.max(...slack) > (slack[0] ?? 0) + STEADY_PAGES;
}

/** Enough for a heap of a few MiB in small blocks. */
const BLOCKS = 3000;
/** In larger heaps fewer growths are enough to see how they go on. */
const SMALL_HEAP_PAGES = 256;
const GROWTHS_OF_A_LARGE_HEAP = 16;

function growthsBy(subject: ModuleSubject, sizeBytes: number, blocks = BLOCKS): Growth[] {
  const growths: Growth[] = [];
  attempt(subject, undefined, () => collectGrowths(subject, sizeBytes, blocks, growths));
  return growths;
}

const BALLAST_SHARE = 0.7;
const BALLASTED_BYTES = 70_000;

/** How a heap grows once one block has most of what there may be. */
function growthsBehindBallast(subject: ModuleSubject, capacityBytes: number): Growth[] {
  const growths: Growth[] = [];
  attempt(subject, undefined, () => {
    if (allocate(subject, Math.floor(capacityBytes * BALLAST_SHARE)) === undefined) return;
    collectGrowths(subject, BALLASTED_BYTES, BLOCKS, growths);
  });
  return growths;
}

function collectGrowths(subject: ModuleSubject, sizeBytes: number, blocks: number, growths: Growth[]): void {
  for (let index = 0, late = 0; index < blocks && late < GROWTHS_OF_A_LARGE_HEAP; index += 1) {
    const pagesBefore = pagesOf(subject);
    if (allocate(subject, sizeBytes) === undefined) return;
    const grown = pagesOf(subject) - pagesBefore;
    if (grown === 0) continue;
    const needPages = Math.ceil(sizeBytes / PAGE_BYTES);
    growths.push({ pagesBefore, needPages, slackPages: grown - needPages });
    if (pagesBefore > SMALL_HEAP_PAGES) late += 1;
  }
}

const pagesOf = (subject: ModuleSubject) => subject.memoryBytes() / PAGE_BYTES;
