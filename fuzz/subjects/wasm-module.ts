/** A subject from any module: parse, instrument, instantiate, detect, probe. */
import type { Profile } from '../model/profile.ts';
import { parseModule } from '../wasm/module.ts';
import { type PreparedModule, type PrepareOptions, prepareModule } from '../wasm/prepare.ts';
import type { Detection } from './abi/abi.ts';
import { faceOf, otherFaces } from './abi/faces.ts';
import { type DetectOptions, detect, detectAll } from './abi/index.ts';
import { ModuleSubject } from './module-subject.ts';
import { withHeapInitialiser } from './probe/heap-initialiser.ts';
import { withParameterOrder } from './probe/parameter-order.ts';
import { asStack, stacksBeside } from './probe/stack-like.ts';
import { type Probed, probe } from './probe.ts';
import type { SubjectDefinition } from './subject.ts';

export interface ModuleOptions extends DetectOptions {
  /** The subject's name in traces and reports; `module` when left out. */
  readonly name?: string;
  /** The largest size memory may grow to, in bytes; 64 MiB when left out. */
  readonly memoryCapBytes?: number;
  /** Adds coverage bits to what the allocator's exports can reach. */
  readonly coverage?: boolean;
  /** A pinned profile: nothing is probed. */
  readonly profile?: Profile;
  /** The alignment to hold the module to, in place of the one observed. */
  readonly alignmentBytes?: number;
}

export interface ModuleDefinition extends SubjectDefinition {
  readonly prepared: PreparedModule;
  /** What was found, and why. */
  readonly detection: Detection;
  /** Everything that could have been chosen, the likeliest first. */
  readonly candidates: readonly Detection[];
  /** Probed on the first call; pinned profiles have no notes. */
  probed(): Pick<Probed, 'profile' | 'notes'> & Partial<Probed>;
  create(): ModuleSubject;
}

/**
 * The allocator in `bytes` as a subject. Throws MalformedModule, CannotInstantiate or NoAllocator, each with one clear
 * line.
 */
export function subjectFromModule(bytes: Uint8Array, options: ModuleOptions = {}): ModuleDefinition {
  const { prepared, detection } = prepareFor(bytes, options);
  const name = options.name ?? 'module';
  let known: ReturnType<ModuleDefinition['probed']> | undefined;
  const probed = () => {
    known ??= profileFor(prepared, detection, options);
    return known;
  };
  return {
    name,
    about: `${detection.abi}: ${Object.values(detection.names).join(', ')}`,
    prepared,
    detection,
    candidates: detectAll(prepared.module),
    probed,
    create: () => new ModuleSubject(name, prepared, detection, probed().profile),
  };
}

/** The faces of the module in `bytes` besides the one that is chosen; none where `options` say which is meant. */
export function otherFacesOf(bytes: Uint8Array, { abi, face, map, profile }: ModuleOptions): string[] {
  if ([abi, face, map, profile].some((said) => said !== undefined)) return [];
  const module = parseModule(bytes);
  return otherFaces(module, detectAll(module)).map(faceOf);
}

/** Coverage wants the allocator's exports, so detection comes first, and only then the module is prepared for good. */
function prepareFor(bytes: Uint8Array, options: ModuleOptions): { prepared: PreparedModule; detection: Detection } {
  const cap: PrepareOptions = options.memoryCapBytes === undefined ? {} : { memoryCapBytes: options.memoryCapBytes };
  const module = parseModule(bytes);
  const detection = detect(module, options);
  const stacks = mayBeStack(options) ? stacksBeside(module, detection) : [];
  const rooted = [detection, ...stacks].flatMap(({ names }) => Object.values(names));
  const roots = options.coverage === true ? { coverageRoots: [...new Set(rooted)] } : {};
  const prepared = prepareModule(bytes, { ...cap, ...roots });
  const ready = withHeapInitialiser(prepared, detection);
  const ordered = withParameterOrder(ready.prepared, ready.detection);
  return { ...ready, detection: stacks.length === 0 ? ordered : asStack(ready.prepared, ordered) };
}

/** An ABI or a map that was asked for says what the functions are, and so does a free that was pinned. */
function mayBeStack({ abi, map, profile }: ModuleOptions): boolean {
  return abi === undefined && map === undefined && profile?.operations.includes('free') !== true;
}

function profileFor(prepared: PreparedModule, detection: Detection, options: ModuleOptions) {
  if (options.profile !== undefined) return { profile: options.profile, notes: [] };
  const probed = probe(prepared, detection);
  const { alignmentBytes } = options;
  if (alignmentBytes === undefined) return probed;
  const maximumAlignmentBytes = Math.max(alignmentBytes, probed.profile.maximumAlignmentBytes);
  return { ...probed, profile: { ...probed.profile, alignmentBytes, maximumAlignmentBytes } };
}
