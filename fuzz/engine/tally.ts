/** What a campaign has done in this run, as numbers. */
import { OUTCOMES_LENGTH } from '../model/shape.ts';
import type { Effort } from './jobs.ts';

export interface Tally {
  /** Traces drawn. */
  runs: number;
  /** Traces run, those included that confirmed, shrank or surveyed. */
  executions: number;
  operations: number;
  /** How operations ended, by `outcomeIndex`. */
  readonly outcomes: Float64Array;
  rounds: number;
  /** Corpus entries found in this run, and those that were there before. */
  found: number;
  imported: number;
  slowestMs: number;
  hangs: number;
  /** Milliseconds spent on this campaign in this run. */
  elapsedMs: number;
  /** `elapsedMs` and `runs` when the corpus last grew, and when a finding was last saved; undefined before the first. */
  lastNew?: { readonly elapsedMs: number; readonly runs: number };
  lastFinding?: { readonly elapsedMs: number; readonly runs: number };
}

export function newTally(): Tally {
  return {
    runs: 0,
    executions: 0,
    operations: 0,
    outcomes: new Float64Array(OUTCOMES_LENGTH),
    rounds: 0,
    found: 0,
    imported: 0,
    slowestMs: 0,
    hangs: 0,
    elapsedMs: 0,
  };
}

/** Adds what a job took. */
export function addEffort(tally: Tally, effort: Effort): void {
  tally.executions += effort.executions;
  tally.operations += effort.operations;
  effort.outcomes.forEach((count, index) => {
    tally.outcomes[index] = (tally.outcomes[index] ?? 0) + count;
  });
}
