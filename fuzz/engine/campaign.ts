/**
 * The campaign on one subject: rounds of lanes, and what is made of what they bring.
 *
 * A round is a fixed number of lanes; lane n of round r draws from a stream of its own that follows from seed, r and
 * n, and begins with the corpus as it stood when the round began. What the lanes bring is merged in their order, findings
 * at once and the rest when the round ends. So the traces, the findings and the corpus of a number of runs are the same
 * with any number of workers, and a campaign that was killed repeats the round it was in and goes on as if nothing had
 * happened. Time only says when to stop.
 */
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { operationCount, type Trace } from '../trace/trace.ts';
import { type CampaignState, readState, writeState } from './campaign-state.ts';
import type { CorpusEntry } from './corpus.ts';
import { nameOf, readTraces, type StoredTrace, saveTrace } from './corpus-store.ts';
import type { Crew, Done, TargetReference } from './crew.ts';
import { bucketOf, type Finding, hangViolation, type Origin } from './finding.ts';
import type { FindingStore, SavedFinding } from './finding-store.ts';
import { inTurn } from './in-turn.ts';
import type { Job, Kept, LaneJob, ResultOf, SurveyJob } from './jobs.ts';
import { addEffort, newTally, type Tally } from './tally.ts';

/** Enough that no core waits long for the last lane of a round; fixed, for it is part of what a seed means. */
export const LANES = 32;

/** Traces a lane draws: a round of quick traces takes a tenth of a second, one of slow traces hardly a second. */
export const LANE_RUNS = 64;

/** Traces a survey hands to a worker at a time. */
const SURVEY_TRACES = 32;

/** The state is saved this often at most; what is killed repeats no more than this and the round it was in. */
const SAVE_EVERY_MS = 500;

export interface CampaignOptions {
  readonly reference: TargetReference;
  readonly crew: Crew;
  /** Undefined: go on where the last run ended, or begin with a seed of chance. */
  readonly seed?: number;
  readonly maximumOperations: number;
  readonly timeoutSeconds: number;
  /** Holds `state.json`. */
  readonly stateDirectory: string;
  /** Written to. */
  readonly corpusDirectory: string;
  /** True when somebody named the corpus directory: then it is read even by a campaign that begins anew. */
  readonly corpusIsGiven: boolean;
  /** Only read, in this order; starters are among them. */
  readonly otherDirectories: readonly string[];
  readonly findings: FindingStore;
  /** Ends a round at the first lane that finds something. */
  readonly endOnFinding?: boolean;
  /** Told what happens. */
  readonly onEvent: (event: CampaignEvent) => void;
}

export type CampaignEvent =
  | { readonly type: 'inited' | 'pulse' }
  | { readonly type: 'new'; readonly kept: Kept }
  | { readonly type: 'finding'; readonly saved: SavedFinding }
  | { readonly type: 'warning'; readonly text: string };

export class Campaign {
  readonly name: string;
  readonly tally: Tally = newTally();
  readonly corpus: CorpusEntry[] = [];
  readonly #options: CampaignOptions;
  readonly #shapes = new Set<number>();
  readonly #names: string[] = [];
  /** Operations of the smallest trace known for each bucket. */
  readonly #known = new Map<string, number>();
  #begun = false;
  #seed = 0;
  #round = 0;
  #runsBefore = 0;
  #elapsedBeforeMs = 0;
  #corpusOperations = 0;
  #savedAtMs = 0;

  constructor(options: CampaignOptions) {
    this.name = options.reference.name;
    this.#options = options;
  }

  get seed(): number {
    return this.#seed;
  }

  /** Whether `begin` has done its work. */
  get begun(): boolean {
    return this.#begun;
  }

  /** Traces drawn with this seed, by runs that were cut short and that this one goes on with. */
  get runsBefore(): number {
    return this.#runsBefore;
  }

  /** Different shapes seen. */
  get shapeCount(): number {
    return this.#shapes.size;
  }

  /** Operations of all traces in the corpus. */
  get corpusOperations(): number {
    return this.#corpusOperations;
  }

  /** One finding a bucket. */
  get findings(): readonly SavedFinding[] {
    return this.#options.findings.all();
  }

