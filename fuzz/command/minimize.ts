/** `--minimize FILE`: makes a failing trace as small as it gets and writes it beside itself, as `FILE.min`. */
import { writeAtomically } from '../engine/atomic-file.ts';
import { readTrace, type StoredTrace } from '../engine/corpus-store.ts';
import { Examiner } from '../engine/examiner.ts';
import type { Finding } from '../engine/finding.ts';
import { sizeText } from '../engine/finding-store.ts';
import { shrinkFinding } from '../engine/shrink-finding.ts';
import { Watch } from '../engine/watch.ts';
import type { Options } from '../options.ts';
import { paintFor } from '../report/paint.ts';
import { violationBlock } from '../report/violation-block.ts';
import { argumentOf, targetFor, wordsOf } from '../targets.ts';
import { formatTrace } from '../trace/text.ts';
import { UsageError } from '../usage-error.ts';
import type { Arguments } from './arguments.ts';
import { referenceIn } from './replay.ts';
import { EXIT, type Surroundings, versionsOf } from './surroundings.ts';

/** As libFuzzer's -minimize_crash: ten minutes unless told otherwise. */
const DEFAULT_SECONDS = 600;

/** The best so far is on disk no later than this. */
const SAVE_EVERY_MS = 1000;

/** Minimizes one trace; returns the exit code. A trace that breaks no law is a usage error. */
export function minimize(options: Options, { subjects }: Arguments, outside: Surroundings): number {
  const file = options.minimize ?? '';
  const stored = readTrace(file);
  const reference = subjects[0] ?? referenceIn(stored, options);
  const argument = argumentOf(reference);
  const path = options.exactArtifactPath ?? `${file}.min`;
  const replay = `${outside.command} ${wordsOf(reference)} ${path}`;
  const save = (finding: Finding): void => writeAtomically(path, textOf(finding, stored, argument, replay, outside));
  const finding = reduce(stored, targetFor(reference), options, save);
  save(finding);
  const { violation, trace, minimal } = finding;
  const evidence = { subject: argument, trace, file: `${path} (${sizeText(trace, minimal)})`, replay };
  const block = violationBlock(violation, evidence, paintFor(outside.isTerminal, outside.environment));
  if (options.json) outside.out(`${JSON.stringify({ path, violation, minimal, exitCode: EXIT.clean })}\n`);
  const print = options.json ? outside.err : outside.out;
  print(`${block}\n`);
  return EXIT.clean;
}

type Save = (finding: Finding) => void;

function reduce(stored: StoredTrace, target: ReturnType<typeof targetFor>, options: Options, save: Save): Finding {
  const examiner = new Examiner(target, new Watch());
  const violation = examiner.examine(stored.trace);
  if (violation === undefined) {
    throw new UsageError(`${stored.path}: every law held on ${target.name}, expected a trace that breaks one`);
  }
  const origin = { seed: Number(stored.header['seed'] ?? 0), round: 0, lane: 0, run: -1 };
  const deadline = performance.now() + 1000 * (options.maxTotalTime ?? DEFAULT_SECONDS);
  let savedAtMs = performance.now();
  return shrinkFinding(
    { trace: stored.trace, violation, origin, minimal: false },
    {
      examiner,
      target,
      stop: () => performance.now() > deadline,
      onProgress: (best, broken) => {
        if (performance.now() - savedAtMs < SAVE_EVERY_MS) return;
        savedAtMs = performance.now();
        save({ trace: best, violation: broken, origin, minimal: false });
      },
    },
  );
}

function textOf(finding: Finding, stored: StoredTrace, subject: string, replay: string, outside: Surroundings): string {
  const { law, step, kind, relation } = finding.violation;
  const header = { ...stored.header, subject, law, step: String(step), kind, relation };
  return formatTrace(finding.trace, header, [
    `minimized from ${stored.path}`,
    `size ${sizeText(finding.trace, finding.minimal)}`,
    `replay ${replay}`,
    `versions ${versionsOf(outside)}`,
  ]);
}
