/**
 * One lane of a round: draws traces, keeps those that show something new, collects those that break a law.
 *
 * What a lane does follows from its job and from the corpus that it begins with, and from nothing else: neither the
 * clock nor the worker that happens to run it has a say. Only a request to stop ends it early.
 */
import { Random, streamSeed } from '../trace/random.ts';
import { isSteady } from '../trace/steady.ts';
import { operationCount, type Trace } from '../trace/trace.ts';
import type { Violation } from '../violation.ts';
import type { CampaignTarget } from './campaign-target.ts';
import type { Corpus } from './corpus.ts';
import type { Examiner } from './examiner.ts';
import { bucketOf, type Finding, type Origin } from './finding.ts';
import type { Kept, LaneJob, LaneResult } from './jobs.ts';
import type { Watch } from './watch.ts';

/** One trace in so many is made from nothing although there is a corpus. */
const FRESH_ONE_IN = 2;

/** One trace in so many that showed nothing new is run in a fresh instance all the same. */
const SECOND_LOOK_EVERY = 64;

/** Traces this short are repeated at once, and steady ones: a leak needs few operations and shows nothing new. */
const REPEATED_OPERATIONS = 6;

/** What a lane works with. */
export interface LaneTools {
  readonly target: CampaignTarget;
  readonly examiner: Examiner;
  readonly corpus: Corpus;
  readonly watch: Watch;
}

export class Lane {
  readonly #tools: LaneTools;
  readonly #job: LaneJob;
  readonly #random: Random;
  readonly #known: Map<string, number>;
  readonly #kept: Kept[] = [];
  readonly #findings = new Map<string, Finding>();
  #slowestMs = 0;
  #mutations: readonly string[] = [];

  constructor(tools: LaneTools, job: LaneJob) {
    this.#tools = tools;
    this.#job = job;
    this.#random = new Random(streamSeed(streamSeed(job.seed, job.round), job.lane));
    this.#known = new Map(job.known);
  }

  /** Runs the lane. The corpus is afterwards as it was. */
  run(): LaneResult {
    const { corpus, watch } = this.#tools;
    let run = 0;
    this.#tools.examiner.beginLane();
    while (run < this.#job.runs && !watch.stopped) this.#try(run++);
    corpus.forgetLane();
    const findings = [...this.#findings.values()];
    return { type: 'lane', runs: run, kept: this.#kept, findings, slowestMs: this.#slowestMs };
  }

  #try(run: number): void {
    const { examiner } = this.#tools;
    const { shapes } = examiner.judge;
    const trace = this.#draw();
    const shapesBefore = shapes.count;
    const began = performance.now();
    const violation = examiner.run(trace);
    this.#slowestMs = Math.max(this.#slowestMs, performance.now() - began);
    if (violation === undefined) return this.#lookAgain(trace, run, shapes.count > shapesBefore);
    shapes.rewind(shapesBefore);
    this.#collect(trace, violation, run);
  }

  #draw(): Trace {
    const { target, corpus } = this.#tools;
    const random = this.#random;
    const { maximumOperations } = this.#job;
    if (corpus.size === 0 || random.oneIn(FRESH_ONE_IN)) {
      this.#mutations = [];
      return target.generate(random, maximumOperations);
    }
    const mutant = target.mutate(random, corpus.pick(random), corpus.pickAny(random), maximumOperations);
    this.#mutations = target.lastMutations();
    return mutant;
  }

  #lookAgain(trace: Trace, run: number, novel: boolean): void {
    if (!novel && run % SECOND_LOOK_EVERY !== 0) return this.#lookForLeaks(trace, run);
    const { examiner, corpus } = this.#tools;
    const { violation, shapes, breaking = trace } = examiner.lookAgain(trace, examiner.judge.answers);
    if (violation !== undefined) return this.#collect(breaking, violation, run);
    if (!novel) return;
    this.#kept.push({ trace, shapes, origin: this.#originOf(run), mutations: this.#mutations });
    corpus.addForLane(trace);
  }

  #lookForLeaks(trace: Trace, run: number): void {
    if (operationCount(trace) > REPEATED_OPERATIONS && !isSteady(trace)) return;
    const { examiner } = this.#tools;
    const { shapes } = examiner.judge;
    const shapesBefore = shapes.count;
    const broken = examiner.repeat(trace);
    shapes.rewind(shapesBefore);
    if (broken !== undefined) this.#collect(broken.trace, broken.violation, run);
  }

  /** Makes sure of a violation, unless a trace as short is known for its bucket. */
  #collect(trace: Trace, violation: Violation, run: number): void {
    const bucket = bucketOf(violation);
    const known = this.#known.get(bucket);
    if (known !== undefined && known <= operationCount(trace)) return;
    this.#known.set(bucket, operationCount(trace));
    const flaky = this.#tools.examiner.differenceInFreshInstance(trace, violation);
    const finding = { trace, violation, origin: this.#originOf(run), minimal: false };
    this.#findings.set(bucket, flaky === undefined ? finding : { ...finding, flaky });
  }

  #originOf(run: number): Origin {
    const { seed, round, lane } = this.#job;
    return { seed, round, lane, run };
  }
}
