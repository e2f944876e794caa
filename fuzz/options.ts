/** The command line as data. GNU spelling (`--max-total-time 60`) and libFuzzer's (`-max_total_time=60`) mean the same. */
import { parseArgs } from 'node:util';
import { type EmitLanguage, isEmitLanguage } from './trace/emit.ts';
import { UsageError } from './usage-error.ts';

/** What is asked for besides fuzzing. */
export type Mode = 'fuzz' | 'merge' | 'minimize' | 'emit' | 'exhaustive' | 'list' | 'help';

/** Options that only a module from outside needs; they are handed on as they stand. */
export interface ModuleFlags {
  readonly abi?: string;
  readonly map?: string;
  readonly profile?: string;
  readonly saveProfile?: string;
  /** Bytes, or pages where the text says so; understood by whoever instantiates the module. */
  readonly memoryCap?: string;
  readonly alignment?: number;
  readonly misuse: boolean;
  readonly against?: string;
}

export interface Options {
  readonly mode: Mode;
  readonly positionals: readonly string[];
  /** Seconds; undefined is without end. */
  readonly maxTotalTime?: number;
  /** Traces a subject; 0 replays the corpus only; undefined is without end. */
  readonly runs?: number;
  readonly seed?: number;
  /** Undefined: as many as there are cores. */
  readonly workers?: number;
  readonly maxOps: number;
  readonly artifactPrefix: string;
  readonly corpus?: string;
  readonly state: string;
  /** Seconds a single trace may take. */
  readonly timeout: number;
  readonly exitOnFinding: boolean;
  readonly printFinalStats: boolean;
  readonly json: boolean;
  readonly minimize?: string;
  readonly exactArtifactPath?: string;
  readonly emit?: EmitLanguage;
  readonly exhaustive?: number;
  readonly module: ModuleFlags;
}

/** A generated trace has at most this many operations: enough for tables that overflow at 1,024 live blocks. */
export const DEFAULT_MAX_OPS = 2000;

/** Seconds. Our slowest trace takes a tenth of one; a loaded machine may be a hundred times slower. */
export const DEFAULT_TIMEOUT_SECONDS = 25;

const STRINGS = [
  'max-total-time',
  'runs',
  'seed',
  'workers',
  'max-ops',
  'artifact-prefix',
  'corpus',
  'state',
  'timeout',
  'minimize',
  'exact-artifact-path',
  'emit',
  'exhaustive',
  'abi',
  'map',
  'profile',
  'save-profile',
  'memory-cap',
  'alignment',
  'against',
] as const;

const FLAGS = ['exit-on-finding', 'print-final-stats', 'merge', 'list', 'json', 'help', 'misuse'] as const;

type StringName = (typeof STRINGS)[number];
type FlagName = (typeof FLAGS)[number];

/** libFuzzer's names for what we call otherwise. */
const ALIASES: Readonly<Record<string, string>> = {
  'max-len': 'max-ops',
  jobs: 'workers',
  fork: 'workers',
  'set-cover-merge': 'merge',
};

/** libFuzzer's flags that ask for what happens anyway, or that have no meaning for traces. */
const ACCEPTED = new Set(['ignore-crashes', 'reload', 'verbosity', 'len-control', 'entropic', 'cross-over', 'shrink']);

/** Reads the arguments after the program's name. Throws UsageError. */
export function parseOptions(args: readonly string[]): Options {
  const { strings, flags, positionals } = read(args.flatMap(normalise));
  const option = (name: StringName): string | undefined => strings[name];
  const number = (name: StringName, least: number, unit: string): number | undefined =>
    readNumber(name, strings[name], least, unit);
  return compact({
    mode: modeOf(strings, flags),
    positionals: strings['minimize'] === '' ? positionals.slice(0, -1) : positionals,
    maxTotalTime: positive(number('max-total-time', 0, 'seconds')),
    runs: readRuns(option('runs')),
    seed: readSeed(option('seed')),
    workers: positive(number('workers', 0, 'threads')),
    maxOps: number('max-ops', 1, 'operations') ?? DEFAULT_MAX_OPS,
    artifactPrefix: option('artifact-prefix') ?? '.fuzz/findings',
    corpus: option('corpus'),
    state: option('state') ?? '.fuzz',
    timeout: number('timeout', 1, 'seconds') ?? DEFAULT_TIMEOUT_SECONDS,
    exitOnFinding: flags.has('exit-on-finding'),
    printFinalStats: flags.has('print-final-stats'),
    json: flags.has('json'),
    minimize: readMinimize(option('minimize'), positionals),
    exactArtifactPath: option('exact-artifact-path'),
    emit: readLanguage(option('emit')),
    exhaustive: number('exhaustive', 1, 'operations'),
    module: moduleFlags(strings, flags, number('alignment', 1, 'bytes')),
  });
}

