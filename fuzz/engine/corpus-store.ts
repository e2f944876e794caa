/** Directories of trace files: `<sha1>.trace`, named for what they do, so that the same trace has one name everywhere. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatTrace, parseTrace, type TraceHeader } from '../trace/text.ts';
import type { Trace } from '../trace/trace.ts';
import { attempt, writeAtomically } from './atomic-file.ts';

/** Digits of the hash in a file name: a collision among a billion traces is one in half a million. */
const NAME_DIGITS = 20;

const EXTENSION = '.trace';

export interface StoredTrace {
  readonly path: string;
  readonly name: string;
  readonly header: TraceHeader;
  readonly trace: Trace;
}

/** What a directory holds. `broken` has a line for each file that could not be read. */
export interface StoredTraces {
  readonly traces: readonly StoredTrace[];
  readonly broken: readonly string[];
}

/** The name of a trace: a hash of its operations, without header and comments. */
export function nameOf(trace: Trace): string {
  return createHash('sha1').update(formatTrace(trace)).digest('hex').slice(0, NAME_DIGITS);
}

/** Every trace in `directory`, by name; none when there is no such directory. Throws StorageError. */
export function readTraces(directory: string): StoredTraces {
  if (!existsSync(directory)) return { traces: [], broken: [] };
  const names = attempt('read', directory, () => readdirSync(directory));
  const traces: StoredTrace[] = [];
  const broken: string[] = [];
  for (const name of names.filter((each) => each.endsWith(EXTENSION)).sort()) {
    try {
      traces.push(readTrace(join(directory, name)));
    } catch (error) {
      broken.push(error instanceof Error ? error.message : String(error));
    }
  }
  return { traces, broken };
}

/** The trace in the file `path`. Throws StorageError or TraceSyntaxError. */
export function readTrace(path: string): StoredTrace {
  const text = attempt('read', path, () => readFileSync(path, 'utf8'));
  const { header, trace } = parseTrace(text, path);
  return { path, name: nameOf(trace), header, trace };
}

/** Saves `trace` in `directory` under its own name. Throws StorageError. */
export function saveTrace(directory: string, trace: Trace, header: TraceHeader): string {
  const path = join(directory, `${nameOf(trace)}${EXTENSION}`);
  if (!existsSync(path)) writeAtomically(path, formatTrace(trace, header));
  return path;
}
