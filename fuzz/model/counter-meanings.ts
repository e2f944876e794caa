/** What a counter of an allocator may mean, and what each meaning implies. */

/** What a trace has done so far. */
export interface Totals {
  readonly liveBlocks: number;
  /** Since the start or the last reset, those that ended included. */
  readonly givenBlocks: number;
  /** Those of them that have no bytes, of which an allocator may know nothing. */
  readonly emptyBlocks: number;
  /** As they were asked for. */
  readonly liveBytes: number;
  readonly refusals: number;
  readonly reallocs: number;
  /** Of memory, now. */
  readonly pages: number;
}

export interface Reading {
  readonly value: number;
  /** What it said in a fresh heap. */
  readonly first: number;
  readonly totals: Totals;
  /** As it was before the last operation; undefined when it was not read then. */
  readonly before: { readonly value: number; readonly totals: Totals } | undefined;
  /** The greatest reading of the counter that this one is the peak of. */
  readonly greatest: number;
  /** What it said when nothing lived in a memory of this size; undefined when that has not been. */
  readonly empty: number | undefined;
}

export type CounterMeaning =
  | 'live-blocks'
  | 'left-blocks'
  | 'given-blocks'
  | 'live-bytes'
  | 'used-bytes'
  | 'left-bytes'
  | 'spent-bytes'
  | 'unspent-bytes'
  | 'peak';

/** A counter and what it was seen to mean. */
export interface CounterPromise {
  /** Its name in the subject's statistics. */
  readonly counter: string;
  readonly means: CounterMeaning;
  /** What a peak is the peak of: another counter, or one of `LIVE`. */
  readonly of?: string;
}

/** What a peak may follow although no counter tells it. No export is likely to have such a name. */
export const LIVE: Readonly<Record<string, (totals: Totals) => number>> = {
  'live blocks': ({ liveBlocks }) => liveBlocks,
  'live bytes': ({ liveBytes }) => liveBytes,
};

/** What the trace implies, by meaning; undefined when the reading agrees with it. */
export const WANTED: Readonly<Record<CounterMeaning, (reading: Reading) => string | undefined>> = {
  'live-blocks': ({ value, totals: { liveBlocks, emptyBlocks } }) =>
    exactly(Math.min(liveBlocks, Math.max(liveBlocks - emptyBlocks, value)), value),
  /** What is left of a pool. */
  'left-blocks': ({ value, first, totals: { liveBlocks, emptyBlocks } }) =>
    exactly(Math.max(first - liveBlocks, Math.min(first - liveBlocks + emptyBlocks, value)), value),
  /** All that were ever given: what of those it counted before is nobody's business. */
  'given-blocks': wantedOfGiven,
  'live-bytes': ({ value, totals }) => exactly(totals.liveBytes, value),
  /** Bytes of live blocks with whatever they take beyond their size. */
  'used-bytes': (reading) => wantedOfUse(reading, 1) ?? wantedOfReturns(reading, 1),
  /** What is left of a fixed heap. */
  'left-bytes': (reading) => wantedOfUse(reading, -1) ?? wantedOfReturns(reading, -1),
  /** As used bytes, in a heap that takes nothing back; and what is left of it. */
  'spent-bytes': (reading) => wantedOfUse(reading, 1),
  'unspent-bytes': (reading) => wantedOfUse(reading, -1),
  peak: wantedOfPeak,
};

/** Meanings of which a reading between two operations tells more than one at the end. */
export const FOLLOWS_EVERY_STEP: ReadonlySet<CounterMeaning> = new Set<CounterMeaning>([
  'used-bytes',
  'left-bytes',
  'spent-bytes',
  'unspent-bytes',
  'given-blocks',
  'peak',
]);

const exactly = (wanted: number, value: number): string | undefined => (value === wanted ? undefined : String(wanted));
const bounded = (bound: number, sign: 1 | -1): string => `at ${sign === 1 ? 'least' : 'most'} ${bound}`;

/** One more for a block, but perhaps not for one of no bytes; and none for a request that is refused. */
function wantedOfGiven({ value, totals, before }: Reading): string | undefined {
  if (before === undefined) return undefined;
  const wanted = before.value + totals.givenBlocks - before.totals.givenBlocks;
  const hasNoBytes = totals.emptyBlocks > before.totals.emptyBlocks;
  return value === before.value && hasNoBytes ? undefined : exactly(wanted, value);
}

/** Use covers what lives, stands still when a request is refused, and rises with a block by its bytes or more. */
function wantedOfUse({ value, first, totals, before }: Reading, sign: 1 | -1): string | undefined {
  const isCovered = sign * (value - first) >= totals.liveBytes;
  if (before === undefined) return isCovered ? undefined : bounded(first + sign * totals.liveBytes, sign);
  if (totals.refusals > before.totals.refusals) return exactly(before.value, value);
  const risenTo = before.value + sign * givenBytes(totals, before.totals);
  if (isCovered && sign * (value - risenTo) >= 0) return undefined;
  return bounded(sign * Math.max(sign * risenTo, sign * first + totals.liveBytes), sign);
}

/**
 * The least that use rises by with the last operation; less than nothing where that is not known. A realloc may have
 * moved the end of a heap that takes nothing back, and what a block adds is not known from then on.
 */
function givenBytes(totals: Totals, before: Totals): number {
  const isGiven = totals.liveBlocks > before.liveBlocks && totals.reallocs === 0;
  return isGiven ? totals.liveBytes - before.liveBytes : Number.NEGATIVE_INFINITY;
}

/** What a block took comes back with it, all of it when it was the last. */
function wantedOfReturns({ value, totals, before, empty }: Reading, sign: 1 | -1): string | undefined {
  if (totals.liveBlocks === 0 && empty !== undefined) return exactly(empty, value);
  if (before === undefined || totals.liveBlocks >= before.totals.liveBlocks) return undefined;
  const freedTo = before.value - sign * (before.totals.liveBytes - totals.liveBytes);
  return sign * (freedTo - value) >= 0 ? undefined : bounded(freedTo, sign === 1 ? -1 : 1);
}

/** Nobody looks between two operations, and a realloc that moves a block may have had both at once. */
function wantedOfPeak({ value, greatest, totals, before }: Reading): string | undefined {
  const isExact = before !== undefined && totals.reallocs === 0;
  if (value < greatest) return isExact ? String(greatest) : `at least ${greatest}`;
  return value > greatest && isExact ? String(greatest) : undefined;
}
