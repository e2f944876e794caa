/**
 * bytes-read-are-copies: what `readBytes` answers equals memory then, and neither follows the other afterwards.
 *
 * A copy also survives growth, which would empty a view, and the next call of readBytes.
 */
import { goodPointers, lengths, notableLengths, PAGE_BYTES } from '../arbitraries/borders.ts';
import {
  bytesOf,
  describeShape,
  firstDifference,
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
import { judgeManyCalls, MANY_CALLS } from './many-calls.ts';
import { type MemoryLaw, verify } from './memory-law.ts';
import { describeRule } from './requests.ts';

export const bytesReadAreCopies: MemoryLaw = {
  id: 'bytes-read-are-copies',
  sentence: 'what readBytes answers equals memory then, and neither follows the other afterwards',
  claims: (subject) => [staysApart(subject), ofEveryLength(subject), manyTimes(subject)],
};

const THREE_PAGES = { pages: 3, shared: false, growths: [] };

function staysApart(subject: Implementation): Claim {
  const check = (shape: MemoryShape, length: number, pointer: number): void => {
    const stage = stageOf(subject, shape);
    const lengthBytes = Math.min(length, sizeOf(stage.raw));
    judge(stage, Math.min(pointer, sizeOf(stage.raw) - lengthBytes), lengthBytes);
  };
  const places = goodPointers(2 * PAGE_BYTES, 1);
  return defineClaim('readBytes answers a copy', [memoryShapes(), lengths(2 * PAGE_BYTES), places], check, {
    runs: 200,
  });
}

/** Each length at which implementations change their ways, at either end of memory. */
function ofEveryLength(subject: Implementation): Claim {
  const stage = stageOf(subject, THREE_PAGES);
  const check = (): void => {
    paint(stage.raw);
    for (const length of notableLengths(2 * PAGE_BYTES))
      for (const ptr of [0, 1, 3 * PAGE_BYTES - length]) judgeRead(stage, ptr, length);
  };
  return defineClaim('readBytes of each length at which implementations change their ways', [], check);
}

function manyTimes(subject: Implementation): Claim {
  const check = (): void => {
    const stage = stageOf(subject);
    const painted = bytesOf(stage.raw);
    const expected = (call: number): Uint8Array => painted.subarray(call, call + 8);
    judgeManyCalls(stage, {
      request: (call) => `readBytes(${showAddress(call)}, 8)`,
      make: (call) => stage.memory.readBytes(call, 8),
      isRight: (answer, call) => answer instanceof Uint8Array && Buffer.compare(answer, expected(call)) === 0,
      allowed: (call) => show(expected(call)),
    });
  };
  return defineClaim(`readBytes ${MANY_CALLS} times`, [], check);
}

function judgeRead({ raw, memory, shape }: Stage, ptr: number, lengthBytes: number): void {
  const expected = bytesOf(raw, ptr, ptr + lengthBytes);
  const request = `readBytes(${showAddress(ptr)}, ${lengthBytes}) ${describeShape(shape)}`;
  const rule = describeRule({ ptr, lengthBytes }, sizeOf(raw));
  judgeBytes(
    request,
    answerTo(request, () => memory.readBytes(ptr, lengthBytes), rule),
    expected,
  );
}

function judge(stage: Stage, ptr: number, lengthBytes: number): void {
  const expected = bytesOf(stage.raw, ptr, ptr + lengthBytes);
  const request = `readBytes(${showAddress(ptr)}, ${lengthBytes}) ${describeShape(stage.shape)}`;
  const rule = describeRule({ ptr, lengthBytes }, sizeOf(stage.raw));
  const copy = answerTo(request, () => stage.memory.readBytes(ptr, lengthBytes), rule);
  judgeBytes(request, copy, expected);
  new Uint8Array(stage.raw.buffer, ptr, lengthBytes).fill(0xee);
  judgeBytes(request, copy, expected, 'after memory changed');
  stage.memory.readBytes(ptr, lengthBytes);
  judgeBytes(request, copy, expected, 'after the next readBytes');
  stage.raw.grow(0);
  judgeBytes(request, copy, expected, 'after growth');
  // Nobody can tell a view of no bytes from a copy, but for what the platform does to it.
  if (lengthBytes > 0) judgeMemory(stage, ptr, copy);
}

function judgeBytes(request: string, copy: Uint8Array, expected: Uint8Array, when = 'at once'): void {
  if (copy instanceof Uint8Array && Buffer.compare(copy, expected) === 0) return;
  const different = copy instanceof Uint8Array ? copy.findIndex((byte, at) => byte !== expected[at]) : -1;
  const from = Math.max(0, different - 4);
  const place = from > 0 ? `, from its byte ${from} on` : '';
  broken({
    request: `${request}${place}`,
    answer: `${show(from > 0 ? copy.slice(from) : copy)} ${when}`,
    allowed: show(expected.slice(from)),
  });
}

function judgeMemory(stage: Stage, ptr: number, copy: Uint8Array): void {
  paint(stage.raw);
  const before = bytesOf(stage.raw);
  copy.fill(0xdd);
  const changed = firstDifference(stage.raw, before);
  if (changed === undefined) return;
  broken({
    request: `filling what readBytes(${showAddress(ptr)}, ${copy.length}) answered ${describeShape(stage.shape)}`,
    answer: `the byte at ${showAddress(changed)} of memory changed`,
    allowed: 'memory is not the copy',
  });
}

if (import.meta.vitest) verify(bytesReadAreCopies);
