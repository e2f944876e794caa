/** What a bench hands back to be printed: rows of timings, and the targets they have to meet. */
import { median, speedup, type Timing } from './interleave.ts';

/** One line of the table: the same work done by every peer. */
export interface Row {
  readonly work: string;
  readonly timings: readonly Timing[];
}

/** A claim about a row: how many times faster `fast` has to be than `slow`. */
export interface Target {
  readonly claim: string;
  readonly row: Row;
  readonly slow: string;
  readonly fast: string;
  readonly atLeast: number;
}

/** A figure that is no time, of every peer: lower is better. */
export interface Figure {
  readonly measure: string;
  readonly values: readonly { readonly name: string; readonly value: number }[];
  /** How many times the value of `peer` that of `name` may be. */
  readonly limit: { readonly name: string; readonly peer: string; readonly atMost: number };
}

/** A group of rows measured together. */
export interface BenchResult {
  readonly title: string;
  readonly rows: readonly Row[];
  readonly targets: readonly Target[];
  readonly figures?: readonly Figure[];
  /** Lines for what is neither a time nor held to a limit. */
  readonly notes?: readonly string[];
}

/** One entry of the table of benches. */
export interface Bench {
  /** One line for the list. */
  readonly about: string;
  run(): BenchResult[];
}

/** How many times faster the target's `fast` was in its row. */
export function measured(target: Target): number {
  return speedup(timingOf(target.row, target.slow), timingOf(target.row, target.fast));
}

/** True when a target or a limit was missed. */
export function isMissed({ targets, figures = [] }: BenchResult): boolean {
  return targets.some((target) => measured(target) < target.atLeast) || figures.some((figure) => !isWithin(figure));
}

/** The result as text: a table of nanoseconds, each with its ratio to the first peer, then every target with its verdict. */
export function format(result: BenchResult): string {
  const verdicts = [...result.targets.map(verdict), ...(result.figures ?? []).map(figureLine), ...(result.notes ?? [])];
  return [`## ${result.title}`, '', ...table(result.rows), '', ...verdicts, ''].join('\n');
}

function table(rows: readonly Row[]): string[] {
  if (rows.length === 0) return [];
  const names = rows[0]?.timings.map(({ name }) => name) ?? [];
  const lines = [['ns each (x first peer)', ...names], ...rows.map(cells)];
  const widths = lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0))) ?? [];
  return lines.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function cells(row: Row): string[] {
  const [first] = row.timings;
  if (first === undefined) return [row.work];
  const peers = row.timings.map(
    (timing) => `${median(timing.roundsNs).toFixed(1)} (${speedup(timing, first).toFixed(2)})`,
  );
  return [row.work, ...peers];
}

function verdict(target: Target): string {
  const ratio = measured(target);
  const word = ratio >= target.atLeast ? 'pass' : 'FAIL';
  return `${word}  ${target.claim}: ${ratio.toFixed(2)}x, at least ${target.atLeast}x wanted`;
}

function timingOf(row: Row, name: string): Timing {
  const timing = row.timings.find((candidate) => candidate.name === name);
  if (timing === undefined) throw new Error(`No peer "${name}" in the row "${row.work}"`);
  return timing;
}

function figureLine(figure: Figure): string {
  const { name, peer, atMost } = figure.limit;
  const values = figure.values.map((entry) => `${entry.name} ${entry.value.toFixed(3)}`).join(', ');
  const word = isWithin(figure) ? 'pass' : 'FAIL';
  const claim = `${name} is ${share(figure).toFixed(3)} of ${peer}, at most ${atMost} wanted`;
  return `${word}  ${figure.measure}: ${values}; ${claim}`;
}

const isWithin = (figure: Figure): boolean => share(figure) <= figure.limit.atMost;

const share = (figure: Figure): number => numberOf(figure, figure.limit.name) / numberOf(figure, figure.limit.peer);

const numberOf = ({ values }: Figure, name: string): number =>
  values.find((entry) => entry.name === name)?.value ?? Number.NaN;
