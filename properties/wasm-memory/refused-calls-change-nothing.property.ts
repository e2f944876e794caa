/**
 * refused-calls-change-nothing: after a refused call every byte of memory and its size are as they were.
 *
 * Whether a call should have been refused is the matter of `borders-are-exact`. Refused growth is judged by
 * `growth-counts-pages`, refused reads of malformed UTF-8 here as well as any other.
 */
import {
  bytesOf,
  EVERY_SHAPE,
  firstDifference,
  type MemoryShape,
  type Stage,
  sizeOf,
  stageOf,
} from '../arbitraries/memory-shapes.ts';
import { broken, type Claim, defineClaim } from '../claim.ts';
import { showAddress } from '../show.ts';
import type { Implementation } from './implementation.ts';
import { type MemoryLaw, verify } from './memory-law.ts';
import { METHODS, type Method } from './methods.ts';
import { attempt, borderRequests, describeOutcome, describeRequest, fits, type Request } from './requests.ts';

export const refusedCallsChangeNothing: MemoryLaw = {
  id: 'refused-calls-change-nothing',
  sentence: 'after a refused call every byte of memory and its size are as they were',
  claims: (subject) => METHODS.map((method) => refusalsOf(subject, method)),
};

function refusalsOf(subject: Implementation, method: Method): Claim {
  const judgeShape = (shape: MemoryShape): void => {
    const stage = stageOf(subject, shape);
    const before = bytesOf(stage.raw);
    const refused = borderRequests(method, before.length).filter((request) => !fits(request, before.length));
    for (const request of refused) attempt(stage, method, request);
    // Comparing all of memory costs more than a call, so the culprit is looked for only when there is one.
    if (firstDifference(stage.raw, before) !== undefined) findCulprit(stageOf(subject, shape), method, refused);
  };
  const check = (): void => EVERY_SHAPE.forEach(judgeShape);
  return defineClaim(`${method.name}, refused, leaves memory alone`, [], check);
}

/** The same calls once more on a fresh stage, with a look at all of memory after each. */
function findCulprit(stage: Stage, method: Method, refused: readonly Request[]): void {
  const before = bytesOf(stage.raw);
  for (const request of refused) {
    const outcome = attempt(stage, method, request);
    const changed = firstDifference(stage.raw, before);
    // A call that should have been refused and was not is the matter of borders-are-exact.
    if (changed !== undefined && outcome.kind === 'answered') return;
    if (changed === undefined) continue;
    broken({
      request: describeRequest(stage, method, request),
      answer: describeOutcome(outcome),
      allowed: `a refusal that leaves all ${before.length} bytes as they were`,
      but: `the byte at ${showAddress(changed)} changed; memory has ${sizeOf(stage.raw)} bytes`,
    });
  }
}

if (import.meta.vitest) verify(refusedCallsChangeNothing);
