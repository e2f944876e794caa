/**
 * bytes-are-written-whole: `writeBytes` puts exactly the bytes it was given at the pointer, answers their number, and
 * leaves what it was given alone; from a view of the same memory it copies as if all at once (memmove).
 *
 * Data come as a whole array, as a window into a larger one and as a Buffer; ranges in the same memory overlap either way.
 */
import fc from 'fast-check';
import { goodPointers, lengths, near, notableLengths, PAGE_BYTES } from '../arbitraries/borders.ts';
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
import { contentBytes } from './methods.ts';
import { describeRule } from './requests.ts';

export const bytesAreWrittenWhole: MemoryLaw = {
  id: 'bytes-are-written-whole',
  sentence: 'writeBytes puts exactly the bytes it was given, as if all at once, and answers their number',
  claims: (subject) => [
    putsItsBytes(subject),
    putsEveryLength(subject),
    putsManyTimes(subject),
    overlapsSafely(subject),
  ],
};

/** The ways data are handed over. All have the same bytes. */
const PACKAGINGS = ['whole array', 'window', 'Buffer'] as const;

type Packaging = (typeof PACKAGINGS)[number];

function putsItsBytes(subject: Implementation): Claim {
  const check = (shape: MemoryShape, length: number, pointer: number, packaging: Packaging): void => {
    const stage = stageOf(subject, shape);
    const lengthBytes = Math.min(length, sizeOf(stage.raw));
    const data = pack(contentBytes(lengthBytes), packaging);
    judge(stage, Math.min(pointer, sizeOf(stage.raw) - lengthBytes), data, `<${lengthBytes} bytes, ${packaging}>`);
  };
  const values = [memoryShapes(), lengths(2 * PAGE_BYTES), goodPointers(2 * PAGE_BYTES, 1)] as const;
  return defineClaim('writeBytes puts its bytes', [...values, fc.constantFrom(...PACKAGINGS)], check, { runs: 200 });
}

/** Each length at which implementations change their ways, up to the last byte of memory. */
function putsEveryLength(subject: Implementation): Claim {
  const stage = stageOf(subject, { pages: 2, shared: false, growths: [] });
  const check = (): void => {
    for (const length of notableLengths(2 * PAGE_BYTES)) {
      paint(stage.raw);
      judge(stage, 2 * PAGE_BYTES - length, contentBytes(length), `<${length} bytes>`);
    }
  };
  return defineClaim('writeBytes of each length at which implementations change their ways', [], check);
}

function putsManyTimes(subject: Implementation): Claim {
  const check = (): void => {
    const stage = stageOf(subject);
    const bytes = new Uint8Array(stage.raw.buffer);
    const data = contentBytes(8);
    const place = (call: number): Uint8Array => bytes.subarray(8 * call, 8 * call + data.length);
    judgeManyCalls(stage, {
      request: (call) => `writeBytes(${showAddress(8 * call)}, ${show(data)})`,
      make: (call) => {
        stage.memory.writeBytes(8 * call, data);
        return place(call);
      },
      isRight: (_, call) => Buffer.compare(place(call), data) === 0,
      allowed: () => show(data),
    });
  };
  return defineClaim(`writeBytes ${MANY_CALLS} times`, [], check);
}

function overlapsSafely(subject: Implementation): Claim {
  const stage = stageOf(subject);
  const check = (length: number, source: number, distance: number): void => {
    paint(stage.raw);
    const lengthBytes = Math.min(length, PAGE_BYTES);
    const last = PAGE_BYTES - lengthBytes;
    const from = Math.min(source, last);
    const to = Math.min(Math.max(from + distance, 0), last);
    const data = new Uint8Array(stage.raw.buffer, from, lengthBytes);
    judge(stage, to, data, `<the ${lengthBytes} bytes at ${showAddress(from)} of the same memory>`);
  };
  const distances = fc.oneof(near(0, 20), near(0, 3), fc.integer({ min: -PAGE_BYTES, max: PAGE_BYTES }));
  const values = [lengths(PAGE_BYTES), goodPointers(PAGE_BYTES, 1), distances] as const;
  return defineClaim('writeBytes from the same memory copies as if at once', [...values], check, { runs: 300 });
}

function judge(stage: Stage, ptr: number, data: Uint8Array, what: string): void {
  const request = `writeBytes(${showAddress(ptr)}, ${what}) ${describeShape(stage.shape)}`;
  const given = Uint8Array.from(data);
  const expected = bytesOf(stage.raw);
  expected.set(given, ptr);
  const rule = describeRule({ ptr, lengthBytes: given.length }, expected.length);
  const answer = answerTo(request, () => stage.memory.writeBytes(ptr, data), rule);
  if (answer !== given.length) broken({ request, answer: show(answer), allowed: `${given.length}, the bytes written` });
  const changed = firstDifference(stage.raw, expected);
  if (changed !== undefined) judgeAround(stage, request, expected, changed);
  if (data.buffer === stage.raw.buffer || Buffer.compare(data, given) === 0) return;
  broken({ request, answer: `the data became ${show(data)}`, allowed: `the data stay ${show(given)}` });
}

function judgeAround(stage: Stage, request: string, expected: Uint8Array, changed: number): never {
  const around = (bytes: Uint8Array): string => `${show(bytes.slice(changed, changed + 8))} at ${showAddress(changed)}`;
  return broken({ request, answer: around(bytesOf(stage.raw)), allowed: around(expected) });
}

function pack(bytes: Uint8Array, packaging: Packaging): Uint8Array {
  if (packaging === 'whole array') return bytes;
  if (packaging === 'Buffer') return Buffer.from(bytes);
  const larger = new Uint8Array(bytes.length + 16).fill(0xee);
  larger.set(bytes, 5);
  return larger.subarray(5, 5 + bytes.length);
}

if (import.meta.vitest) verify(bytesAreWrittenWhole);
