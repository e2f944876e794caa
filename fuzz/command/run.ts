/** One command line, from its words to its exit code. */
import { StorageError } from '../engine/atomic-file.ts';
import { type Options, parseOptions } from '../options.ts';
import { knownSubjects, modulesBehind } from '../targets.ts';
import { TraceSyntaxError } from '../trace/text.ts';
import { UsageError } from '../usage-error.ts';
import { against } from './against.ts';
import { type Arguments, sortArguments } from './arguments.ts';
import { emitTraces } from './emit-trace.ts';
import { exhaust } from './exhaust.ts';
import { fuzz } from './fuzz.ts';
import { help, list } from './help.ts';
import { merge } from './merge.ts';
import { minimize } from './minimize.ts';
import { misuse } from './misuse.ts';
import { replay } from './replay.ts';
import { EXIT, type Surroundings } from './surroundings.ts';

/** Runs the command that `words` ask for; returns the exit code. What people can put right is one line, exit code 1. */
export async function run(words: readonly string[], outside: Surroundings): Promise<number> {
  try {
    return await dispatch(parseOptions(words), outside);
  } catch (error) {
    if (!isExpected(error)) throw error;
    outside.err(`heaplaw: ${error.message}\n`);
    return EXIT.usage;
  }
}

async function dispatch(options: Options, outside: Surroundings): Promise<number> {
  if (options.mode === 'help') return say(help(outside.command), outside);
  if (options.mode === 'list') return say(list(knownSubjects()), outside);
  const sorted = sortArguments(options.positionals, options.module);
  if (options.mode === 'emit') return emitTraces(options, sorted, outside);
  const { misuse: misused, against: opponent } = options.module;
  await outside.prepare(modulesNeeded(sorted, opponent));
  if (misused) return misuse(options, sorted, outside);
  if (opponent !== undefined) return against(opponent, options, sorted, outside);
  switch (options.mode) {
    case 'merge':
      return merge(options, sorted, outside);
    case 'minimize':
      return minimize(options, sorted, outside);
    case 'exhaustive':
      return exhaust(options, sorted, outside);
    default:
      return fuzzOrReplay(options, sorted, outside);
  }
}

async function fuzzOrReplay(options: Options, sorted: Arguments, outside: Surroundings): Promise<number> {
  if (sorted.traces.length === 0) return fuzz(options, sorted, outside);
  if (sorted.subjects.length > 1) throw new UsageError('traces are run on one subject: name one, or none');
  return replay(options, sorted, outside);
}

/** What must be built first. A trace names its subject itself, so any may be needed. */
function modulesNeeded({ subjects }: Arguments, opponent: string | undefined): readonly string[] {
  const names = subjects.length === 0 ? knownSubjects() : subjects;
  return modulesBehind([...names.map(({ name }) => name), ...(opponent === undefined ? [] : [opponent])]);
}

function say(text: string, outside: Surroundings): number {
  outside.out(text);
  return EXIT.clean;
}

/** Errors whose message is written for the person at the keyboard. */
function isExpected(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  if (error instanceof UsageError || error instanceof StorageError || error instanceof TraceSyntaxError) return true;
  return ['NoAllocator', 'CannotInstantiate', 'MalformedModule', 'CannotBuild'].includes(error.name);
}