  /** Reads what there is, runs all of it once, and replays the findings of earlier runs. */
  async begin(): Promise<void> {
    const began = performance.now();
    const state = readState(this.#statePath);
    const goesOn = this.#adopt(state);
    await this.#replayFindings();
    for (const directory of this.#options.otherDirectories) await this.#import(directory, [], false);
    if (goesOn || this.#options.corpusIsGiven) {
      await this.#import(this.#options.corpusDirectory, state?.corpus ?? [], true);
    }
    this.#begun = true;
    this.tally.elapsedMs += performance.now() - began;
    this.#options.onEvent({ type: 'inited' });
  }

  /** One round, of at most `runs` traces. */
  async round(runs: number): Promise<void> {
    const began = performance.now();
    const known = new Map(this.#known);
    const jobs = laneRuns(runs).map((each, lane) => this.#laneJob(lane, each, known));
    const kept: Kept[] = [];
    const last: Finding[] = [];
    const take = async ({ result }: Done<LaneJob>): Promise<boolean> => {
      this.tally.runs += result.runs;
      this.tally.slowestMs = Math.max(this.tally.slowestMs, result.slowestMs);
      kept.push(...result.kept);
      if (this.#options.endOnFinding === true) last.push(...result.findings);
      else await this.#pursue(result.findings);
      return last.length === 0;
    };
    await inTurn(jobs, this.#options.crew.size, (job) => this.#perform(job), take);
    await this.#pursue(last);
    this.#round++;
    this.tally.rounds++;
    for (const each of kept) this.#keep(each);
    this.tally.elapsedMs += performance.now() - began;
    this.#options.onEvent({ type: 'pulse' });
    if (performance.now() - this.#savedAtMs > SAVE_EVERY_MS) this.save(false);
  }

  /** Saves where the campaign stands. `ended` when it did all it was asked to. */
  save(ended: boolean): void {
    this.#savedAtMs = performance.now();
    writeState(this.#statePath, {
      seed: this.#seed,
      round: this.#round,
      runs: this.#runsBefore + this.tally.runs,
      elapsedMs: Math.round(this.#elapsedBeforeMs + this.tally.elapsedMs),
      corpus: this.#names,
      ended,
    });
  }

  get #statePath(): string {
    return join(this.#options.stateDirectory, 'state.json');
  }

  /** Takes over what `state` says, unless another seed was asked for, or one whose run came to its end. */
  #adopt(state: CampaignState | undefined): boolean {
    const wanted = this.#options.seed;
    const goesOn = state !== undefined && (wanted === undefined || (wanted === state.seed && !state.ended));
    if (!goesOn) {
      this.#seed = wanted ?? randomInt(2 ** 32);
      return wanted === undefined;
    }
    this.#seed = state.seed;
    this.#round = state.round;
    this.#elapsedBeforeMs = state.elapsedMs;
    if (wanted !== undefined) this.#runsBefore = state.runs;
    return true;
  }

  async #replayFindings(): Promise<void> {
    const { traces, broken } = this.#options.findings.earlier();
    this.#warn(broken);
    await this.#survey(traces.map(({ trace }) => trace));
  }

  /** Runs every trace of a directory once; what shows something new joins the corpus, in the order of `order`. */
  async #import(directory: string, order: readonly string[], own: boolean): Promise<void> {
    const { traces, broken } = readTraces(directory);
    this.#warn(broken);
    const sorted = inOrder(traces, order);
    const surveyed = await this.#survey(sorted.map(({ trace }) => trace));
    sorted.forEach(({ trace }, index) => {
      const shapes = surveyed[index]?.shapes ?? [];
      if (!this.#learn({ trace, shapes })) return;
      this.tally.imported++;
      if (own) this.#names.push(nameOf(trace));
    });
  }

  async #survey(traces: readonly Trace[]): Promise<ResultOf<SurveyJob>['surveyed']> {
    const jobs = chunks(traces, SURVEY_TRACES).map((part): SurveyJob => ({ type: 'survey', traces: part }));
    const done = await Promise.all(jobs.map((job) => this.#perform(job)));
    const surveyed = done.flatMap(({ result }) => result.surveyed);
    const findings = traces.flatMap((trace, index): Finding[] => {
      const violation = surveyed[index]?.violation;
      return violation === undefined ? [] : [{ trace, violation, origin: this.#noOrigin(), minimal: false }];
    });
    await this.#pursue(findings);
    return surveyed;
  }

  #laneJob(lane: number, runs: number, known: ReadonlyMap<string, number>): LaneJob {
    const { maximumOperations } = this.#options;
    return { type: 'lane', seed: this.#seed, round: this.#round, lane, runs, maximumOperations, known };
  }

  async #perform<SomeJob extends Job>(job: SomeJob): Promise<Done<SomeJob>> {
    const { crew, reference } = this.#options;
    const done = await crew.perform({ target: reference, corpus: this.corpus, job });
    addEffort(this.tally, done.effort);
    for (const trace of done.hangs) this.#reportHang(trace);
    return done;
  }

  #reportHang(trace: Trace): void {
    const violation = hangViolation(trace, this.#options.timeoutSeconds);
    this.tally.hangs++;
    this.#report(this.#options.findings.save({ trace, violation, origin: this.#noOrigin(), minimal: false }));
  }

  #keep(kept: Kept): void {
    if (!this.#learn(kept)) return;
    this.tally.found++;
    this.tally.lastNew = { elapsedMs: this.tally.elapsedMs, runs: this.tally.runs };
    this.#names.push(nameOf(kept.trace));
    const { seed, round, lane, run } = kept.origin;
    const header = { subject: this.name, seed: String(seed), origin: `${round}.${lane}.${run}` };
    saveTrace(this.#options.corpusDirectory, kept.trace, header);
    this.#options.onEvent({ type: 'new', kept });
  }

  /** Takes an entry into the corpus when it shows something new. */
  #learn({ trace, shapes }: CorpusEntry): boolean {
    const before = this.#shapes.size;
    for (const shape of shapes) this.#shapes.add(shape);
    if (this.#shapes.size === before) return false;
    this.corpus.push({ trace, shapes });
    this.#corpusOperations += operationCount(trace);
    return true;
  }

  /** Saves the smallest finding of each bucket at once, then shrinks it and saves what came of it. */
  async #pursue(findings: readonly Finding[]): Promise<void> {
    const news = smallestOfEachBucket(findings).filter((finding) => this.#isNews(finding));
    for (const finding of news) {
      this.#know(bucketOf(finding.violation), finding.trace);
      this.#options.findings.save(finding);
    }
    const shrunk = await Promise.all(news.map((finding) => this.#perform({ type: 'shrink', finding })));
    shrunk.forEach(({ result }, index) => {
      const former = news[index] ?? result.finding;
      this.#know(bucketOf(former.violation), result.finding.trace);
      this.#know(bucketOf(result.finding.violation), result.finding.trace);
      this.#report(this.#options.findings.replace(former, result.finding));
    });
  }

  #isNews(finding: Finding): boolean {
    const known = this.#known.get(bucketOf(finding.violation));
    return known === undefined || operationCount(finding.trace) < known;
  }

  #know(bucket: string, trace: Trace): void {
    this.#known.set(bucket, Math.min(this.#known.get(bucket) ?? Number.POSITIVE_INFINITY, operationCount(trace)));
  }

  #report(saved: SavedFinding | undefined): void {
    if (saved === undefined) return;
    this.tally.lastFinding = { elapsedMs: this.tally.elapsedMs, runs: this.tally.runs };
    this.#options.onEvent({ type: 'finding', saved });
  }

  #warn(lines: readonly string[]): void {
    for (const text of lines) this.#options.onEvent({ type: 'warning', text });
  }

  #noOrigin(): Origin {
    return { seed: this.#seed, round: this.#round, lane: 0, run: -1 };
  }
}

/** Runs for each lane of a round of at most `runs`: full lanes first. */
function laneRuns(runs: number): number[] {
  const lanes = Math.min(LANES, Math.ceil(runs / LANE_RUNS));
  return Array.from({ length: lanes }, (_, lane) => Math.min(LANE_RUNS, runs - lane * LANE_RUNS));
}

function chunks<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));
}

/** Those named in `order` first, as it names them; then the others as they come. */
function inOrder(traces: readonly StoredTrace[], order: readonly string[]): readonly StoredTrace[] {
  const rank = new Map(order.map((name, index) => [name, index]));
  const rankOf = (trace: StoredTrace): number => rank.get(trace.name) ?? order.length;
  return [...traces].sort((a, b) => rankOf(a) - rankOf(b));
}

/** The finding with the fewest operations of each bucket; the first among equals. */
function smallestOfEachBucket(findings: readonly Finding[]): Finding[] {
  const smallest = new Map<string, Finding>();
  for (const finding of findings) {
    const bucket = bucketOf(finding.violation);
    const known = smallest.get(bucket);
    if (known === undefined || finding.trace.length < known.trace.length) smallest.set(bucket, finding);
  }
  return [...smallest.values()];
}
