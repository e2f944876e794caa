/**
 * writes-touch-only-their-bytes: a write changes the bytes of its range and no other; a call that looks changes none.
 *
 * Which bytes a write leaves inside its range is the matter of `little-endian-round-trips` and `strings-are-utf8`.
 */
import {
  bytesOf,
  EVERY_SHAPE,
  firstDifference,
  type MemoryShape,
  paint,
  type Stage,
  stageOf,
} from '../arbitraries/memory-shapes.ts';
import { broken, type Claim, defineClaim } from '../claim.ts';
import { showAddress } from '../show.ts';
import type { Implementation } from './implementation.ts';
import { type MemoryLaw, verify } from './memory-law.ts';
import { type Method, READERS, WRITERS } from './methods.ts';
import { attempt, borderRequests, describeOutcome, describeRequest, fits, type Request, requests } from './requests.ts';

export const writesTouchOnlyTheirBytes: MemoryLaw = {
  id: 'writes-touch-only-their-bytes',
  sentence: 'a write changes the bytes of its range and no other; a call that looks changes none',
  claims: (subject) => [
    ...WRITERS.flatMap((method) => [everyBorder(subject, method), anyRange(subject, method)]),
    ...READERS.map((method) => everyBorder(subject, method)),
  ],
};

function everyBorder(subject: Implementation, method: Method): Claim {
  const judgeShape = (shape: MemoryShape): void => {
    const stage = stageOf(subject, shape);
    const background = bytesOf(stage.raw);
    const good = borderRequests(method, background.length).filter((request) => fits(request, background.length));
    for (const request of good) judge(stage, method, request, background);
  };
  const check = (): void => EVERY_SHAPE.forEach(judgeShape);
  return defineClaim(`${method.name} on every border keeps to its range`, [], check);
}

function anyRange(subject: Implementation, method: Method): Claim {
  const shape = { pages: 3, shared: false, growths: [] };
  const sizeBytes = 3 * 65_536;
  const stage = stageOf(subject, shape);
  const background = bytesOf(stage.raw);
  const check = (request: Request): void => {
    if (fits(request, sizeBytes)) judge(stage, method, request, background);
  };
  return defineClaim(`${method.name} on any range keeps to its range`, [requests(method, sizeBytes)], check);
}

function judge(stage: Stage, method: Method, request: Request, background: Uint8Array): void {
  const outcome = attempt(stage, method, request);
  if (method.writes) paint(stage.raw, request.ptr, request.ptr + request.lengthBytes);
  const changed = firstDifference(stage.raw, background);
  if (changed === undefined) return;
  // The next request meets a painted memory, as it does where all is well.
  paint(stage.raw);
  const allowed = method.writes ? `${request.lengthBytes} bytes from ${showAddress(request.ptr)} change` : 'no change';
  broken({
    request: describeRequest(stage, method, request),
    answer: describeOutcome(outcome),
    allowed,
    but: `the byte at ${showAddress(changed)} changed`,
  });
}

if (import.meta.vitest) verify(writesTouchOnlyTheirBytes);
