/** Fuzzes one allocator in the caller's own thread: for a test file, with no disk, no workers and no chance in it. */
import { SECONDS_AFTER_THE_END } from '../engine/shrink-finding.ts';
import type { Profile } from '../model/profile.ts';
import { DEFAULT_MAX_OPS } from '../options.ts';
import { faceOf } from '../subjects/abi/faces.ts';
import type { SubjectDefinition } from '../subjects/subject.ts';
import type { ModuleOptions } from '../subjects/wasm-module.ts';
import { targetOf } from '../targets.ts';
import { parseTrace } from '../trace/text.ts';
import { type FuzzFinding, findingReport } from './finding-report.ts';
import { Search } from './search.ts';
import { type Definitions, definitionsOf, type SubjectSource } from './subject-source.ts';

export interface FuzzOptions {
  /** 0 to 2^32-1; 1 when left out. The same seed draws the same traces on every machine. */
  readonly seed?: number;
  /** Traces to draw; 1000 when left out. 0 runs the starters only. */
  readonly runs?: number;
  /**
   * Seconds after which no more traces are drawn and findings are shrunk no further; without end when left out. They
   * count from when the subject is made: probing a module takes a second or so before.
   */
  readonly maxSeconds?: number;
  /** Operations of a trace at the most; 2000 when left out. */
  readonly maxOps?: number;
  /** Texts of traces to run before any is drawn: former findings, hand-made cases. */
  readonly starters?: readonly string[];
  /** End at the first finding instead of looking for others. */
  readonly endOnFinding?: boolean;
}

/** Options of `fuzzModule` for bytes. `abi`, `map` and `profile` overrule what is detected and probed. */
export type FuzzModuleOptions = FuzzOptions & Omit<ModuleOptions, 'coverage'>;

export interface FuzzFigures {
  /** Traces drawn. */
  readonly runs: number;
  /** Traces run, those included that confirmed, shrank or came as starters. */
  readonly executions: number;
  readonly operations: number;
  /** Different heap shapes seen, and traces kept because they showed a new one. */
  readonly shapes: number;
  readonly corpus: number;
  readonly elapsedSeconds: number;
}

/** How a module was understood. */
export interface ModuleReport {
  readonly abi: string;
  /** Exports by the role they play. */
  readonly names: Readonly<Record<string, string>>;
  /** Why this ABI and these names, a line each. */
  readonly why: readonly string[];
  /** What is worth knowing and breaks no law, a line each. */
  readonly notes: readonly string[];
  /** Further faces that were fuzzed, each with a profile of its own: `lua_alloc` of a module that has `malloc`, too. */
  readonly otherFaces: readonly string[];
}

export interface FuzzReport {
  readonly subject: string;
  readonly seed: number;
  /** One for each law, kind of operation and relation of the regions; empty when every law held. */
  readonly findings: readonly FuzzFinding[];
  readonly figures: FuzzFigures;
  /** What the subject was held to. */
  readonly profile: Profile;
  /** For bytes only. */
  readonly module?: ModuleReport;
}

/** Most faults of the project's own zoo are found within 300 traces; a sound module takes a few seconds for these. */
const DEFAULT_RUNS = 1000;

/**
 * Fuzzes the allocator of a module, or one of your own made by `defineSubject`, and returns what it found.
 *
 * Runs in the caller's thread until `runs` traces are drawn, `maxSeconds` are over, with up to 5 more to make small what
 * was found, or `endOnFinding` ends it. Without `maxSeconds` the result follows from the seed alone. Operations of a module
 * that do not end are a finding; a function of your own that does not end is stopped by nobody but your test runner.
 *
 * Throws MalformedModule, CannotInstantiate or NoAllocator for bytes that hold no allocator, RangeError for an option
 * out of range, TraceSyntaxError for a starter that is no trace.
 */
export function fuzzModule(bytes: Uint8Array | ArrayBuffer, options?: FuzzModuleOptions): FuzzReport;
export function fuzzModule(subject: SubjectDefinition, options?: FuzzOptions): FuzzReport;
export function fuzzModule(source: SubjectSource, options: FuzzModuleOptions = {}): FuzzReport {
  const { seed, ...limits } = limitsOf(options);
  const starters = (options.starters ?? []).map((text, index) => parseTrace(text, `starters[${index}]`).trace);
  const endOnFinding = options.endOnFinding ?? false;
  const definitions = definitionsOf(source, options);
  const targets = definitions.map(targetOf);
  const began = performance.now();
  const msEach = (1000 * (options.maxSeconds ?? Number.POSITIVE_INFINITY)) / targets.length;
  const searches: Search[] = [];
  for (const target of targets) {
    const untilMs = began + msEach * (searches.length + 1);
    const stopped = () => performance.now() >= untilMs;
    const hurried = () => performance.now() >= untilMs + 1000 * SECONDS_AFTER_THE_END;
    const search = new Search(target, { ...limits, seed, starters, endOnFinding, stopped, hurried });
    searches.push(search);
    search.run();
    if (endOnFinding && search.findings.length > 0) break;
  }
  return {
    subject: definitions[0].name,
    seed,
    findings: searches.flatMap((search) => search.findings.map((finding) => findingReport(finding, search.subject))),
    figures: figuresOf(searches, performance.now() - began),
    ...understandingOf(definitions),
  };
}

function limitsOf({ seed, runs, maxOps, maxSeconds }: FuzzOptions) {
  if (maxSeconds !== undefined && !(maxSeconds > 0)) {
    throw new RangeError(`maxSeconds is ${maxSeconds}, expected a number of seconds above 0`);
  }
  return {
    seed: wholeNumber('seed', seed ?? 1, 0, 2 ** 32 - 1),
    runs: wholeNumber('runs', runs ?? DEFAULT_RUNS, 0, Number.MAX_SAFE_INTEGER),
    maximumOperations: wholeNumber('maxOps', maxOps ?? DEFAULT_MAX_OPS, 1, 2 ** 16),
  };
}

function wholeNumber(name: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new RangeError(`${name} is ${value}, expected a whole number from ${least} to ${most}`);
}

function figuresOf(searches: readonly Search[], elapsedMs: number): FuzzFigures {
  const sum = (figure: (search: Search) => number) => searches.reduce((total, search) => total + figure(search), 0);
  return {
    runs: sum(({ runs }) => runs),
    executions: sum(({ executions }) => executions),
    operations: sum(({ operations }) => operations),
    shapes: sum(({ shapeCount }) => shapeCount),
    corpus: sum(({ corpusSize }) => corpusSize),
    elapsedSeconds: elapsedMs / 1000,
  };
}

function understandingOf([definition, ...others]: Definitions): Pick<FuzzReport, 'profile' | 'module'> {
  if (!('detection' in definition)) return { profile: definition.create().profile };
  const { abi, names, why } = definition.detection;
  const { profile, notes } = definition.probed();
  const otherFaces = others.flatMap((other) => ('detection' in other ? [faceOf(other.detection)] : []));
  return { profile, module: { abi, names, why, notes, otherFaces } };
}
