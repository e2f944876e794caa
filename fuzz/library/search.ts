/**
 * A campaign without disk, threads or clock: what it draws, keeps and finds follows from the seed alone.
 *
 * A round is one lane, so that every batch of traces builds on all that came before it.
 */
import type { CampaignTarget } from '../engine/campaign-target.ts';
import type { CorpusEntry } from '../engine/corpus.ts';
import { bucketOf, type Finding } from '../engine/finding.ts';
import type { Effort, Job, ResultOf } from '../engine/jobs.ts';
import { Station } from '../engine/station.ts';
import { Watch } from '../engine/watch.ts';
import { operationCount, type Trace } from '../trace/trace.ts';

/** Traces of a round: as many as a lane of `npm run fuzz` has. */
const ROUND_RUNS = 64;

export interface SearchOptions {
  readonly seed: number;
  /** Traces to draw. */
  readonly runs: number;
  readonly maximumOperations: number;
  /** Run first, before any is drawn. */
  readonly starters: readonly Trace[];
  readonly endOnFinding: boolean;
  /** True ends the search between two traces. */
  readonly stopped: () => boolean;
  /** True ends a reduction at its best so far. */
  readonly hurried: () => boolean;
}

/** Nobody else can ask this thread to stop while it works, so it asks by itself. */
class WatchWithEnd extends Watch {
  readonly #ends: Pick<SearchOptions, 'stopped' | 'hurried'>;

  constructor(ends: Pick<SearchOptions, 'stopped' | 'hurried'>) {
    super();
    this.#ends = ends;
  }

  override get stopped(): boolean {
    return this.#ends.stopped();
  }

  override get hurried(): boolean {
    return this.#ends.hurried();
  }
}

export class Search {
  readonly subject: string;
  /** Traces drawn. */
  runs = 0;
  /** Traces run, those included that confirmed, shrank or surveyed. */
  executions = 0;
  operations = 0;
  readonly #options: SearchOptions;
  readonly #station: Station;
  readonly #shapes = new Set<number>();
  /** Operations of the smallest trace known for each bucket. */
  readonly #known = new Map<string, number>();
  readonly #findings = new Map<string, Finding>();
  #corpusSize = 0;
  #round = 0;

  constructor(target: CampaignTarget, options: SearchOptions) {
    this.subject = target.name;
    this.#options = options;
    this.#station = new Station(target, new WatchWithEnd(options));
  }

  /** One finding a bucket, in the order in which buckets were met. */
  get findings(): readonly Finding[] {
    return [...this.#findings.values()];
  }

  /** Traces kept because they showed something new. */
  get corpusSize(): number {
    return this.#corpusSize;
  }

  /** Different shapes seen. */
  get shapeCount(): number {
    return this.#shapes.size;
  }

  run(): void {
    this.#survey();
    while (this.runs < this.#options.runs && !this.#ended()) this.#runRound();
  }

  #ended(): boolean {
    const { endOnFinding, stopped } = this.#options;
    return stopped() || (endOnFinding && this.#findings.size > 0);
  }

  #survey(): void {
    const { starters, seed } = this.#options;
    const { surveyed } = this.#perform({ type: 'survey', traces: starters });
    const origin = { seed, round: 0, lane: 0, run: -1 };
    const findings: Finding[] = [];
    for (const [index, { shapes, violation }] of surveyed.entries()) {
      const trace = starters[index] ?? new Uint32Array();
      if (violation === undefined) this.#learn({ trace, shapes });
      else findings.push({ trace, violation, origin, minimal: false });
    }
    this.#pursue(findings);
  }

  #runRound(): void {
    const { seed, runs, maximumOperations } = this.#options;
    const job = { seed, round: this.#round++, lane: 0, maximumOperations, known: this.#known };
    const lane = this.#perform({ type: 'lane', ...job, runs: Math.min(ROUND_RUNS, runs - this.runs) });
    this.runs += lane.runs;
    for (const kept of lane.kept) this.#learn(kept);
    this.#pursue(lane.findings);
  }

  #learn(entry: CorpusEntry): void {
    const before = this.#shapes.size;
    for (const shape of entry.shapes) this.#shapes.add(shape);
    if (this.#shapes.size === before) return;
    this.#corpusSize++;
    this.#station.learn([entry]);
  }

  #pursue(findings: readonly Finding[]): void {
    for (const finding of findings) {
      if (!this.#isNews(finding)) continue;
      this.#know(finding, finding.trace);
      const { finding: smallest } = this.#perform({ type: 'shrink', finding });
      this.#know(finding, smallest.trace);
      this.#know(smallest, smallest.trace);
      this.#save(smallest);
    }
  }

  #isNews({ violation, trace }: Finding): boolean {
    const known = this.#known.get(bucketOf(violation));
    return known === undefined || operationCount(trace) < known;
  }

  #know({ violation }: Finding, trace: Trace): void {
    const bucket = bucketOf(violation);
    this.#known.set(bucket, Math.min(this.#known.get(bucket) ?? Number.POSITIVE_INFINITY, operationCount(trace)));
  }

  #save(finding: Finding): void {
    const bucket = finding.flaky === undefined ? bucketOf(finding.violation) : `flaky ${finding.violation.law}`;
    const known = this.#findings.get(bucket);
    if (known === undefined || finding.trace.length < known.trace.length) this.#findings.set(bucket, finding);
  }

  #perform<SomeJob extends Job>(job: SomeJob): ResultOf<SomeJob> {
    const { result, effort } = this.#station.perform(job);
    this.#count(effort);
    return result as ResultOf<SomeJob>;
  }

  #count(effort: Effort): void {
    this.executions += effort.executions;
    this.operations += effort.operations;
  }
}
