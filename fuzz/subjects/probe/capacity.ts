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
  const asked = [arenaBytes, Math.floor(arenaBytes * 0.9), Math.floor(arenaBytes / 2)];
  const grows = asked.some((sizeBytes) => {
    attempt(subject, undefined, () => void subject.malloc(sizeBytes));
    return subject.instance.growCalls > 0;
  });
  return grows || growsWhenFilled(subject, PAGE_BYTES / 2) || growsWhenFilled(subject, PAGE_BYTES / 64);
}

/** A heap with a limit on the size of a block refuses large ones untried. */
function growsWhenFilled(subject: ModuleSubject, sizeBytes: number): boolean {
  attempt(subject, undefined, () => {
    const blocks = subject.memory.buffer.byteLength / sizeBytes;
    for (let block = 0; block <= blocks; block++) {
      if (subject.malloc(sizeBytes) === 0 || subject.instance.growCalls > 0) return;
    }
  });
  return subject.instance.growCalls > 0;
}

/** No bound on growth is promised. */
export const UNLIMITED_SLACK_PAGES = 65536;

/** Slack that was not seen and is granted all the same: a page of rounding at each end. */
const GRACE_PAGES = 2;
/** Memory that grows by a share of itself shows more slack in a large heap than in a small one, by more than this. */
const STEADY_PAGES = 4;

interface Growth {
  readonly slackPages: number;
  readonly pagesBefore: number;
}

const SIZES: readonly number[] = [1000, 20_000, 70_000, 400_000, 3_000_000];
/** What is rounded up to a power of two has most slack just past one. */
const PAST_POWERS: readonly number[] = [2 ** 17 + 1, 2 ** 18 + 1, 2 ** 19 + 1, 2 ** 20 + 1, 2 ** 21 + 1];

/**
 * Pages grown beyond need, at most, over small and large requests in small and large heaps. Where slack rises with the
 * heap (memory that doubles) or with the request (blocks of powers of two), no bound is promised.
 */
export function probeGrowthSlack(subject: ModuleSubject): number {
  const growths = SIZES.flatMap((sizeBytes) => growthsBy(subject, sizeBytes));
  const rounded = PAST_POWERS.map((sizeBytes) => growthsBy(subject, sizeBytes));
  growths.push(...rounded.flat());
  if (growths.length === 0 || risesWithSize(rounded)) return UNLIMITED_SLACK_PAGES;
  const median =
    growths.map((growth) => growth.pagesBefore).sort((left, right) => left - right)[growths.length >> 1] ?? 0;
  const worst = (late: boolean) =>
    Math.max(0, ...growths.filter((growth) => growth.pagesBefore > median === late).map((growth) => growth.slackPages));
  if (worst(true) > worst(false) + STEADY_PAGES) return UNLIMITED_SLACK_PAGES;
  return Math.max(worst(true), worst(false)) + GRACE_PAGES;
}

function risesWithSize(bySize: readonly (readonly Growth[])[]): boolean {
  const slack = bySize.flatMap((growths) =>
    growths.length === 0 ? [] : [Math.max(...growths.map(({ slackPages }) => slackPages))],
  );
  return Math.max(...slack) > (slack[0] ?? 0) + STEADY_PAGES;
}

/** Enough for a heap of a few MiB in small blocks; larger blocks reach the cap before. */
const BLOCKS = 3000;

function growthsBy(subject: ModuleSubject, sizeBytes: number): Growth[] {
  const growths: Growth[] = [];
  attempt(subject, undefined, () => {
    for (let index = 0; index < BLOCKS; index += 1) {
      const pagesBefore = pagesOf(subject);
      if (allocate(subject, sizeBytes) === undefined) return;
      const grown = pagesOf(subject) - pagesBefore;
      if (grown > 0) growths.push({ pagesBefore, slackPages: grown - Math.ceil(sizeBytes / PAGE_BYTES) });
    }
  });
  return growths;
}

const pagesOf = (subject: ModuleSubject) => subject.memory.buffer.byteLength / PAGE_BYTES;
