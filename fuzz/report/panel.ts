/** The live panel of a terminal: drawn anew in place, a few times a second. */
import type { Paint } from './paint.ts';
import { findingsByLaw } from './summary.ts';
import { table } from './table.ts';
import { duration, grouped, rate } from './units.ts';
import type { SubjectView } from './view.ts';

export interface PanelView {
  readonly elapsedMs: number;
  /** Milliseconds until the budget is used up; undefined is without end. */
  readonly leftMs: number | undefined;
  readonly subjects: readonly SubjectView[];
  /** The subject that is worked on. */
  readonly current: SubjectView;
  readonly workers: number;
}

/** The panel's lines. */
export function panelLines(view: PanelView, paint: Paint): string[] {
  const { current } = view;
  const left = view.leftMs === undefined ? 'until Ctrl-C' : `${duration(Math.max(0, view.leftMs))} left`;
  const speed = (events: number): string => grouped(rate(events, current.elapsedMs));
  const rows = [
    ['traces', grouped(current.runs), `${speed(current.runs)}/s`],
    ['operations', grouped(current.operations), `${speed(current.operations)}/s`],
    ['corpus', grouped(current.corpusSize), `${grouped(current.found)} new`],
    ['shapes', grouped(current.shapes), `last new ${agoText(current.sinceNewMs)}`],
  ];
  return [
    `${paint('bold', 'heaplaw')} ${paint('cyan', current.subject)}  ${duration(view.elapsedMs)}, ${left}, ${view.workers} workers, seed ${current.seed}`,
    ...table(rows).map((line) => `  ${line}`),
    `  ${findingsLine(view.subjects, paint)}`,
    ...checkLines(current).map((line) => paint('dim', `  ${line}`)),
  ];
}

function findingsLine(subjects: readonly SubjectView[], paint: Paint): string {
  const byLaw = [...findingsByLaw(subjects)].map(([law, count]) => `${law} ${count}`);
  if (byLaw.length === 0) return paint('green', 'nothing found');
  const last = Math.min(...subjects.flatMap(({ sinceFindingMs }) => sinceFindingMs ?? []));
  return paint('red', `findings: ${byLaw.join(', ')}; last ${agoText(last)}`);
}

function checkLines(current: SubjectView): string[] {
  return table(Object.entries(current.checks).map(([law, checks]) => [law, grouped(checks)]));
}

function agoText(ms: number | undefined): string {
  return ms === undefined ? 'never' : `${duration(ms)} ago`;
}

/** Draws a panel over the one before. */
export class Panel {
  readonly #write: (text: string) => void;
  #lines = 0;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  draw(lines: readonly string[]): void {
    this.#write(`${this.#home()}${lines.map((line) => `${line}\n`).join('')}`);
    this.#lines = lines.length;
  }

  /** Takes the panel away, so that something lasting can be printed where it stood. */
  clear(): void {
    if (this.#lines > 0) this.#write(this.#home());
    this.#lines = 0;
  }

  /** Cursor to the panel's first line, everything below erased (ECMA-48: CUU, ED). */
  #home(): string {
    return this.#lines === 0 ? '' : `\u001b[${this.#lines}A\u001b[0J`;
  }
}
