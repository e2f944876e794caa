/** What a campaign asks of a worker, and what it gets back. All of it is plain data that a message can carry. */
import type { Trace } from '../trace/trace.ts';
import type { CorpusEntry } from './corpus.ts';
import type { SecondLook } from './examiner.ts';
import type { Finding, Origin } from './finding.ts';

/** Runs traces each by itself: what shapes do they show, which laws do they break? */
export interface SurveyJob {
  readonly type: 'survey';
  readonly traces: readonly Trace[];
}

/** One lane of a round: `runs` traces drawn from the lane's own stream. */
export interface LaneJob {
  readonly type: 'lane';
  readonly seed: number;
  readonly round: number;
  readonly lane: number;
  readonly runs: number;
  readonly maximumOperations: number;
  /** Operations of the smallest trace known for each bucket; longer ones are no news. */
  readonly known: ReadonlyMap<string, number>;
}

/** Makes a finding's trace as small as it gets. */
export interface ShrinkJob {
  readonly type: 'shrink';
  readonly finding: Finding;
}

export type Job = SurveyJob | LaneJob | ShrinkJob;

/** A trace that showed something new. */
export interface Kept extends CorpusEntry {
  readonly origin: Origin;
  /** The mutators that made it, in order; none when it was made from nothing. */
  readonly mutations: readonly string[];
}

/** What was done, whatever the job was. */
export interface Effort {
  readonly executions: number;
  readonly operations: number;
  /** How operations ended, by `outcomeIndex`. */
  readonly outcomes: Float64Array;
}

export interface SurveyResult {
  readonly type: 'survey';
  readonly surveyed: readonly SecondLook[];
}

export interface LaneResult {
  readonly type: 'lane';
  /** Traces run; fewer than asked for when the worker was stopped. */
  readonly runs: number;
  readonly kept: readonly Kept[];
  readonly findings: readonly Finding[];
  /** The longest a trace took. */
  readonly slowestMs: number;
}

export interface ShrinkResult {
  readonly type: 'shrink';
  readonly finding: Finding;
}

/** What a job brought. Its type is that of the job. */
export type Result = SurveyResult | LaneResult | ShrinkResult;

/** A result by the job that asked for it. */
export type ResultOf<SomeJob extends Job> = Extract<Result, { readonly type: SomeJob['type'] }>;
