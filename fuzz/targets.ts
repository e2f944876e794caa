/** Makes what the engine fuzzes from what the command line names. */
import type { CampaignTarget } from './engine/campaign-target.ts';
import type { TargetReference } from './engine/crew.ts';
import type { RepeatingJudge } from './engine/examiner.ts';
import { judge, Lockstep } from './lockstep.ts';
import type { ShapeMap } from './model/shape.ts';
import { SUBJECTS } from './subjects/index.ts';
import type { Subject, SubjectDefinition } from './subjects/subject.ts';
import { generateTrace } from './trace/generate.ts';
import { lastMutations, mutate } from './trace/mutate.ts';
import type { Trace } from './trace/trace.ts';
import { UsageError } from './usage-error.ts';
import type { Violation } from './violation.ts';

/** The target that `reference` names. Throws UsageError when there is none. */
export function targetFor(reference: TargetReference): CampaignTarget {
  return targetOf(definitionFor(reference));
}

/** The subject that `reference` names. Throws UsageError when there is none. */
export function definitionFor(reference: TargetReference): SubjectDefinition {
  const definition = SUBJECTS.find(({ name }) => name === reference.name);
  if (definition !== undefined) return definition;
  throw new UsageError(
    `no subject "${reference.name}", expected one of ${SUBJECTS.map(({ name }) => name).join(', ')}`,
  );
}

/** What the engine is given to fuzz `definition`. */
export function targetOf(definition: SubjectDefinition): CampaignTarget {
  const { profile } = definition.create();
  return {
    name: definition.name,
    about: definition.about,
    landmarkSizes: [profile.capacityBytes, profile.arenaEnd - profile.arenaStart].filter((size) => size > 0),
    open: () => new LockstepJudge(definition.create()),
    generate: (random, maximumOperations) => generateTrace(random, profile, maximumOperations),
    mutate: (random, trace, other, maximumOperations) => mutate(random, trace, other, profile, maximumOperations),
    lastMutations,
  };
}

/** A lockstep that names the operation which did the damage, however late the damage was seen. */
export class LockstepJudge implements RepeatingJudge {
  readonly #lockstep: Lockstep;

  constructor(subject: Subject) {
    this.#lockstep = new Lockstep(subject);
  }

  get shapes(): ShapeMap {
    return this.#lockstep.shapes;
  }

  get operations(): number {
    return this.#lockstep.operations;
  }

  get answers(): number {
    return this.#lockstep.answers;
  }

  run(trace: Trace): Violation | undefined {
    return judge(this.#lockstep, trace);
  }
}
