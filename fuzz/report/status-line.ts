/**
 * One line of progress in libFuzzer's form, so that tools which read that form read ours:
 *
 *     #4096	NEW    cov: 201 ft: 201 corp: 31/12Kb lim: 1000 exec/s: 2048 rss: 61Mb L: 12/480 MS: 2 Splice-NudgeSize-
 *
 * cov and ft count shapes; sizes are those of packed traces, lengths are operations.
 */
import { STRIDE } from '../trace/trace.ts';
import { byteSize, rate } from './units.ts';

/** libFuzzer's events that we have. */
export type StatusEvent = 'INITED' | 'NEW' | 'REDUCE' | 'RELOAD' | 'pulse' | 'DONE';

/** What a line tells. */
export interface Progress {
  readonly executions: number;
  readonly shapes: number;
  readonly corpusSize: number;
  readonly corpusOperations: number;
  readonly maximumOperations: number;
  readonly elapsedMs: number;
  readonly residentBytes: number;
}

/** How an entry came about. */
export interface Novelty {
  readonly operations: number;
  readonly mutations: readonly string[];
}

const WORD_BYTES = 4;

/** The line, without a newline. */
export function statusLine(event: StatusEvent, progress: Progress, novelty?: Novelty): string {
  const size = byteSize(progress.corpusOperations * STRIDE * WORD_BYTES);
  const head = `#${progress.executions}\t${event.padEnd(6)} cov: ${progress.shapes} ft: ${progress.shapes}`;
  const corpus = `corp: ${progress.corpusSize}/${size} lim: ${progress.maximumOperations}`;
  const speed = `exec/s: ${rate(progress.executions, progress.elapsedMs)}`;
  const memory = `rss: ${Math.round(progress.residentBytes / 2 ** 20)}Mb`;
  const line = [head, corpus, speed, memory].join(' ');
  return novelty === undefined ? line : `${line} ${noveltyText(novelty, progress.maximumOperations)}`;
}

function noveltyText({ operations, mutations }: Novelty, maximumOperations: number): string {
  const names = mutations.length === 0 ? ['Generate'] : mutations;
  return `L: ${operations}/${maximumOperations} MS: ${names.length} ${names.map((name) => `${name}-`).join('')}`;
}
