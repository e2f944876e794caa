/** Allocators that grant nothing until a function of theirs was called: it is called first, and the user is told. */
import { functionTypeOf } from '../../wasm/module.ts';
import type { PreparedModule } from '../../wasm/prepare.ts';
import { showType } from '../../wasm/types.ts';
import { type Detection, signature } from '../abi/abi.ts';
import { ModuleSubject } from '../module-subject.ts';
import { allocate, attempt } from './attempt.ts';
import { unknownProfile } from './unknown-profile.ts';

const NAMES_AN_INITIALISER =
  /^_*(heap|malloc|alloc(ator)?|mem(ory)?|arena|pool)?_?(init|initiali[sz]e|setup)_?(heap|malloc|alloc(ator)?|mem(ory)?|arena|pool)?$/i;
const SIZES_BYTES = [16, 1, 100];

interface Found {
  readonly prepared: PreparedModule;
  readonly detection: Detection;
}

/** Both as they were, or with the function that has to be called first. Throws CannotInstantiate. */
export function withHeapInitialiser(prepared: PreparedModule, detection: Detection): Found {
  const names = initialisersOf(prepared);
  if (names.length === 0 || grants(prepared, detection)) return { prepared, detection };
  const found = names.find((heapInitialiser) => grants({ ...prepared, heapInitialiser }, detection));
  if (found === undefined) return { prepared, detection };
  const why = [...detection.why, `${found} is called first: nothing is granted before`];
  return { prepared: { ...prepared, heapInitialiser: found }, detection: { ...detection, why } };
}

function initialisersOf({ module }: PreparedModule): string[] {
  const isOne = (index: number) => showType(functionTypeOf(module, index)) === signature(0, 0);
  return module.exports
    .filter(({ kind, name, index }) => kind === 'function' && NAMES_AN_INITIALISER.test(name) && isOne(index))
    .map(({ name }) => name);
}

function grants(prepared: PreparedModule, detection: Detection): boolean {
  const subject = new ModuleSubject('probe', prepared, detection, unknownProfile(prepared));
  return SIZES_BYTES.some((sizeBytes) => attempt(subject, false, () => allocate(subject, sizeBytes) !== undefined));
}
