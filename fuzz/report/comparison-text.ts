/** How a comparison of two allocators is printed. */
import type { Comparison, CountedDisagreement, Standing } from '../against/compare.ts';
import { formatTrace } from '../trace/text.ts';
import { table } from './table.ts';
import { grouped, rate } from './units.ts';

export function comparisonText({ promises, disagreements, standings, traces }: Comparison): string {
  const [left, right] = standings;
  const title = `${left.name} against ${right.name}, ${grouped(traces)} traces`;
  const apart = promises.map((line) => `  ${line}`);
  const differing = disagreements.flatMap(disagreementLines);
  return [
    title,
    '',
    ...section('promises that differ', apart),
    ...section('disagreements', differing),
    ...section('league', league(standings)),
  ]
    .join('\n')
    .trimEnd();
}

function section(title: string, lines: readonly string[]): string[] {
  return [title, ...(lines.length === 0 ? ['  none'] : lines), ''];
}

function disagreementLines({ kind, count, request, left, right, trace }: CountedDisagreement): string[] {
  const shown = formatTrace(trace)
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => `      ${line}`);
  return [`  ${kind} (${count} traces)`, `    ${request} gave ${left} and ${right}, after`, ...shown];
}

function league(standings: readonly Standing[]): string[] {
  const head = ['', 'footprint/peak', 'pages grown', 'refusals', 'operations/s'];
  const rows = standings.map((standing) => [
    standing.name,
    standing.footprintByPeak.toFixed(2),
    grouped(standing.grownPages),
    grouped(standing.refusals),
    grouped(rate(standing.operations, standing.elapsedMs)),
  ]);
  return table([head, ...rows]).map((line) => `  ${line}`);
}
