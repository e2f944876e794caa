/**
 * borders-are-exact: a call is answered when its range lies inside memory and refused with MemoryError when it does not.
 *
 * Last byte in, first byte out, straddling, no bytes at the very end and one further, negative, fractional, NaN, infinite,
 * and sums that wrap at 2^32, for every method, before and after growth by whomever. What is answered is the matter
 * of other laws. Not covered: -0, and what is no number at all.
 */
import { EVERY_SHAPE, type Stage, sizeOf, stageOf } from '../arbitraries/memory-shapes.ts';
import { broken, type Claim, defineClaim } from '../claim.ts';
import type { Implementation } from './implementation.ts';
import { type MemoryLaw, verify } from './memory-law.ts';
import { METHODS, type Method } from './methods.ts';
import {
  attempt,
  borderRequests,
  describeOutcome,
  describeRequest,
  describeRule,
  fits,
  type Outcome,
  type Request,
  requests,
} from './requests.ts';

export const bordersAreExact: MemoryLaw = {
  id: 'borders-are-exact',
  sentence: 'a call is answered when its range lies inside memory, and refused with MemoryError when it does not',
  claims: (subject) => METHODS.flatMap((method) => [everyBorder(subject, method), anyRange(subject, method)]),
};

function everyBorder(subject: Implementation, method: Method): Claim {
  const check = (): void => {
    for (const shape of EVERY_SHAPE) {
      const stage = stageOf(subject, shape);
      for (const request of borderRequests(method, sizeOf(stage.raw))) judge(stage, method, request);
    }
  };
  return defineClaim(`${method.name} on every border of memory`, [], check);
}

function anyRange(subject: Implementation, method: Method): Claim {
  const stage = stageOf(subject);
  const check = (request: Request): void => judge(stage, method, request);
  return defineClaim(`${method.name} on any range`, [requests(method, sizeOf(stage.raw))], check, { runs: 200 });
}

function judge(stage: Stage, method: Method, request: Request): void {
  const sizeBytes = sizeOf(stage.raw);
  const outcome = attempt(stage, method, request);
  if (isAllowed(method, outcome, fits(request, sizeBytes))) return;
  broken({
    request: describeRequest(stage, method, request),
    answer: describeOutcome(outcome),
    allowed: describeRule(request, sizeBytes),
  });
}

function isAllowed(method: Method, outcome: Outcome, isInside: boolean): boolean {
  if (!isInside) return outcome.kind === 'refused';
  return outcome.kind === 'answered' && (method.name !== 'isValidRange' || outcome.answer === true);
}

if (import.meta.vitest) verify(bordersAreExact);