type Strings = Readonly<Partial<Record<string, string>>>;

interface Read {
  readonly strings: Strings;
  readonly flags: ReadonlySet<string>;
  readonly positionals: readonly string[];
}

function read(args: string[]): Read {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        ...record(STRINGS, { type: 'string' } as const),
        ...record(FLAGS, { type: 'boolean' } as const),
      },
    });
    const entries = Object.entries(values);
    const strings = Object.fromEntries(
      entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    );
    return { strings, flags: new Set(entries.flatMap(([name, value]) => (value === true ? [name] : []))), positionals };
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('. ')[0] : String(error);
    throw new UsageError(`${reason}; --help lists the options`);
  }
}

function record<Name extends string, Value>(names: readonly Name[], value: Value): Record<Name, Value> {
  return Object.fromEntries(names.map((name) => [name, value])) as Record<Name, Value>;
}

/** `-max_total_time=60` becomes `--max-total-time=60`; `-merge=1` becomes `--merge`, `-merge=0` nothing. */
function normalise(argument: string): string[] {
  if (argument === '-h' || argument === '-help' || argument === '-help=1') return ['--help'];
  const [, spelt, value] = /^--?([A-Za-z][\w-]*)(?:=(.*))?$/.exec(argument) ?? [];
  if (spelt === undefined) return [argument];
  const dashed = spelt.replaceAll('_', '-');
  const name = ALIASES[dashed] ?? dashed;
  if (ACCEPTED.has(name) && value !== undefined) return [];
  if (name === 'minimize-crash') return value === '0' ? [] : ['--minimize='];
  if (isFlag(name) && value !== undefined) return switched(name, value);
  return [value === undefined ? `--${name}` : `--${name}=${value}`];
}

function isFlag(name: string): name is FlagName {
  return (FLAGS as readonly string[]).includes(name);
}

function switched(name: FlagName, value: string): string[] {
  if (value === '0') return [];
  if (value === '1') return [`--${name}`];
  throw new UsageError(`--${name}=${value}: found "${value}", expected 0 or 1`);
}

function modeOf(strings: Strings, flags: ReadonlySet<string>): Mode {
  if (flags.has('help')) return 'help';
  if (flags.has('list')) return 'list';
  if (flags.has('merge')) return 'merge';
  if (strings['minimize'] !== undefined) return 'minimize';
  if (strings['emit'] !== undefined) return 'emit';
  return strings['exhaustive'] === undefined ? 'fuzz' : 'exhaustive';
}

function readNumber(name: string, text: string | undefined, least: number, unit: string): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  const whole = unit === 'seconds' || Number.isInteger(value);
  if (value >= least && whole) return value;
  throw new UsageError(`--${name} ${text}: found "${text}", expected a number of ${unit}, ${least} or more`);
}

/** 0 is libFuzzer's way of saying "no limit" or "choose yourself". */
function positive(value: number | undefined): number | undefined {
  return value === 0 ? undefined : value;
}

/** -1 is libFuzzer's way of saying "without end". */
function readRuns(text: string | undefined): number | undefined {
  return text === '-1' ? undefined : readNumber('runs', text, 0, 'traces');
}

/** A number from 0 to 2^32-1, or a commit hash, whose first 32 bits count; 0 picks one, as libFuzzer does. */
function readSeed(text: string | undefined): number | undefined {
  if (text === undefined || text === '0') return undefined;
  if (/^[0-9a-fA-F]{40}$/.test(text)) return Number.parseInt(text.slice(0, 8), 16);
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value < 2 ** 32) return value;
  throw new UsageError(
    `--seed ${text}: found "${text}", expected a number from 1 to 4294967295 or a commit hash of 40 digits`,
  );
}

/** libFuzzer's `-minimize_crash=1 ... FILE` names the file apart, as the last word. */
function readMinimize(text: string | undefined, positionals: readonly string[]): string | undefined {
  if (text !== '') return text;
  const file = positionals.at(-1);
  if (file !== undefined) return file;
  throw new UsageError('--minimize: found nothing after it, expected the trace file to minimize');
}

function readLanguage(text: string | undefined): EmitLanguage | undefined {
  if (text === undefined || isEmitLanguage(text)) return text;
  throw new UsageError(`--emit ${text}: found "${text}", expected c, zig or vitest`);
}

function moduleFlags(strings: Strings, flags: ReadonlySet<string>, alignment: number | undefined): ModuleFlags {
  return compact({
    abi: strings['abi'],
    map: strings['map'],
    profile: strings['profile'],
    saveProfile: strings['save-profile'],
    memoryCap: strings['memory-cap'],
    alignment,
    misuse: flags.has('misuse'),
    against: strings['against'],
  });
}

/** The same object without the keys whose value is undefined. */
function compact<Shape extends object>(object: { [Key in keyof Shape]: Shape[Key] | undefined }): Shape {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Shape;
}
