/** What is read over breakfast. */
import type { LawId } from '../laws.ts';
import { LAW_IDS } from '../laws.ts';
import { type Paint, plain } from './paint.ts';
import { table } from './table.ts';
import { duration, grouped, rate } from './units.ts';
import type { SubjectView } from './view.ts';

/** Why a run came to its end. */
export type Ending = 'budget' | 'interrupted' | 'finding';

/** The summary of a run, without a newline at its end. */
export function summary(
  views: readonly SubjectView[],
  elapsedMs: number,
  ending: Ending,
  paint: Paint = plain,
): string {
  const parts = [
    paint('bold', `${headline(views)} in ${duration(elapsedMs)}${ending === 'interrupted' ? ', interrupted' : ''}`),
    '',
    ...subjectTable(views),
    '',
    ...checksTable(views),
    ...neverReachedLines(views),
    ...findingLines(views, paint),
  ];
  return parts.join('\n');
}

function headline(views: readonly SubjectView[]): string {
  const findings = total(views, (view) => view.findings.length);
  const found = findings === 0 ? 'nothing found' : `${findings} finding${findings === 1 ? '' : 's'}`;
  const runs = grouped(total(views, (view) => view.runs));
  return `${found}: ${runs} traces, ${grouped(total(views, (view) => view.operations))} operations`;
}

function subjectTable(views: readonly SubjectView[]): string[] {
  const head = ['subject', 'time', 'traces', 'traces/s', 'operations', 'ops/s', 'corpus', 'new', 'shapes', 'findings'];
  const rows = views.map((view) => [
    view.subject,
    duration(view.elapsedMs),
    grouped(view.runs),
    grouped(rate(view.runs, view.elapsedMs)),
    grouped(view.operations),
    grouped(rate(view.operations, view.elapsedMs)),
    grouped(view.corpusSize),
    grouped(view.found),
    grouped(view.shapes),
    grouped(view.findings.length),
  ]);
  return table([head, ...rows]);
}

function checksTable(views: readonly SubjectView[]): string[] {
  const checked = LAW_IDS.map((law) => [law, total(views, (view) => view.checks[law] ?? 0)] as const);
  const findings = findingsByLaw(views);
  const rows = checked
    .filter(([law, checks]) => checks > 0 || findings.has(law))
    .map(([law, checks]) => [law, grouped(checks), String(findings.get(law) ?? 0)]);
  return rows.length === 0 ? [] : table([['law', 'checks', 'findings'], ...rows]);
}

/** How many findings there are of each law. */
export function findingsByLaw(views: readonly SubjectView[]): ReadonlyMap<LawId, number> {
  const counts = new Map<LawId, number>();
  for (const { finding } of views.flatMap((view) => view.findings)) {
    const { law } = finding.violation;
    counts.set(law, (counts.get(law) ?? 0) + 1);
  }
  return counts;
}

function neverReachedLines(views: readonly SubjectView[]): string[] {
  return views.flatMap(({ subject, neverReached }) =>
    neverReached.length === 0 ? [] : [`never reached on ${subject}: ${neverReached.join(', ')}`],
  );
}

function findingLines(views: readonly SubjectView[], paint: Paint): string[] {
  const paths = views.flatMap((view) => view.findings.map(({ path }) => `  ${path}`));
  return paths.length === 0 ? [] : ['', paint('red', 'findings'), ...paths];
}

function total(views: readonly SubjectView[], of: (view: SubjectView) => number): number {
  return views.reduce((sum, view) => sum + of(view), 0);
}
