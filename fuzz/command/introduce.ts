/** Says what a module from outside turned out to be, and pins it, so that every worker sees the same. */
import { writeAtomically } from '../engine/atomic-file.ts';
import type { Options } from '../options.ts';
import {
  argumentOf,
  definitionFromModule,
  type SubjectReference,
  type SubjectTarget,
  targetFor,
  targetOf,
} from '../targets.ts';
import type { Surroundings } from './surroundings.ts';

export interface Introduced {
  readonly reference: SubjectReference;
  readonly target: SubjectTarget;
}

/** The target that `reference` names. Of a module, what was detected and probed is printed, and saved where asked. */
export function introduce(reference: SubjectReference, options: Options, outside: Surroundings): Introduced {
  if (reference.path === undefined) return { reference, target: targetFor(reference) };
  const definition = definitionFromModule(reference.path, reference);
  const { profile, notes } = definition.probed();
  const { abi, why } = definition.detection;
  outside.err(
    `INFO: ${argumentOf(reference)}: ABI ${abi}\n${[...why, ...notes].map((line) => `INFO:   ${line}\n`).join('')}`,
  );
  outside.err(`INFO: profile ${JSON.stringify(profile)}\n`);
  const { saveProfile } = options.module;
  if (saveProfile !== undefined) writeAtomically(saveProfile, `${JSON.stringify(profile, undefined, 2)}\n`);
  const moduleOptions = { ...reference.moduleOptions, profile };
  return { reference: { ...reference, moduleOptions }, target: targetOf(definition) };
}
