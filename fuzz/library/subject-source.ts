/** What the library takes for a subject: a definition, or the bytes of a module. */
import type { SubjectDefinition } from '../subjects/subject.ts';
import { type ModuleDefinition, type ModuleOptions, subjectFromModule } from '../subjects/wasm-module.ts';

/** A module's bytes, or what `defineSubject` returns. */
export type SubjectSource = Uint8Array | ArrayBuffer | SubjectDefinition;

/** The definition behind `source`. Throws TypeError for anything else, and what `subjectFromModule` throws. */
export function definitionOf(source: SubjectSource, options: ModuleOptions = {}): SubjectDefinition | ModuleDefinition {
  if (source instanceof Uint8Array) return subjectFromModule(source, options);
  if (source instanceof ArrayBuffer) return subjectFromModule(new Uint8Array(source), options);
  if (typeof source?.create === 'function') return source;
  throw new TypeError(`found ${describe(source)}, expected the bytes of a .wasm file or what defineSubject returns`);
}

function describe(source: unknown): string {
  if (typeof source === 'string') return `the text "${source}"; read the file first, as with readFileSync`;
  return Object.prototype.toString.call(source);
}
