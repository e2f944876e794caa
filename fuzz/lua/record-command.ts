/** `npm run record -- script.lua`: the allocations of a Lua script as a trace that replays on any subject. */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { LuaError } from '../subjects/lua-implementation.ts';
import { formatTrace } from '../trace/text.ts';
import { operationCount } from '../trace/trace.ts';
import { UsageError } from '../usage-error.ts';
import { Recorder, type Recording } from './recorder.ts';
import { TappedLua, tappable } from './tapped-lua.ts';

const HELP = `Records what a Lua script asks its allocator for, as a trace that replays on any subject.

usage: npm run record -- [options] script.lua

  -o, --output FILE   where the trace goes                          (default: standard output)
  --module NAME       lua-reclaiming, lua-bump, or the path of a Lua module (default: lua-reclaiming)
  --script-only       leave out making and closing the Lua state
  --max-ops N         stop after N operations                       (default: all)
  --help              this

A trace has 256 slots. When more blocks are live, the one not needed for the longest time loses its handle and stays
live; a later free of it is left out, a later realloc becomes a malloc. Refused requests are left out. What was lost is
said at the head of the trace. Replay it with: npm run fuzz -- SUBJECT FILE

exit codes: 0 recorded, also when the script ended in an error; 1 usage error
`;

const MODULES: readonly string[] = ['lua-reclaiming', 'lua-bump'];

/** Where the command prints. */
export interface RecordStreams {
  out(text: string): void;
  err(text: string): void;
}

interface RecordOptions {
  readonly script: string;
  readonly output: string | undefined;
  readonly module: string;
  readonly scriptOnly: boolean;
  readonly maximumOperations: number;
}

/** Runs the command line `words`; the modules it names are built. Returns the exit code. */
export function recordCommand(words: readonly string[], streams: RecordStreams): number {
  try {
    const options = readOptions(words);
    if (options === 'help') streams.out(HELP);
    else record(options, streams);
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    streams.err(`record: ${error.message}\n`);
    return 1;
  }
}

function record(options: RecordOptions, streams: RecordStreams): void {
  const script = readFile(options.script, 'expected a Lua script');
  const machine = new TappedLua(tappable(moduleBytes(options.module)), { write: () => {} });
  const { recording, ending } = recordingOf(machine, script, options);
  const subject = subjectOf(options.module);
  const text = textOf(recording, { subject, script: basename(options.script), ending });
  if (options.output === undefined) return streams.out(text);
  writeFileSync(options.output, text);
  const operations = operationCount(recording.trace);
  streams.err(`${operations} operations; replay them with: npm run fuzz -- ${subject} ${options.output}\n`);
}

/** The subject that holds the module's allocator, by the module's name or that of its file. */
function subjectOf(module: string): string {
  return MODULES.find((name) => basename(module).startsWith(name)) ?? 'lua-reclaiming';
}

/** The recording, and how the script ended. */
function recordingOf(machine: TappedLua, script: Uint8Array, options: RecordOptions) {
  const { lua } = machine;
  const recorder = new Recorder();
  if (options.scriptOnly) lua.init();
  machine.tap = recorder.tap;
  const ending = endingOf(() => void lua.run(script, `@${basename(options.script)}`));
  if (!options.scriptOnly) lua.close();
  return { recording: recorder.recording(options.maximumOperations), ending };
}

/** A script that a trap cut short is a defect of the module: it has no trace worth keeping. */
function endingOf(run: () => void): string {
  try {
    run();
    return 'it ended well';
  } catch (error) {
    if (!(error instanceof LuaError) || error.kind === 'state') throw error;
    return `it ended in a ${error.kind} error`;
  }
}

/** The law is what a block of a program most depends on. */
function textOf(
  { trace, refused, lost }: Recording,
  about: { subject: string; script: string; ending: string },
): string {
  const header = { subject: about.subject, law: 'bytes-survive-their-neighbours' };
  const counts = `${operationCount(trace)} operations, ${refused} refused requests left out, ${lost} handles lost`;
  return formatTrace(trace, header, [`Recorded from ${about.script}; ${about.ending}: ${counts}.`]);
}

function readOptions(words: readonly string[]): RecordOptions | 'help' {
  const { values, positionals } = parse(words);
  if (values.help === true) return 'help';
  const [script, ...more] = positionals;
  if (script === undefined || more.length > 0) {
    throw new UsageError(`found ${positionals.length} scripts, expected one; --help says how`);
  }
  return {
    script,
    output: values.output,
    module: values.module ?? 'lua-reclaiming',
    scriptOnly: values['script-only'] === true,
    maximumOperations: readMaximum(values['max-ops']),
  };
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        output: { type: 'string', short: 'o' },
        module: { type: 'string' },
        'script-only': { type: 'boolean' },
        'max-ops': { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('. ')[0] : String(error);
    throw new UsageError(`${reason}; --help lists the options`);
  }
}

function readMaximum(text: string | undefined): number {
  if (text === undefined) return Number.POSITIVE_INFINITY;
  const value = /^\d+$/.test(text) ? Number(text) : 0;
  if (value >= 1) return value;
  throw new UsageError(`--max-ops ${text}: found "${text}", expected a number of operations, 1 or more`);
}

function moduleBytes(name: string): Uint8Array {
  const path = MODULES.includes(name) ? new URL(`../../wasm/dist/${name}.wasm`, import.meta.url) : name;
  return readFile(path, `expected ${MODULES.join(', ')} or the path of a Lua module`);
}

function readFile(path: string | URL, expected: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch {
    throw new UsageError(`cannot read ${path}: ${expected}`);
  }
}
