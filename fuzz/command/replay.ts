/** `npm run fuzz TRACE...`: runs each trace exactly once and gives a step-by-step account. */
import { readTrace, type StoredTrace } from '../engine/corpus-store.ts';
import { Examiner } from '../engine/examiner.ts';
import { sizeText } from '../engine/finding-store.ts';
import { Watch } from '../engine/watch.ts';
import { isLawId, LAWS } from '../laws.ts';
import type { Options } from '../options.ts';
import { account, CallLog, noting } from '../report/account.ts';
import { paintFor } from '../report/paint.ts';
import { violationBlock } from '../report/violation-block.ts';
import { memoryBytesOf } from '../subjects/subject.ts';
import {
  argumentOf,
  LockstepJudge,
  type SubjectReference,
  type SubjectTarget,
  targetFor,
  wordsOf,
} from '../targets.ts';
import { formatOperation } from '../trace/text.ts';
import { operationCount, operationsOf, type Trace } from '../trace/trace.ts';
import { UsageError } from '../usage-error.ts';
import type { Violation } from '../violation.ts';
import { type Arguments, referenceFor } from './arguments.ts';
import { EXIT, type Surroundings } from './surroundings.ts';

/** Replays traces; returns the exit code. */
export function replay(options: Options, { subjects, traces }: Arguments, outside: Surroundings): number {
  const replayed = traces.map((path) => {
    const stored = readTrace(path);
    const reference = subjects[0] ?? referenceIn(stored, options);
    return { stored, reference, ...replayOne(stored, targetFor(reference)) };
  });
  for (const each of replayed) report(each, options, outside);
  if (options.json)
    outside.out(`${JSON.stringify({ replayed: replayed.map(jsonOf), exitCode: exitCodeOf(replayed) })}\n`);
  return exitCodeOf(replayed);
}

interface Replayed {
  readonly stored: StoredTrace;
  readonly reference: SubjectReference;
  readonly lines: readonly string[];
  readonly violation: Violation | undefined;
}

/** The subject that the header names. */
export function referenceIn({ path, header }: StoredTrace, options: Options): SubjectReference {
  const name = header['subject'];
  const reference = name === undefined ? undefined : referenceFor(name, options.module);
  if (reference !== undefined) return reference;
  const found = name === undefined ? 'names no subject' : `names the subject "${name}", which there is not`;
  throw new UsageError(`${path}: the header ${found}; say which: SUBJECT ${path}`);
}

function replayOne({ header, trace }: StoredTrace, target: SubjectTarget): Pick<Replayed, 'lines' | 'violation'> {
  const violation = new Examiner(target, new Watch()).examine(trace, lookingFor(header['law']));
  return { violation, lines: stepsOf(trace, target, violation?.step ?? operationCount(trace)) };
}

/** A violation of the law that the file is about: some laws need a second look to be seen broken. */
function lookingFor(law: string | undefined): Violation | undefined {
  if (law === undefined || !isLawId(law)) return undefined;
  const nothing = { request: '', answer: '', allowed: '' };
  return { law, step: 1, kind: 'malloc', relation: 'none', ...nothing };
}

/** The account; without answers for what is no allocator. */
function stepsOf(trace: Trace, { definition }: SubjectTarget, lastStep: number): string[] {
  if (definition === undefined) {
    return operationsOf(trace)
      .slice(0, lastStep)
      .map((operation, index) => `${index + 1}  ${formatOperation(operation)}`);
  }
  const subject = definition.create();
  const log = new CallLog(() => memoryBytesOf(subject));
  new LockstepJudge(noting(subject, log)).run(trace);
  return account(trace, log.calls, lastStep);
}

function report({ stored, reference, lines, violation }: Replayed, options: Options, outside: Surroundings): void {
  const print = options.json ? outside.err : outside.out;
  const paint = paintFor(outside.isTerminal, outside.environment);
  const argument = argumentOf(reference);
  print(`${paint('bold', stored.path)} on ${argument}\n${lines.map((line) => `  ${line}\n`).join('')}`);
  if (violation === undefined) return print(`${paint('green', 'every law held')}\n\n`);
  const evidence = {
    subject: argument,
    trace: stored.trace,
    file: `${stored.path} (${sizeText(stored.trace, false)})`,
    replay: `${outside.command} ${wordsOf(reference)} ${stored.path}`,
  };
  print(`${violationBlock(violation, evidence, paint)}\n  law       ${LAWS[violation.law]}\n\n`);
}

function jsonOf({ stored, reference, violation }: Replayed) {
  return { path: stored.path, subject: argumentOf(reference), violation: violation ?? null };
}

function exitCodeOf(replayed: readonly Replayed[]): number {
  const violations = replayed.flatMap(({ violation }) => violation ?? []);
  if (violations.some(({ law }) => law === 'operations-end')) return EXIT.hang;
  return violations.length > 0 ? EXIT.finding : EXIT.clean;
}
