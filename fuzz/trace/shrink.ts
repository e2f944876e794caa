/**
 * Makes a failing trace as small as it gets, without sliding to another bug.
 *
 * A candidate counts when it breaks the same law by the same kind of operation and is smaller: fewer operations, then
 * simpler kinds, then smaller numbers, then lower slots. Passes repeat until a whole round changes nothing; what
 * stands then is 1-minimal: no single operation can go, and no single number can be lowered by one. Where it is still long, small
 * traces drawn anew are tried in its place.
 */
import type { Violation } from '../violation.ts';
import { deletePairs, deleteSlots, deleteSubsets, deleteWindows } from './shrink-delete.ts';
import { mergeGrowths } from './shrink-growths.ts';
import { mergeAnyTwo, mergeBeginning, mergeNeighbours } from './shrink-merge.ts';
import { clampSizes, lighten, lowerEach, lowerInStep, lowerTogether } from './shrink-numbers.ts';
import { raiseSizes } from './shrink-raise.ts';
import { redraw, redrawHeavy } from './shrink-redraw.ts';
import { Reduction, type ShrinkOptions, type StillFails } from './shrink-reduction.ts';
import { foldChains, renameSlots, retargetAndDelete, simplifyKinds, splitReallocs } from './shrink-rewrite.ts';
import type { Trace } from './trace.ts';

export type { ShrinkOptions, StillFails } from './shrink-reduction.ts';

export interface Shrunk {
  readonly trace: Trace;
  readonly violation: Violation;
  /** True when the reduction ended by itself; false when its budget or its deadline ended it. */
  readonly minimal: boolean;
  /** How many traces were run. */
  readonly executions: number;
}

/** The passes of a round: those that remove most come first. */
const PASSES: readonly ((reduction: Reduction) => void)[] = [
  deleteWindows,
  deleteSlots,
  lighten,
  // One run, and read with pleasure even where the budget ends the rest: a hang takes as long as ten thousand operations.
  renameSlots,
  mergeGrowths,
  mergeBeginning,
  mergeNeighbours,
  renameSlots,
  redrawHeavy,
  clampSizes,
  deletePairs,
  foldChains,
  deleteSubsets,
  simplifyKinds,
  splitReallocs,
  retargetAndDelete,
  mergeAnyTwo,
  lowerTogether,
  lowerInStep,
  lowerEach,
  renameSlots,
];

/** Shrinks `trace`. `stillFails` must give the same answer for the same trace. Throws Error when `trace` breaks no law. */
export function shrink(trace: Trace, stillFails: StillFails, options: ShrinkOptions = {}): Shrunk {
  const violation = stillFails(trace);
  if (violation === undefined) {
    throw new Error('the trace to shrink breaks no law: shrink a trace that the judge has confirmed');
  }
  const reduction = new Reduction(trace, violation, stillFails, options);
  reduction.cutTail();
  let minimal: boolean;
  do {
    runRounds(reduction);
    minimal = !reduction.exhausted;
  } while (raiseSizes(reduction) || redraw(reduction));
  const { best, executions } = reduction;
  return { trace: best, violation: reduction.violation, minimal, executions };
}

function runRounds(reduction: Reduction): void {
  let before: Trace;
  do {
    before = reduction.best;
    for (const pass of PASSES) pass(reduction);
  } while (reduction.best !== before && !reduction.exhausted);
}
