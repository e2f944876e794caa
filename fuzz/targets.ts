/** Makes what the engine fuzzes from what the command line names. */
import { readFileSync } from 'node:fs';
import type { CampaignTarget } from './engine/campaign-target.ts';
import type { TargetReference } from './engine/crew.ts';
import type { RepeatingJudge } from './engine/examiner.ts';
import { type Checking, judge, Lockstep } from './lockstep.ts';
import { generateMemoryTrace, MemoryLockstep } from './memory-lockstep.ts';
import { NO_PROMISES, type Profile } from './model/profile.ts';
import type { ShapeMap } from './model/shape.ts';
import { SUBJECTS } from './subjects/index.ts';
import type { Subject, SubjectDefinition } from './subjects/subject.ts';
import { type ModuleDefinition, type ModuleOptions, otherFacesOf, subjectFromModule } from './subjects/wasm-module.ts';
import { generateTrace } from './trace/generate.ts';
import { lastMutations, mutate } from './trace/mutate.ts';
import type { OperationKind } from './trace/operation.ts';
import type { Trace } from './trace/trace.ts';
import { UsageError } from './usage-error.ts';
import type { Violation } from './violation.ts';

/** A subject of the table by its name, or a module from outside by its path. */
export interface SubjectReference extends TargetReference {
  readonly path?: string;
  readonly moduleOptions?: ModuleOptions;
  /** The flags that `moduleOptions` come from, as they must be repeated. */
  readonly flags?: string;
}

/** A target, with what reports and accounts want to know of it. */
export interface SubjectTarget extends CampaignTarget {
  readonly operations: readonly OperationKind[];
  /** The allocator behind it; undefined for what is no allocator. */
  readonly definition?: SubjectDefinition;
}

/** Traces for an interpreter name scripts below this; a subject takes the number modulo how many it has. */
const SCRIPTS_NAMED = 16;

/** Fuzzed only when asked for: it breaks a law on purpose. */
const ONLY_BY_NAME: ReadonlySet<string> = new Set(['canary']);

const WASM_MEMORY = 'wasm-memory';

/** Every name the command line takes, with a line about each. */
export function knownSubjects(): readonly { readonly name: string; readonly about: string }[] {
  const about = 'WasmMemory of src/: reads and writes of every type beside an array of bytes';
  return [...SUBJECTS.map((subject) => ({ name: subject.name, about: subject.about })), { name: WASM_MEMORY, about }];
}

/** The subjects that are fuzzed when none is named. */
export function defaultSubjects(): readonly string[] {
  return knownSubjects().flatMap(({ name }) => (ONLY_BY_NAME.has(name) ? [] : [name]));
}

/** The modules of `wasm/dist` that the subjects of these names are made of; a module from outside is made of none. */
export function modulesBehind(names: readonly string[]): readonly string[] {
  const modules = SUBJECTS.flatMap(({ name, builtFrom }) =>
    builtFrom !== undefined && names.includes(name) ? [builtFrom] : [],
  );
  return [...new Set(modules)];
}

/** How `reference` is written on a command line, its flags apart. */
export function argumentOf({ name, path, moduleOptions }: SubjectReference): string {
  const face = moduleOptions?.face;
  return path === undefined ? name : face === undefined ? path : `${path}:${face}`;
}

/** `argumentOf` with the flags: the words that name the same allocator to the same command. */
export function wordsOf(reference: SubjectReference): string {
  const { flags = '' } = reference;
  return flags === '' ? argumentOf(reference) : `${argumentOf(reference)} ${flags}`;
}

/** `reference`, and a reference for every other face of its module, where nothing was said of which is meant. */
export function allFaces(reference: SubjectReference): readonly SubjectReference[] {
  const { name, path, moduleOptions = {} } = reference;
  if (path === undefined) return [reference];
  const others = withPath(path, () => otherFacesOf(readFileSync(path), moduleOptions));
  return [
    reference,
    ...others.map((other) => ({
      ...reference,
      name: `${name}:${other}`,
      moduleOptions: { ...moduleOptions, face: other },
    })),
  ];
}

/** The target that `reference` names. Throws UsageError when there is none. */
export function targetFor(reference: SubjectReference): SubjectTarget {
  if (reference.path !== undefined) return targetOf(definitionFromModule(reference.path, reference));
  if (reference.name === WASM_MEMORY) return memoryTarget();
  const definition = SUBJECTS.find(({ name }) => name === reference.name);
  if (definition !== undefined) return namedTarget(definition);
  const names = knownSubjects().map(({ name }) => name);
  throw new UsageError(`no subject "${reference.name}", expected one of ${names.join(', ')} or a .wasm file`);
}

