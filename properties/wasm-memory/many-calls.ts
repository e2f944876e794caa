/** Thousands of calls of one kind on one interface, for what goes wrong after a thousand of them. */
import { describeShape, type Stage } from '../arbitraries/memory-shapes.ts';
import { broken } from '../claim.ts';
import { describeOutcome, outcomeOf } from './requests.ts';

/** Past 2^12; each kind takes a few milliseconds. */
export const MANY_CALLS = 5000;

/** Every function is given the number of the call, from 1. Texts are made only for a call that is wrong. */
export interface Kind {
  readonly request: (call: number) => string;
  readonly make: (call: number) => unknown;
  readonly isRight: (answer: unknown, call: number) => boolean;
  readonly allowed: (call: number) => string;
}

/** Makes the calls, and breaks the claim at the first that is wrong. */
export function judgeManyCalls(stage: Stage, { request, make, isRight, allowed }: Kind): void {
  for (let call = 1; call <= MANY_CALLS; call += 1) {
    const outcome = outcomeOf(stage, () => make(call));
    if (outcome.kind === 'answered' && isRight(outcome.answer, call)) continue;
    broken({
      request: `${request(call)}, call ${call} of its kind ${describeShape(stage.shape)}`,
      answer: describeOutcome(outcome),
      allowed: allowed(call),
    });
  }
}
