/** Tells people and machines how a run goes: findings as they come, a panel or now and then a line, files of figures. */
import type { Campaign, CampaignEvent } from '../engine/campaign.ts';
import { type SavedFinding, sizeText } from '../engine/finding-store.ts';
import type { Options } from '../options.ts';
import { type Paint, paintFor } from '../report/paint.ts';
import { Panel, panelLines } from '../report/panel.ts';
import { type Novelty, type Progress, type StatusEvent, statusLine } from '../report/status-line.ts';
import { type SubjectView, viewOf } from '../report/view.ts';
import { violationBlock } from '../report/violation-block.ts';
import type { OperationKind } from '../trace/operation.ts';
import { operationCount } from '../trace/trace.ts';
import type { FiguresWriter } from './figures-writer.ts';
import type { Surroundings } from './surroundings.ts';

/** A panel is drawn this often, and a line is printed this often at most. */
const PANEL_EVERY_MS = 200;
const LINE_EVERY_MS = 1000;

/** A line without news: after 2, 4, 8 ... seconds, and then every minute, as libFuzzer's pulse grows rarer. */
const LONGEST_SILENCE_MS = 60_000;

/** A campaign with what is known of its subject. */
export interface Reported {
  readonly campaign: Campaign;
  readonly kinds: readonly OperationKind[];
  readonly figures: FiguresWriter;
  /** As the command line takes it. */
  readonly argument: string;
  /** The same with the flags that were given. */
  readonly words: string;
}

export class Reporter {
  readonly paint: Paint;
  readonly #surroundings: Surroundings;
  readonly #options: Options;
  readonly #workers: number;
  readonly #panel: Panel | undefined;
  readonly #began = performance.now();
  readonly #all: Reported[] = [];
  #novelty: Novelty | undefined;
  #drawnAtMs = Number.NEGATIVE_INFINITY;
  #silenceMs = 2000;

  constructor(surroundings: Surroundings, options: Options, workers: number) {
    this.#surroundings = surroundings;
    this.#options = options;
    this.#workers = workers;
    this.paint = paintFor(surroundings.isTerminal, surroundings.environment);
    this.#panel = surroundings.isTerminal ? new Panel(surroundings.err) : undefined;
  }

  get elapsedMs(): number {
    return performance.now() - this.#began;
  }

  /** Every campaign that has begun, as it stands. */
  get views(): SubjectView[] {
    return this.#begun().map(({ campaign, kinds }) => viewOf(campaign, kinds));
  }

  add(reported: Reported): void {
    this.#all.push(reported);
  }

  /** Takes note of an event of the campaign on `name`. */
  tell(name: string, event: CampaignEvent): void {
    const reported = this.#all.find(({ campaign }) => campaign.name === name);
    if (reported === undefined) throw new Error(`a campaign on ${name} was not announced`);
    switch (event.type) {
      case 'warning':
        return this.#lasting(() => this.#surroundings.err(`warning: ${event.text}\n`));
      case 'inited':
        return this.#inited(reported);
      case 'new':
        this.#novelty = { operations: operationCount(event.kept.trace), mutations: event.kept.mutations };
        return;
      case 'finding':
        return this.#lasting(() => this.#printFinding(event.saved, reported));
      case 'pulse':
        return this.#pulse(reported);
    }
  }

  /** The run is over: nothing more is drawn. */
  end(): void {
    this.#panel?.clear();
    for (const reported of this.#begun()) {
      if (this.#panel === undefined) this.#line('DONE', reported);
      reported.figures.write(viewOf(reported.campaign, reported.kinds));
    }
  }

  #begun(): Reported[] {
    return this.#all.filter(({ campaign }) => campaign.begun);
  }

  #inited(reported: Reported): void {
    if (this.#panel !== undefined) return;
    const { campaign } = reported;
    this.#surroundings.err(`INFO: ${campaign.name}: Seed: ${campaign.seed}, ${this.#workers} workers\n`);
    this.#line('INITED', reported);
  }

  #pulse(reported: Reported): void {
    const view = viewOf(reported.campaign, reported.kinds);
    reported.figures.writeNowAndThen(view);
    const silentMs = performance.now() - this.#drawnAtMs;
    if (this.#panel !== undefined) {
      if (silentMs >= PANEL_EVERY_MS) this.#draw(this.#panel, view);
    } else if (this.#novelty !== undefined && silentMs >= LINE_EVERY_MS) {
      this.#line('NEW', reported, this.#novelty);
    } else if (silentMs >= this.#silenceMs) {
      this.#silenceMs = Math.min(this.#silenceMs * 2, LONGEST_SILENCE_MS);
      this.#line('pulse', reported);
    }
  }

  #draw(panel: Panel, current: SubjectView): void {
    this.#drawnAtMs = performance.now();
    const { maxTotalTime } = this.#options;
    const leftMs = maxTotalTime === undefined ? undefined : maxTotalTime * 1000 - this.elapsedMs;
    const view = { elapsedMs: this.elapsedMs, leftMs, subjects: this.views, current, workers: this.#workers };
    panel.draw(panelLines(view, this.paint));
  }

  #line(event: StatusEvent, { campaign }: Reported, novelty?: Novelty): void {
    this.#drawnAtMs = performance.now();
    this.#novelty = undefined;
    const progress: Progress = {
      executions: campaign.tally.executions,
      shapes: campaign.shapeCount,
      corpusSize: campaign.corpus.length,
      corpusOperations: campaign.corpusOperations,
      maximumOperations: this.#options.maxOps,
      elapsedMs: campaign.tally.elapsedMs,
      residentBytes: process.memoryUsage.rss(),
    };
    this.#surroundings.err(`${statusLine(event, progress, novelty)}\n`);
  }

  #printFinding({ finding, path }: SavedFinding, { argument, words }: Reported): void {
    const evidence = {
      subject: argument,
      trace: finding.trace,
      file: `${path} (${sizeText(finding.trace, finding.minimal)})`,
      replay: `${this.#surroundings.command} ${words} ${path}`,
      ...(finding.flaky === undefined ? {} : { flaky: finding.flaky }),
    };
    const print = this.#options.json ? this.#surroundings.err : this.#surroundings.out;
    print(`${violationBlock(finding.violation, evidence, this.paint)}\n\n`);
  }

  #lasting(print: () => void): void {
    this.#panel?.clear();
    print();
  }
}
