/**
 * `--merge`: makes a corpus smaller without losing a shape.
 *
 * Traces are taken from the fewest operations up, by name among equals, and stay when they show a shape that no smaller
 * one showed. The result depends on the traces alone, and merging it again changes nothing.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { attempt } from '../engine/atomic-file.ts';
import { readTraces, type StoredTrace, saveTrace } from '../engine/corpus-store.ts';
import { Examiner } from '../engine/examiner.ts';
import { Watch } from '../engine/watch.ts';
import type { Options } from '../options.ts';
import { defaultSubjects, type SubjectReference, targetFor } from '../targets.ts';
import { operationCount } from '../trace/trace.ts';
import type { Arguments } from './arguments.ts';
import { directoryName } from './directory-name.ts';
import { EXIT, type Surroundings } from './surroundings.ts';

/** Merges the corpora of the subjects named, or of all; returns the exit code. */
export function merge(options: Options, { subjects, directories }: Arguments, outside: Surroundings): number {
  const references = subjects.length > 0 ? subjects : defaultSubjects().map((name) => ({ name }));
  const merged = references.map((reference) =>
    mergeOne(reference, options, directories, references.length > 1, outside),
  );
  if (options.json) outside.out(`${JSON.stringify({ merged, exitCode: EXIT.clean })}\n`);
  return EXIT.clean;
}

interface Merged {
  readonly subject: string;
  readonly directory: string;
  readonly before: number;
  readonly after: number;
  readonly shapes: number;
}

function mergeOne(
  reference: SubjectReference,
  options: Options,
  directories: readonly string[],
  shared: boolean,
  outside: Surroundings,
): Merged {
  const [named, ...others] = options.corpus === undefined ? directories : [options.corpus, ...directories];
  const home = join(options.state, directoryName(reference.name), 'corpus');
  const directory = named === undefined ? home : shared ? join(named, directoryName(reference.name)) : named;
  const own = readAll(directory, outside);
  const added = others.flatMap((other) => readAll(other, outside));
  const { kept, shapes } = choose([...own, ...added], reference);
  for (const { trace, header } of kept) saveTrace(directory, trace, { ...header, subject: reference.name });
  const names = new Set(kept.map(({ name }) => name));
  for (const { name, path } of own) if (!names.has(name)) attempt('delete', path, () => rmSync(path));
  const merged = { subject: reference.name, directory, before: own.length + added.length, after: kept.length, shapes };
  const print = options.json ? outside.err : outside.out;
  print(`${merged.subject}: ${merged.before} traces in, ${merged.after} kept in ${directory}, ${shapes} shapes\n`);
  return merged;
}

function readAll(directory: string, outside: Surroundings): readonly StoredTrace[] {
  const { traces, broken } = readTraces(directory);
  for (const line of broken) outside.err(`warning: ${line}\n`);
  return traces;
}

function choose(traces: readonly StoredTrace[], reference: SubjectReference) {
  const examiner = new Examiner(targetFor(reference), new Watch());
  const seen = new Set<number>();
  const kept: StoredTrace[] = [];
  for (const stored of [...new Map(traces.map((each) => [each.name, each])).values()].sort(bySize)) {
    const before = seen.size;
    for (const shape of examiner.survey(stored.trace).shapes) seen.add(shape);
    if (seen.size > before) kept.push(stored);
  }
  return { kept, shapes: seen.size };
}

function bySize(a: StoredTrace, b: StoredTrace): number {
  return operationCount(a.trace) - operationCount(b.trace) || (a.name < b.name ? -1 : 1);
}
