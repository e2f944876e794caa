/** What the words after the options are: subjects, directories of traces, traces. */
import { existsSync, statSync } from 'node:fs';
import { normalize } from 'node:path';
import { moduleOptionsOf, textOfFlags } from '../module-options.ts';
import type { ModuleFlags } from '../options.ts';
import { knownSubjects, type SubjectReference } from '../targets.ts';
import { UsageError } from '../usage-error.ts';

export interface Arguments {
  readonly subjects: readonly SubjectReference[];
  /** Directories; the first is written to. */
  readonly directories: readonly string[];
  readonly traces: readonly string[];
}

/** A path, and the function that tells which allocator of the module is meant: `lua.wasm:lua_alloc`. */
const MODULE = /^(.+\.wasm)(?::([^:/\\]+))?$/;

/** Sorts `words`. Throws UsageError for what is neither a subject nor a file. */
export function sortArguments(words: readonly string[], flags: ModuleFlags): Arguments {
  const sorted = { subjects: [] as SubjectReference[], directories: [] as string[], traces: [] as string[] };
  for (const word of words) {
    const reference = referenceFor(word, flags);
    if (reference !== undefined) sorted.subjects.push(reference);
    else if (!existsSync(word)) throw unknown(word);
    else if (statSync(word).isDirectory()) sorted.directories.push(word);
    else sorted.traces.push(word);
  }
  return sorted;
}

/** The subject that `word` names; undefined when it names none. */
export function referenceFor(word: string, flags: ModuleFlags): SubjectReference | undefined {
  if (knownSubjects().some(({ name }) => name === word)) return { name: word };
  const [, path, face] = MODULE.exec(word) ?? [];
  if (path === undefined) return undefined;
  if (!isFile(path)) throw new UsageError(`no file ${path}: expected a WebAssembly module that exports an allocator`);
  const moduleOptions = { ...moduleOptionsOf(flags), ...(face === undefined ? {} : { face }) };
  return { name: normalize(word), path, moduleOptions, flags: textOfFlags(flags) };
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}

function unknown(word: string): UsageError {
  const names = knownSubjects().map(({ name }) => name);
  const near = names.find((name) => distance(name, word) <= 2);
  const hint = near === undefined ? `expected one of ${names.join(', ')}, ` : `did you mean ${near}? Else expected `;
  return new UsageError(
    `no subject, directory or trace "${word}": ${hint}a .wasm file, a corpus directory or a trace file`,
  );
}

/** Letters to change, add or drop (Levenshtein). */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1];
    for (const [column, other] of [...to].entries()) {
      const changed = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(changed, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
