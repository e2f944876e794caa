/** `--emit c|zig|vitest TRACE...`: turns traces into programs that show the same without this project. */
import { readTrace } from '../engine/corpus-store.ts';
import type { Options } from '../options.ts';
import { emit } from '../trace/emit.ts';
import { UsageError } from '../usage-error.ts';
import type { Arguments } from './arguments.ts';
import { EXIT, type Surroundings } from './surroundings.ts';

/** Prints the programs; returns the exit code. */
export function emitTraces({ emit: language = 'c' }: Options, { traces }: Arguments, outside: Surroundings): number {
  if (traces.length === 0) throw new UsageError(`--emit ${language}: found no trace, expected at least one trace file`);
  for (const path of traces) {
    const { header, trace } = readTrace(path);
    try {
      outside.out(emit(trace, header, language));
    } catch (error) {
      if (error instanceof RangeError) throw new UsageError(`${path}: ${error.message}`);
      throw error;
    }
  }
  return EXIT.clean;
}
