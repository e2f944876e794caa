/** What the main thread and a worker say to each other. */
import type { CorpusEntry } from './corpus.ts';
import type { TargetReference } from './crew.ts';
import type { Job } from './jobs.ts';
import type { Performance } from './station.ts';

/** Handed to a worker when it begins. */
export interface WorkerData {
  readonly buffer: SharedArrayBuffer;
}

/** Do this. `news` are the corpus entries this worker has not been told of. */
export interface WorkerRequest {
  readonly target: TargetReference;
  readonly news: readonly CorpusEntry[];
  readonly job: Job;
  readonly skipped: readonly number[];
}

/** Done, or why it could not be. */
export type WorkerReply = { readonly done: Performance } | { readonly failed: string };
