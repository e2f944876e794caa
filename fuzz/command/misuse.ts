/** `--misuse`: what each subject makes of double frees, stray writes and the like. Never a finding: exit code 0. */
import { runMisuse } from '../misuse/run-misuse.ts';
import type { Options } from '../options.ts';
import { misuseTable } from '../report/misuse-table.ts';
import { targetFor } from '../targets.ts';
import { UsageError } from '../usage-error.ts';
import type { Arguments } from './arguments.ts';
import { EXIT, type Surroundings } from './surroundings.ts';

/** Prints a table for each subject; with `--json` one object a subject. Throws UsageError when none is named. */
export function misuse(options: Options, { subjects }: Arguments, outside: Surroundings): number {
  if (subjects.length === 0) throw new UsageError('--misuse: found no subject, expected a name or a .wasm file');
  for (const reference of subjects) {
    const { definition, name } = targetFor(reference);
    if (definition === undefined) throw new UsageError(`--misuse: ${name} is no allocator, expected one`);
    const rows = runMisuse(definition);
    outside.out(`${options.json ? JSON.stringify({ subject: name, misuse: rows }) : misuseTable(name, rows)}\n`);
  }
  return EXIT.clean;
}
