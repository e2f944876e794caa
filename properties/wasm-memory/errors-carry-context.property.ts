/**
 * errors-carry-context: a refusal is a MemoryError, an Error by name and prototype, with the pointer and length of the
 * call, and one for going out of bounds names the size of memory in bytes as it is now.
 *
 * No other wording is asked for. `length` is the method's width, the length asked for or the bytes to be written.
 */
import {
  EVERY_SHAPE,
  type MemoryShape,
  memoryShapes,
  type Stage,
  sizeOf,
  stageOf,
} from '../arbitraries/memory-shapes.ts';
import { broken, type Claim, defineClaim } from '../claim.ts';
import { show } from '../show.ts';
import type { Implementation } from './implementation.ts';
import { type MemoryLaw, verify } from './memory-law.ts';
import { METHODS, type Method } from './methods.ts';
import { attempt, borderRequests, describeRequest, fits, isWellFormed, type Request } from './requests.ts';

export const errorsCarryContext: MemoryLaw = {
  id: 'errors-carry-context',
  sentence: 'a refusal is a MemoryError with the pointer, the length and, out of bounds, the size of memory',
  claims: (subject) => [...METHODS.map((method) => refusalsOf(subject, method)), malformedText(subject)],
};

/** Never grown, and grown by each grower: the message has to follow. */
const SOME_SHAPES = EVERY_SHAPE.filter(({ growths }, index) => index === 0 || growths.some(({ pages }) => pages > 0));

function refusalsOf(subject: Implementation, method: Method): Claim {
  const judgeShape = (shape: MemoryShape): void => {
    const stage = stageOf(subject, shape);
    const sizeBytes = sizeOf(stage.raw);
    const refused = borderRequests(method, sizeBytes).filter((request) => !fits(request, sizeBytes));
    for (const request of refused) judge(stage, method, request);
  };
  const check = (): void => SOME_SHAPES.forEach(judgeShape);
  return defineClaim(`${method.name}, refused, says what was asked`, [], check);
}

function malformedText(subject: Implementation): Claim {
  const method = METHODS.find(({ name }) => name === 'readString');
  const check = (shape: MemoryShape): void => {
    const stage = stageOf(subject, shape);
    if (method === undefined || sizeOf(stage.raw) === 0) return;
    const ptr = sizeOf(stage.raw) - 2;
    new Uint8Array(stage.raw.buffer)[ptr] = 0xff;
    judge(stage, method, { ptr, lengthBytes: 2 });
  };
  return defineClaim('readString of malformed UTF-8 says what was asked', [memoryShapes()], check, { runs: 10 });
}

function judge(stage: Stage, method: Method, request: Request): void {
  const outcome = attempt(stage, method, request);
  if (outcome.kind !== 'refused') return;
  const fault = faultOf(outcome.error, stage, method, request);
  if (fault === undefined) return;
  broken({ request: describeRequest(stage, method, request), answer: show(outcome.error), ...fault });
}

interface Fault {
  readonly allowed: string;
  readonly but: string;
}

function faultOf(error: Error, stage: Stage, method: Method, request: Request): Fault | undefined {
  const sizeBytes = sizeOf(stage.raw);
  const { ptr, length } = error as Error & { ptr?: unknown; length?: unknown };
  if (!(error instanceof Error)) return { allowed: 'an instance of Error', but: 'instanceof Error is false' };
  if (error.name !== 'MemoryError') return { allowed: 'name MemoryError', but: `name is ${show(error.name)}` };
  if (!Object.is(ptr, request.ptr)) return { allowed: `ptr ${show(request.ptr)}`, but: `ptr is ${show(ptr)}` };
  if (!isLengthAllowed(length, method, request, sizeBytes)) {
    return { allowed: `length ${show(request.lengthBytes)}`, but: `length is ${show(length)}` };
  }
  if (!isWellFormed(request) || fits(request, sizeBytes) || mentions(error.message, sizeBytes)) return undefined;
  return { allowed: `a message with the ${sizeBytes} bytes of memory`, but: 'the message does not have them' };
}

/** A string need not be measured where its pointer alone is enough to refuse it. */
function isLengthAllowed(length: unknown, method: Method, request: Request, sizeBytes: number): boolean {
  const isPointerRefused = !fits({ ptr: request.ptr, lengthBytes: 0 }, sizeBytes);
  if (method.name === 'writeString' && isPointerRefused) return typeof length === 'number';
  return Object.is(length, request.lengthBytes);
}

/** Whether `message` has `sizeBytes`, in decimal with or without separators, or in hex. */
function mentions(message: string, sizeBytes: number): boolean {
  const plain = message.replace(/(?<=\d)[,_'\s](?=\d{3})/g, '');
  const words = `${message} ${plain}`.toLowerCase().match(/0x[0-9a-f]+|\d+/g) ?? [];
  return words.some((word) => Number(word) === sizeBytes);
}

if (import.meta.vitest) verify(errorsCarryContext);
