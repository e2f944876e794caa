/**
 * The workers of a campaign. A crew does jobs for any number of targets; which worker does which job is of no
 * consequence for what comes out.
 */

import type { Trace } from '../trace/trace.ts';
import type { CorpusEntry } from './corpus.ts';
import type { Job, ResultOf } from './jobs.ts';
import type { Performance } from './station.ts';
import type { Stop } from './watch.ts';

/** Names a target in a way that a worker can make it from; plain data. */
export interface TargetReference {
  readonly name: string;
}

/** A job with all that a worker needs to do it. */
export interface Assignment<SomeJob extends Job = Job> {
  readonly target: TargetReference;
  /** The whole corpus the job begins with; it only ever grows at the end. */
  readonly corpus: readonly CorpusEntry[];
  readonly job: SomeJob;
}

/** A job done, with the traces that had to be cut short because they did not end. */
export interface Done<SomeJob extends Job = Job> {
  readonly result: ResultOf<SomeJob>;
  readonly effort: Performance['effort'];
  readonly hangs: readonly Trace[];
}

export interface Crew {
  /** How many jobs are done at the same time. */
  readonly size: number;
  /** Does a job when a worker is free. */
  perform<SomeJob extends Job>(assignment: Assignment<SomeJob>): Promise<Done<SomeJob>>;
  /** Asks every worker to end its job early, from now on or no longer. */
  stop(what: Stop): void;
  /** Ends the workers. */
  close(): Promise<void>;
}
