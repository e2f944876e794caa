/**
 * views-follow-growth: however memory has grown, every method works on memory as it is now, old pages and new.
 *
 * Growth detaches the views of an unshared memory, by no pages as well, and leaves those of a shared one too short. An
 * implementation that keeps views and does not renew each of them writes into nothing or refuses what lies inside.
 * A view handed out before growth is dead, as any view; that is the platform's doing and not judged.
 */
import fc from 'fast-check';
import {
  bytesOf,
  describeShape,
  EVERY_SHAPE,
  firstDifference,
  GROWERS,
  type Growth,
  grow,
  growths,
  type MemoryShape,
  memoryShapes,
  paint,
  type Stage,
  sizeOf,
  stageOf,
} from '../arbitraries/memory-shapes.ts';
import { answerTo, broken, type Claim, defineClaim } from '../claim.ts';
import { show, showAddress } from '../show.ts';
import type { Implementation } from './implementation.ts';
import { type MemoryLaw, verify } from './memory-law.ts';
import { METHODS, type Method } from './methods.ts';
import { attempt, describeOutcome, describeRequest, type Outcome } from './requests.ts';

export const viewsFollowGrowth: MemoryLaw = {
  id: 'views-follow-growth',
  sentence: 'however memory has grown, every method works on memory as it is now',
  claims: (subject) => [
    ...METHODS.flatMap((method) => [afterEveryGrowth(subject, method), sameAsFresh(subject, method)]),
    sameRawMemory(subject),
  ],
};

/** Each grower by a page and by none, from one page and from none, shared and not; the method at both ends. */
function afterEveryGrowth(subject: Implementation, method: Method): Claim {
  const starts = EVERY_SHAPE.filter(({ growths }) => growths.length === 0);
  const everyGrowth = [1, 0, 2].flatMap((pages) => GROWERS.map((by) => ({ by, pages })));
  const check = (): void => {
    for (const shape of starts) {
      for (const growth of everyGrowth)
        for (const place of [0, 1]) judgeGrowth(subject, method, shape, growth, place, 4);
    }
  };
  return defineClaim(`${method.name} after each kind of growth`, [], check);
}

/** The method right after growth, beside the same call through an interface made after it. */
function sameAsFresh(subject: Implementation, method: Method): Claim {
  const check = (shape: MemoryShape, growth: Growth, place: number, length: number): void =>
    judgeGrowth(subject, method, shape, growth, place, length);
  const place = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 1));
  const title = `${method.name} after growth does as a new interface does`;
  return defineClaim(title, [memoryShapes(), growths(), place, fc.nat(64)], check, { runs: 20 });
}

function judgeGrowth(
  subject: Implementation,
  method: Method,
  shape: MemoryShape,
  growth: Growth,
  place: number,
  length: number,
): void {
  const stage = stageOf(subject, shape);
  attempt(stage, method, { ptr: 0, lengthBytes: sizeOf(stage.raw) === 0 ? 0 : method.widthBytes });
  answerTo(`growth ${describeShape(shape)}`, () => grow(stage, growth));
  paint(stage.raw);
  judgeBesideFresh(stage, method, growth, place, length);
}

function judgeBesideFresh(stage: Stage, method: Method, growth: Growth, place: number, length: number): void {
  const sizeBytes = sizeOf(stage.raw);
  const lengthBytes = method.lengthSource === 'width' ? method.widthBytes : Math.min(length, sizeBytes);
  if (lengthBytes > sizeBytes) return;
  const request = { ptr: Math.floor((sizeBytes - lengthBytes) * place), lengthBytes };
  const aged = describeAnswer(attempt(stage, method, request));
  const agedBytes = bytesOf(stage.raw);
  paint(stage.raw);
  const fresh = { ...stage, memory: stage.subject.make(stage.raw) };
  const expected = describeAnswer(attempt(fresh, method, request));
  const changed = firstDifference(stage.raw, agedBytes);
  if (aged === expected && changed === undefined) return;
  broken({
    request: `${describeRequest(stage, method, request)}, then grown by ${growth.pages} by the ${growth.by}`,
    answer: changed === undefined ? aged : `${aged}; the byte at ${showAddress(changed)} is not as allowed`,
    allowed: `${expected}, and memory as after the same call through a new interface`,
  });
}

/** The answer by its bytes, as a view names its type only. */
function describeAnswer(outcome: Outcome): string {
  const answer = outcome.kind === 'answered' ? outcome.answer : undefined;
  return ArrayBuffer.isView(answer) ? show(answer) : describeOutcome(outcome);
}

function sameRawMemory(subject: Implementation): Claim {
  const check = (shape: MemoryShape, growth: Growth): void => {
    const stage = stageOf(subject, shape);
    grow(stage, growth);
    if (stage.memory.getRawMemory() === stage.raw) return;
    broken({ request: 'getRawMemory()', answer: 'another object', allowed: 'the WebAssembly.Memory it was made on' });
  };
  return defineClaim('getRawMemory stays the same memory', [memoryShapes(), growths()], check, { runs: 30 });
}

if (import.meta.vitest) verify(viewsFollowGrowth);