/** A subject that cannot even be made is told in one line: there is no trace to show. */
function namedTarget(definition: SubjectDefinition): SubjectTarget {
  try {
    return targetOf(definition);
  } catch (error) {
    throw new UsageError(`${definition.name} cannot be made, before any operation: ${String(error)}`);
  }
}

/** What the engine is given to fuzz `definition`. */
export function targetOf(definition: SubjectDefinition): SubjectTarget {
  const { profile } = definition.create();
  return {
    name: definition.name,
    about: definition.about,
    operations: profile.operations,
    definition,
    landmarkSizes: landmarksOf(profile),
    open: (salt) => new LockstepJudge(definition.create(), profile.readsContents === true ? 0 : salt),
    generate: (random, maximumOperations) => generateTrace(random, profile, maximumOperations, SCRIPTS_NAMED),
    mutate: (random, trace, other, maximumOperations) => mutate(random, trace, other, profile, maximumOperations),
    lastMutations,
  };
}

/** The largest block, one that is just too large, and the arena; none where they are not known. */
function landmarksOf({ capacityBytes, arenaStart, arenaEnd }: Profile): number[] {
  const beside = capacityBytes > 0 ? [capacityBytes, capacityBytes + 1] : [];
  return [...beside, arenaEnd - arenaStart].filter((size) => size > 0);
}

/** A lockstep that names the operation which did the damage, however late the damage was seen. */
export class LockstepJudge implements RepeatingJudge {
  readonly #lockstep: Lockstep;

  /** `salt` varies the bytes written into blocks, and nothing that a sound subject answers. */
  constructor(subject: Subject, salt = 0) {
    this.#lockstep = new Lockstep(subject, salt);
  }

  get shapes(): ShapeMap {
    return this.#lockstep.shapes;
  }

  get restartsExactly(): boolean {
    return this.#lockstep.subject.restartsExactly === true;
  }

  get patience(): number | undefined {
    return this.#lockstep.subject.patience;
  }

  /** Has no effect on a subject without fuel. */
  set patience(share: number | undefined) {
    const { subject } = this.#lockstep;
    if (subject.patience !== undefined && share !== undefined) subject.patience = share;
  }

  set onBeat(onBeat: () => void) {
    this.#lockstep.onBeat = onBeat;
  }

  get operations(): number {
    return this.#lockstep.operations;
  }

  get effort(): number {
    return this.#lockstep.operations + this.#lockstep.filledKib;
  }

  get answers(): number {
    return this.#lockstep.answers;
  }

  run(trace: Trace, checking?: Checking): Violation | undefined {
    return checking === 'every-step' ? this.#lockstep.run(trace, checking) : judge(this.#lockstep, trace);
  }

  runRepeated(trace: Trace, times: number, mostOperations?: number): Violation | undefined {
    return this.#lockstep.runRepeated(trace, times, mostOperations);
  }

  unrolled(): Trace | undefined {
    return this.#lockstep.unrolled();
  }
}

/** The allocator of the module in the file `path`. Throws one clear line when there is none. */
export function definitionFromModule(path: string, { name, moduleOptions }: SubjectReference): ModuleDefinition {
  return withPath(path, () => {
    const definition = subjectFromModule(readFileSync(path), { ...moduleOptions, name });
    definition.probed();
    return definition;
  });
}

/** What `make` makes of the file `path`; what it throws names the file. */
function withPath<Made>(path: string, make: () => Made): Made {
  try {
    return make();
  } catch (error) {
    if (error instanceof Error && !error.message.includes(path)) error.message = `${path}: ${error.message}`;
    throw error;
  }
}

/** What mutation may do to a trace for a memory: it has no blocks, so most of this says nothing. */
const MEMORY_PROFILE: Profile = {
  operations: [
    'grow',
    'write_i32',
    'write_i64',
    'write_f32',
    'write_f64',
    'write_bytes',
    'write_string',
    'read_i32',
    'read_i64',
    'read_f32',
    'read_f64',
    'read_bytes',
    'read_string',
  ],
  alignmentBytes: 8,
  maximumAlignmentBytes: 8,
  arenaStart: 0,
  arenaEnd: 4 * 65536,
  ...NO_PROMISES,
};

function memoryTarget(): SubjectTarget {
  return {
    name: WASM_MEMORY,
    about: 'WasmMemory',
    operations: MEMORY_PROFILE.operations,
    landmarkSizes: [],
    open: () => new MemoryLockstep(),
    generate: generateMemoryTrace,
    mutate: (random, trace, other, maximumOperations) =>
      mutate(random, trace, other, MEMORY_PROFILE, maximumOperations),
    lastMutations,
  };
}
