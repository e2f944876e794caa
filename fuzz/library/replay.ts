/** Runs one trace on a subject: what a regression test does with a finding. */
import { Examiner } from '../engine/examiner.ts';
import { Watch } from '../engine/watch.ts';
import { isLawId } from '../laws.ts';
import type { ModuleOptions } from '../subjects/wasm-module.ts';
import { targetOf } from '../targets.ts';
import { parseTrace } from '../trace/text.ts';
import type { Violation } from '../violation.ts';
import { type FuzzFinding, findingReport } from './finding-report.ts';
import { definitionOfFinding, type SubjectSource } from './subject-source.ts';

/**
 * Runs `trace`, the text of a trace file, once on a fresh instance of `subject`; the first law it breaks, undefined when
 * every law held. Laws that one run cannot break are looked for when the header names them, or names no law at all.
 * Throws TraceSyntaxError, and what `fuzzModule` throws for bytes.
 */
export function replay(trace: string, subject: SubjectSource, options: ModuleOptions = {}): FuzzFinding | undefined {
  const file = parseTrace(trace);
  const definition = definitionOfFinding(subject, file.header['subject'], options);
  const violation = new Examiner(targetOf(definition), new Watch()).examine(file.trace, lookingFor(file.header['law']));
  if (violation === undefined) return undefined;
  const origin = { seed: Number(file.header['seed'] ?? 0), round: 0, lane: 0, run: -1 };
  return findingReport({ trace: file.trace, violation, origin, minimal: false }, definition.name);
}

/** A violation of the law that the trace is about. */
function lookingFor(law: string | undefined): Violation | undefined {
  if (law === undefined || !isLawId(law)) return undefined;
  return { law, step: 1, kind: 'malloc', request: '', answer: '', allowed: '', relation: 'none' };
}
