/** What the library takes for a subject: a definition, or the bytes of a module. */
import type { SubjectDefinition } from '../subjects/subject.ts';
import { type ModuleDefinition, type ModuleOptions, otherFacesOf, subjectFromModule } from '../subjects/wasm-module.ts';

/** A module's bytes, or what `defineSubject` returns. */
export type SubjectSource = Uint8Array | ArrayBuffer | SubjectDefinition;

/** One for each face of a module, the one that is chosen first. */
export type Definitions = readonly [SubjectDefinition | ModuleDefinition, ...(SubjectDefinition | ModuleDefinition)[]];

/** The definition behind `source`. Throws TypeError for anything else, and what `subjectFromModule` throws. */
export function definitionOf(source: SubjectSource, options: ModuleOptions = {}): SubjectDefinition | ModuleDefinition {
  const bytes = bytesOf(source);
  if (bytes !== undefined) return subjectFromModule(bytes, options);
  if (isDefinition(source)) return source;
  throw new TypeError(`found ${describe(source)}, expected the bytes of a .wasm file or what defineSubject returns`);
}

/** The definitions behind `source`: of a module one for each face, where `options` do not say which is meant. */
export function definitionsOf(source: SubjectSource, options: ModuleOptions): Definitions {
  const bytes = bytesOf(source);
  const faces = bytes === undefined ? [] : otherFacesOf(bytes, options);
  const { name = 'module' } = options;
  const others = faces.map((face) => definitionOf(source, { ...options, face, name: `${name}:${face}` }));
  return [definitionOf(source, options), ...others];
}

/** The definition that `fuzzModule` calls `name`, in the header of a finding: through the face that it names, if any. */
export function definitionOfFinding(source: SubjectSource, name: string | undefined, options: ModuleOptions) {
  const bytes = bytesOf(source);
  const faces = bytes === undefined ? [] : otherFacesOf(bytes, options);
  const face = faces.find((other) => name?.endsWith(`:${other}`));
  return definitionOf(source, face === undefined ? options : { ...options, face });
}

function isDefinition(source: SubjectSource): source is SubjectDefinition {
  return typeof (source as Partial<SubjectDefinition> | undefined)?.create === 'function';
}

function bytesOf(source: SubjectSource): Uint8Array | undefined {
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  return source instanceof Uint8Array ? source : undefined;
}

function describe(source: unknown): string {
  if (typeof source === 'string') return `the text "${source}"; read the file first, as with readFileSync`;
  return Object.prototype.toString.call(source);
}
