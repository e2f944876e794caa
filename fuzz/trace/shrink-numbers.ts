/** Passes that lower sizes, counts, alignments, pages and whatever else is a number. */
import { numberPositions, sizePositions, wordAt } from './operand-positions.ts';
import type { Reduction } from './shrink-reduction.ts';
import { STRIDE, type Trace } from './trace.ts';

/** Below this every smaller value is tried, so that the smallest is found even where failing is not monotonic. */
const EXHAUSTIVE_BELOW = 65;
/** ... in traces up to this length; longer ones have too many numbers. */
const EXHAUSTIVE_UP_TO = 40;
/** What blocks in a crowd may as well be: every size below these limits at once. */
const CLAMPS = [0, 1, 8, 16, 32, 64, 128, 256, 1024, 4096, 65536] as const;

const POWER_BORDERS = [
  ...new Set(Array.from({ length: 32 }, (_, bit) => [2 ** bit - 1, 2 ** bit, 2 ** bit + 1]).flat()),
];

/** Caps every size at once, then those of half the trace, a quarter, an eighth, ... */
export function clampSizes(reduction: Reduction): void {
  const smallest = Math.max(1, reduction.count >>> 4);
  for (let width = reduction.count; width >= smallest; width = Math.floor(width / 2)) {
    for (let first = 0; first < reduction.count; first += width) clampWindow(reduction, first, width);
  }
}

function clampWindow(reduction: Reduction, first: number, width: number): void {
  for (const limit of CLAMPS) {
    const { best } = reduction;
    const capped = best.slice();
    for (const position of sizePositions(best.subarray(0, (first + width) * STRIDE))) {
      if (position >= first * STRIDE) capped[position] = Math.min(wordAt(best, position), limit);
    }
    if (reduction.attempt(capped)) return;
  }
}

/** Lowers all operands of one value together: sizes that must be equal stay so. */
export function lowerTogether(reduction: Reduction): void {
  const values = new Set(numberPositions(reduction.best).map((position) => wordAt(reduction.best, position)));
  for (const value of [...values].sort((a, b) => b - a)) {
    let current = value;
    lower(value, reduction, (to) => {
      const accepted = reduction.attempt(substituted(reduction.best, current, to));
      if (accepted) current = to;
      return accepted;
    });
  }
}

function substituted(trace: Trace, from: number, to: number): Trace {
  const result = trace.slice();
  for (const position of numberPositions(trace)) if (trace[position] === from) result[position] = to;
  return result;
}

/** Sizes that are written for as long as a hundred operations take. */
const HEAVY_BYTES = 2 ** 17;

/** Halves large sizes while that is accepted: each run of the passes that follow takes a fraction of the time. */
export function lighten(reduction: Reduction): void {
  for (const sizeBytes of sizesFrom(HEAVY_BYTES, reduction.best)) {
    for (let from = sizeBytes; from >= HEAVY_BYTES; from = Math.floor(from / 2)) {
      if (!reduction.attempt(substituted(reduction.best, from, Math.floor(from / 2)))) break;
    }
  }
}

/** The sizes of `trace` that are at least `leastBytes`, the largest first. */
function sizesFrom(leastBytes: number, trace: Trace): number[] {
  const sizes = new Set(sizePositions(trace).map((position) => wordAt(trace, position)));
  return [...sizes].filter((sizeBytes) => sizeBytes >= leastBytes).sort((a, b) => b - a);
}

/** Smaller sizes are lowered one by one; what counts there is their remainder. */
const IN_STEP_FROM_BYTES = 1024;

/** Lowers a size and those above it, up to twice as large, by one amount: a block and what it is resized to. */
export function lowerInStep(reduction: Reduction): void {
  for (const sizeBytes of sizesFrom(IN_STEP_FROM_BYTES, reduction.best).reverse()) {
    let current = sizeBytes;
    if (!hasCompany(reduction.best, current)) continue;
    lower(sizeBytes, reduction, (to) => {
      const accepted = reduction.attempt(shifted(reduction.best, current, current - to));
      if (accepted) current = to;
      return accepted;
    });
  }
}

const isInStep = (sizeBytes: number, fromBytes: number): boolean =>
  sizeBytes >= fromBytes && sizeBytes <= 2 * fromBytes;

function hasCompany(trace: Trace, fromBytes: number): boolean {
  const sizes = sizePositions(trace).map((position) => wordAt(trace, position));
  return sizes.includes(fromBytes) && sizes.some((size) => size !== fromBytes && isInStep(size, fromBytes));
}

function shifted(trace: Trace, fromBytes: number, byBytes: number): Trace {
  const result = trace.slice();
  for (const position of sizePositions(trace)) {
    if (isInStep(wordAt(trace, position), fromBytes)) result[position] = wordAt(trace, position) - byBytes;
  }
  return result;
}

/** Lowers every operand by itself. */
export function lowerEach(reduction: Reduction): void {
  for (const position of numberPositions(reduction.best).reverse()) {
    lower(wordAt(reduction.best, position), reduction, (to) =>
      reduction.attempt(changed(reduction.best, position, to)),
    );
  }
}

function changed(trace: Trace, position: number, value: number): Trace {
  if (position >= trace.length) return trace;
  const result = trace.slice();
  result[position] = value;
  return result;
}

/**
 * Lowers `value` as far as `accepts` goes. At the end neither 0, 1, half, the value less one, nor the multiple of 8
 * or 16 before it is accepted; for small values no smaller one is.
 */
function lower(value: number, reduction: Reduction, accepts: (to: number) => boolean): void {
  if (value === 0 || accepts(0) || value === 1 || accepts(1)) return;
  if (value < EXHAUSTIVE_BELOW && reduction.count <= EXHAUSTIVE_UP_TO) return lowerByTrying(value, accepts);
  lowerStepwise(lowerByBisection(value, accepts), accepts);
}

function lowerByTrying(value: number, accepts: (to: number) => boolean): void {
  for (let to = 2; to < value; to++) if (accepts(to)) return;
}

/** The smallest border of a power of two that is accepted bounds the value from above; bisection goes on below it. */
function lowerByBisection(value: number, accepts: (to: number) => boolean): number {
  let refused = 1;
  const borders = POWER_BORDERS.filter((border) => border > 1 && border < value);
  const found = borders.find((border) => {
    const isAccepted = accepts(border);
    if (!isAccepted) refused = border;
    return isAccepted;
  });
  let accepted = found ?? value;
  while (accepted - refused > 1) {
    const middle = Math.floor((accepted + refused) / 2);
    if (accepts(middle)) accepted = middle;
    else refused = middle;
  }
  return accepted;
}

/** Steps that catch what bisection misses where failing is not monotonic. */
function lowerStepwise(value: number, accepts: (to: number) => boolean): void {
  let at = value;
  for (;;) {
    const next = [Math.floor(at / 2), previousMultiple(at, 16), previousMultiple(at, 8), at - 1].find(
      (to) => to < at && accepts(to),
    );
    if (next === undefined) return;
    at = next;
  }
}

function previousMultiple(value: number, of: number): number {
  return (Math.ceil(value / of) - 1) * of;
}
