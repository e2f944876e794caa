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
import { defaultSubjects, type SubjectReference, type SubjectTarget, targetFor } from '../targets.ts';
import { defaultScope, exhaustiveTraces } from '../trace/exhaust.ts';
import type { Trace } from '../trace/trace.ts';
import { UsageError } from '../usage-error.ts';
import type { Violation } from '../violation.ts';
import type { Arguments } from './arguments.ts';
import { EXIT, type Surroundings, versionsOf } from './surroundings.ts';

/** Timers and signals get their turn after so many traces. */
const TRACES_A_TURN = 4096;

/** Runs every small trace on the subjects named, or on all; returns the exit code. */
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
    results.push(await exhaustOne(reference, target, options, outside, () => interrupted));
  }
  forget();
  const exitCode = results.some(({ saved }) => saved !== undefined)
    ? EXIT.finding
    : interrupted
      ? EXIT.interrupted
      : EXIT.clean;
  if (options.json) outside.out(`${JSON.stringify({ exhaustive: results, exitCode })}\n`);
  return exitCode;
}

interface Exhausted {
  readonly subject: string;
  readonly traces: number;
  readonly operations: number;
  readonly complete: boolean;
  readonly saved?: SavedFinding;
}

async function exhaustOne(
  reference: SubjectReference,
  target: SubjectTarget,
  options: Options,
  outside: Surroundings,
  stopped: () => boolean,
): Promise<Exhausted> {
  if (target.definition === undefined)
    throw new UsageError(`${target.name} is no allocator: --exhaustive has nothing to vary`);
  const { profile } = target.definition.create();
  const length = options.exhaustive ?? 1;
  const scope = defaultScope(profile, length);
  const examiner = new Examiner(target, new Watch());
  const began = performance.now();
  let traces = 0;
  let found: { trace: Trace; violation: Violation } | undefined;
  for (const trace of exhaustiveTraces(profile, length, scope)) {
    const violation = examiner.run(trace);
    traces++;
    if (violation !== undefined) found = { trace: trace.slice(), violation };
    if (found !== undefined) break;
    if (traces % TRACES_A_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
    if (stopped()) break;
  }
  const complete = found === undefined && !stopped();
  const print = options.json ? outside.err : outside.out;
  const sizes = scope.sizes.join(', ');
  const state = complete ? 'every law held' : found === undefined ? 'interrupted' : 'a law broke';
  print(
    `${target.name}: ${complete ? 'all ' : ''}${grouped(traces)} traces of up to ${length} operations over ${scope.slots} slots ` +
      `and sizes ${sizes}: ${state}, ${duration(performance.now() - began)}\n`,
  );
  const result = { subject: target.name, traces, operations: length, complete };
  if (found === undefined) return result;
  const origin = { seed: 0, round: 0, lane: 0, run: -1 };
  const finding = shrinkFinding(
    { ...found, origin, minimal: false },
    { examiner, landmarkSizes: target.landmarkSizes, stop: stopped },
  );
  return { ...result, ...report(finding, reference, options, outside) };
}

function report(finding: Finding, reference: SubjectReference, options: Options, outside: Surroundings) {
  const subject = reference.path ?? reference.name;
  const { command } = outside;
  const directory = options.artifactPrefix;
  const saved = new FindingStore({ directory, subject, command, versions: versionsOf(outside) }).save(finding);
  if (saved === undefined) return {};
  const { trace, violation, minimal } = finding;
  const file = `${saved.path} (${sizeText(trace, minimal)})`;
  const evidence = { subject, trace, file, replay: `${command} ${subject} ${saved.path}` };
  const print = options.json ? outside.err : outside.out;
  print(`${violationBlock(violation, evidence, paintFor(outside.isTerminal, outside.environment))}\n\n`);
  return { saved };
}
