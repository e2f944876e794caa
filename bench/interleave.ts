/**
 * Times peers side by side: A B C, B C A, C A B, ... in one process.
 *
 * A shared machine swings by a factor of two between runs, but hardly within a round. So every round runs every
 * variant for a short slice, the order rotates, and what is claimed is the median of the per-round ratios; times are
 * given for orientation only.
 */

/** One way of doing the work. It does it `times` times and returns something that depends on every time. */
export interface Variant {
  readonly name: string;
  run(times: number): number;
}

/** What a variant took, in the order the variants were given. */
export interface Timing {
  readonly name: string;
  /** Nanoseconds of one time, one number a round. */
  readonly roundsNs: readonly number[];
}

/** Odd, so that the median is one that was measured. */
const ROUNDS = 51;

/** Long enough for a clock of nanoseconds, and shorter than what a busy machine lets run at a time. */
const SLICE_MS = 1;

/** Slices before the first that counts: V8 has compiled the loop, and thrown away a first guess, by then. */
const WARM_UP_SLICES = 40;

/** Everything measured flows in here, so that no loop can be optimised away. */
export let sink = 0;

/** Times every variant in every round. Each must be a function of its own, for V8 shares feedback by source position. */
export function interleave(variants: readonly Variant[], rounds: number = ROUNDS): Timing[] {
  const timesASlice = variants.map(warmUp);
  const timings = variants.map(({ name }) => ({ name, roundsNs: [] as number[] }));
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < variants.length; turn += 1) {
      const index = (round + turn) % variants.length;
      timings[index]?.roundsNs.push(nanosecondsEach(variants[index], timesASlice[index]));
    }
  }
  return timings;
}

/** The median of a list that is not empty. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

/** How many times faster `fast` is than `slow`: the median of the rounds' ratios. */
export function speedup(slow: Timing, fast: Timing): number {
  return median(slow.roundsNs.map((slowNs, round) => slowNs / (fast.roundsNs[round] ?? Number.NaN)));
}

/** Runs until compiled; returns the times that fill a slice. */
function warmUp(variant: Variant): number {
  let times = 1000;
  for (let slice = 0; slice < WARM_UP_SLICES; slice += 1) {
    const ns = nanosecondsEach(variant, times);
    times = Math.max(1, Math.round((SLICE_MS * 1e6) / ns));
  }
  return times;
}

function nanosecondsEach(variant: Variant | undefined, times: number | undefined): number {
  if (variant === undefined || times === undefined) throw new Error('No such variant');
  const begin = process.hrtime.bigint();
  sink ^= variant.run(times);
  return Math.max(1, Number(process.hrtime.bigint() - begin)) / times;
}
