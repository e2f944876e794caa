/** What the subject threw, as a violation. */
import type { LawId } from '../laws.ts';
import { mayRefuse } from '../model/refusal.ts';
import { FuelExhausted } from '../subjects/subject.ts';
import { Broken, type Violation } from '../violation.ts';
import { refusalLaw } from './refusal-judge.ts';
import type { Sides } from './sides.ts';

/** What `error` says of the subject; undefined when it was not the subject that threw it. */
export function violationOf(sides: Sides, error: unknown): Violation | undefined {
  if (error instanceof Broken) return error.violation;
  return sides.watched.isRunning ? violationOfTrap(sides, error) : undefined;
}

function violationOfTrap(sides: Sides, error: unknown): Violation {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const { progress } = sides;
  if (error instanceof FuelExhausted) {
    return progress.violation('operations-end', message, 'an answer within the fuel of one operation');
  }
  return progress.violation(trapLaw(sides), message, 'an answer, or NULL');
}

/** A trap on a request that could not be met is a way of reporting it, and the wrong one. */
function trapLaw({ profile, model, progress }: Sides): LawId {
  const sizeBytes = progress.requestedBytes();
  if (sizeBytes === undefined || progress.isEmptying) return 'operations-never-trap';
  if (refusalLaw(profile, sizeBytes) === 'impossible-sizes-are-refused') return 'impossible-sizes-are-refused';
  const mayBeRefused = mayRefuse(profile, model, sizeBytes, progress.requestedAlignment());
  return mayBeRefused ? 'exhaustion-is-reported' : 'operations-never-trap';
}
