/** `--exhaustive N`: every trace of up to N operations over a few sizes and slots, one of each that differ in name only. */
import { Examiner } from '../engine/examiner.ts';
import type { Finding } from '../engine/finding.ts';
import { FindingStore, type SavedFinding, sizeText } from '../engine/finding-store.ts';
import { shrinkFinding } from '../engine/shrink-finding.ts';
import { Watch } from '../engine/watch.ts';
import type { Options } from '../options.ts';
import { paintFor } from '../report/paint.ts';
import { duration, grouped } from '../report/units.ts';
import { violationBlock } from '../report/violation-block.ts';
import type { SubjectDefinition } from '../subjects/subject.ts';
import {
  argumentOf,
  defaultSubjects,
  type SubjectReference,
  type SubjectTarget,
  targetFor,
  wordsOf,
} from '../targets.ts';
import { defaultScope, exhaustiveTraces, type Scope } from '../trace/exhaust.ts';
import { UsageError } from '../usage-error.ts';
import type { Arguments } from './arguments.ts';
import { EXIT, type Surroundings, versionsOf } from './surroundings.ts';

/** Timers and signals get their turn after so many traces. */
const TRACES_A_TURN = 4096;

/** Runs every small trace on the subjects named, or on all that are allocators; returns the exit code. */
export async function exhaust(options: Options, { subjects }: Arguments, outside: Surroundings): Promise<number> {
  const references = subjects.length > 0 ? subjects : defaultSubjects().map((name) => ({ name }));
  let interrupted = false;
  const forget = outside.onInterrupt(() => {
    interrupted = true;
  });
  const results: Exhausted[] = [];
  for (const reference of references) {
    const target = targetFor(reference);
    if (target.definition === undefined && subjects.length === 0) continue;
    const job = { reference, target, definition: allocatorOf(target), stopped: () => interrupted };
    results.push(await exhaustOne(job, options, outside));
  }
  forget();
  const exitCode = exitCodeOf(results, interrupted);
  if (options.json) outside.out(`${JSON.stringify({ exhaustive: results, exitCode })}\n`);
  return exitCode;
}

interface Exhaustion {
  readonly reference: SubjectReference;
  readonly target: SubjectTarget;
  readonly definition: SubjectDefinition;
  readonly stopped: () => boolean;
}

interface Exhausted {
  readonly subject: string;
  readonly traces: number;
  readonly operations: number;
  readonly complete: boolean;
  readonly saved?: SavedFinding;
}

function allocatorOf({ name, definition }: SubjectTarget): SubjectDefinition {
  if (definition !== undefined) return definition;
  throw new UsageError(`--exhaustive: ${name} is no allocator, so there is nothing to vary`);
}

function exitCodeOf(results: readonly Exhausted[], interrupted: boolean): number {
  if (results.some(({ saved }) => saved !== undefined)) return EXIT.finding;
  return interrupted ? EXIT.interrupted : EXIT.clean;
}

async function exhaustOne(job: Exhaustion, options: Options, outside: Surroundings): Promise<Exhausted> {
  const { profile } = job.definition.create();
  const operations = options.exhaustive ?? 1;
  const scope = defaultScope(profile, operations);
  const examiner = new Examiner(job.target, new Watch());
  const began = performance.now();
  const { traces, finding } = await runAll(exhaustiveTraces(profile, operations, scope), examiner, job.stopped);
  const complete = finding === undefined && !job.stopped();
  const print = options.json ? outside.err : outside.out;
  const state = complete ? 'every law held' : finding === undefined ? 'interrupted' : 'a law broke';
  const count = `${complete ? 'all ' : ''}${grouped(traces)} traces of up to ${operations} operations`;
  print(`${job.target.name}: ${count} ${scopeText(scope)}: ${state}, ${duration(performance.now() - began)}\n`);
  const result = { subject: job.target.name, traces, operations, complete };
  if (finding === undefined) return result;
  const smallest = shrinkFinding(finding, { examiner, target: job.target, stop: job.stopped });
  return { ...result, ...report(smallest, job.reference, options, outside) };
}

function scopeText({ slots, sizes }: Scope): string {
  return `over ${slots} slots and sizes ${sizes.join(', ')}`;
}

/** Runs traces until one breaks a law. */
async function runAll(all: ReturnType<typeof exhaustiveTraces>, examiner: Examiner, stopped: () => boolean) {
  let traces = 0;
  for (const trace of all) {
    const violation = examiner.run(trace);
    traces++;
    if (violation !== undefined) {
      const origin = { seed: 0, round: 0, lane: 0, run: -1 };
      const finding: Finding = { trace: trace.slice(), violation, origin, minimal: false };
      return { traces, finding };
    }
    if (traces % TRACES_A_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
    if (stopped()) break;
  }
  return { traces, finding: undefined };
}

function report(finding: Finding, reference: SubjectReference, options: Options, outside: Surroundings) {
  const [subject, words] = [argumentOf(reference), wordsOf(reference)];
  const { command } = outside;
  const directory = options.artifactPrefix;
  const saved = new FindingStore({ directory, subject, words, command, versions: versionsOf(outside) }).save(finding);
  if (saved === undefined) return {};
  const { trace, violation, minimal } = finding;
  const file = `${saved.path} (${sizeText(trace, minimal)})`;
  const evidence = { subject, trace, file, replay: `${command} ${words} ${saved.path}` };
  const print = options.json ? outside.err : outside.out;
  print(`${violationBlock(violation, evidence, paintFor(outside.isTerminal, outside.environment))}\n\n`);
  return { saved };
}
