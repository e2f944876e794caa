/** The run as one JSON object on one line, for machines. */
import type { SavedFinding } from '../engine/finding-store.ts';
import { operationCount } from '../trace/trace.ts';
import type { Ending } from './summary.ts';
import { rate } from './units.ts';
import type { SubjectView } from './view.ts';

export interface JsonInput {
  readonly views: readonly SubjectView[];
  readonly elapsedMs: number;
  readonly ending: Ending;
  readonly exitCode: number;
  readonly version: string;
}

/** The object's text, without a newline. */
export function jsonReport({ views, elapsedMs, ending, exitCode, version }: JsonInput): string {
  return JSON.stringify({
    heaplaw: version,
    node: process.version,
    exitCode,
    ending,
    elapsedSeconds: elapsedMs / 1000,
    subjects: views.map(subjectObject),
    findings: views.flatMap((view) => view.findings.map((saved) => findingObject(view.subject, saved))),
  });
}

function subjectObject({ findings, elapsedMs, ...view }: SubjectView) {
  return {
    ...view,
    elapsedSeconds: elapsedMs / 1000,
    tracesPerSecond: rate(view.runs, elapsedMs),
    operationsPerSecond: rate(view.operations, elapsedMs),
    findings: findings.length,
  };
}

function findingObject(subject: string, { finding, path }: SavedFinding) {
  const { violation, trace, minimal, flaky, origin } = finding;
  return { subject, ...violation, operations: operationCount(trace), minimal, flaky: flaky ?? null, origin, path };
}
