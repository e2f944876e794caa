/** One worker's place at one target: the instance it runs traces on, the corpus it knows, and the jobs it does. */
import type { CampaignTarget } from './campaign-target.ts';
import { Corpus, type CorpusEntry } from './corpus.ts';
import { Examiner } from './examiner.ts';
import type { Finding } from './finding.ts';
import type { Effort, Job, Result } from './jobs.ts';
import { Lane } from './lane.ts';
import { shrinkFinding } from './shrink-finding.ts';
import type { Watch } from './watch.ts';

export interface Performance {
  readonly result: Result;
  readonly effort: Effort;
}

export class Station {
  readonly #target: CampaignTarget;
  readonly #watch: Watch;
  readonly #corpus = new Corpus();
  readonly #examiner: Examiner;

  constructor(target: CampaignTarget, watch: Watch) {
    this.#target = target;
    this.#watch = watch;
    this.#examiner = new Examiner(target, watch);
  }

  /** Takes entries into the corpus that its lanes begin with. */
  learn(entries: readonly CorpusEntry[]): void {
    this.#corpus.learn(entries);
    const { shapes } = this.#examiner.judge;
    for (const entry of entries) for (const shape of entry.shapes) shapes.add(shape);
  }

  /** Does a job and leaves no trace of it here; executions numbered in `skipped` are left out, for they did not end when it was tried before. */
  perform(job: Job, skipped: readonly number[] = []): Performance {
    this.#watch.begin(skipped);
    const { judge } = this.#examiner;
    const operationsBefore = judge.operations;
    const outcomesBefore = judge.shapes.outcomes.slice();
    const shapesBefore = judge.shapes.count;
    const result = this.#do(job);
    judge.shapes.rewind(shapesBefore);
    const effort: Effort = {
      executions: this.#watch.executions,
      operations: judge.operations - operationsBefore,
      outcomes: judge.shapes.outcomes.map((count, index) => count - (outcomesBefore[index] ?? 0)),
    };
    return { result, effort };
  }

  #do(job: Job): Result {
    switch (job.type) {
      case 'survey':
        return { type: 'survey', surveyed: job.traces.map((trace) => this.#examiner.survey(trace)) };
      case 'lane':
        return this.#runLane(job);
      case 'shrink':
        return { type: 'shrink', finding: this.#shrink(job.finding) };
    }
  }

  #runLane(job: Extract<Job, { type: 'lane' }>): Result {
    const tools = { target: this.#target, examiner: this.#examiner, corpus: this.#corpus, watch: this.#watch };
    return new Lane(tools, job).run();
  }

  #shrink(finding: Finding): Finding {
    const stop = () => this.#watch.hurried;
    return shrinkFinding(finding, { examiner: this.#examiner, target: this.#target, stop });
  }
}
