/**
 * little-endian-round-trips: every number type reads and writes its bytes least significant first, over its whole range.
 *
 * Judged against bytes worked out by arithmetic (`oracles/little-endian.ts`) and by Object.is, so that -0, denormals and
 * the sign of a zero count. A NaN has to stay a NaN; which one is not promised.
 */
import fc from 'fast-check';
import { goodPointers, PAGE_BYTES } from '../arbitraries/borders.ts';
import { bytesOf, describeShape, paint, type Stage, stageOf } from '../arbitraries/memory-shapes.ts';
import { answerTo, broken, type Claim, defineClaim } from '../claim.ts';
import { show, showAddress } from '../show.ts';
import type { Implementation } from './implementation.ts';
import { judgeManyCalls, MANY_CALLS } from './many-calls.ts';
import { type MemoryLaw, verify } from './memory-law.ts';
import { bitsIn, isSamePattern, NUMBER_TYPES, type NumberType, type NumericValue } from './number-types.ts';
import { bytesOfInteger } from './oracles/little-endian.ts';

export const littleEndianRoundTrips: MemoryLaw = {
  id: 'little-endian-round-trips',
  sentence: 'every number type reads and writes its bytes least significant first, over its whole range',
  claims: (subject) =>
    NUMBER_TYPES.flatMap((type) => [
      readsBytes(subject, type),
      writesBytes(subject, type),
      everyByte(subject, type),
      manyTimes(subject, type),
    ]),
};

const THREE_PAGES = { pages: 3, shared: false, growths: [] };

/** A pointer anywhere in three pages, aligned or not, across their edges or at either end. */
function places(type: NumberType): fc.Arbitrary<number> {
  return goodPointers(THREE_PAGES.pages * PAGE_BYTES, type.widthBytes);
}

function readsBytes(subject: Implementation, type: NumberType): Claim {
  const stage = stageOf(subject, THREE_PAGES);
  const check = (bits: bigint, ptr: number): void => judgeRead(stage, type, bits, ptr);
  return defineClaim(`read${type.name} gives the value of the bytes`, [type.bits(), places(type)], check, {
    runs: 500,
  });
}

function writesBytes(subject: Implementation, type: NumberType): Claim {
  const stage = stageOf(subject, THREE_PAGES);
  const check = (bits: bigint, ptr: number): void => {
    judgeWrite(stage, type, bits, ptr);
    judgeReadBack(stage, type, bits, ptr);
  };
  return defineClaim(`write${type.name} leaves the bytes of the value`, [type.bits(), places(type)], check, {
    runs: 500,
  });
}

/** Each byte of the pattern in turn, at every alignment, so that no byte can trade places with another unseen. */
function everyByte(subject: Implementation, type: NumberType): Claim {
  const stage = stageOf(subject, THREE_PAGES);
  const check = (value: number): void => {
    for (let place = 0; place < type.widthBytes; place += 1) {
      const bits = BigInt(value) * 256n ** BigInt(place);
      for (let ptr = 0; ptr < 8; ptr += 1) {
        judgeRead(stage, type, bits, ptr);
        judgeWrite(stage, type, bits, ptr);
      }
    }
  };
  return defineClaim(`${type.name} keeps each byte in its place`, [fc.integer({ min: 1, max: 255 })], check, {
    runs: 30,
  });
}

/** Seven patterns by turns, so that one that is not written shows whatever lay there. */
function manyTimes(subject: Implementation, type: NumberType): Claim {
  const patterns = [1, 2, 3, 4, 5, 6, 7].map((byte) => Array<number>(type.widthBytes).fill(byte));
  const values = patterns.map((bytes) => type.valueOf(bitsIn(Uint8Array.from(bytes))));
  const check = (): void => {
    const stage = stageOf(subject);
    const bytes = new Uint8Array(stage.raw.buffer);
    const valueFor = (call: number): NumericValue => values[call % values.length] ?? 0;
    judgeManyCalls(stage, {
      request: (call) =>
        `write${type.name}(${showAddress(call)}, ${show(valueFor(call))}), then read${type.name}(${showAddress(call)})`,
      make: (call) => {
        type.write(stage.memory, call, valueFor(call));
        return type.read(stage.memory, call);
      },
      isRight: (answer, call) =>
        Object.is(answer, valueFor(call)) &&
        patterns[call % patterns.length]?.every((byte, at) => bytes[call + at] === byte) === true,
      allowed: (call) => `${show(valueFor(call))}, of ${type.widthBytes} bytes ${(call % patterns.length) + 1}`,
    });
  };
  return defineClaim(`write${type.name} and read${type.name} ${MANY_CALLS} times`, [], check);
}

function judgeRead(stage: Stage, type: NumberType, bits: bigint, ptr: number): void {
  const bytes = bytesOfInteger(bits, type.widthBytes);
  new Uint8Array(stage.raw.buffer).set(bytes, ptr);
  const where = describeShape(stage.shape);
  const request = `read${type.name}(${showAddress(ptr)}) of ${show(Uint8Array.from(bytes))} ${where}`;
  const answer = answerTo(request, () => type.read(stage.memory, ptr));
  if (Object.is(answer, type.valueOf(bits))) return;
  broken({
    request,
    answer: show(answer),
    allowed: show(type.valueOf(bits)),
  });
}

function judgeWrite(stage: Stage, type: NumberType, bits: bigint, ptr: number): void {
  paint(stage.raw, ptr, ptr + type.widthBytes);
  const value = type.valueOf(bits);
  const request = `write${type.name}(${showAddress(ptr)}, ${show(value)}) ${describeShape(stage.shape)}`;
  answerTo(request, () => type.write(stage.memory, ptr, value));
  const bytes = bytesOf(stage.raw, ptr, ptr + type.widthBytes);
  if (isSamePattern(type, bytes, bits)) return;
  broken({
    request,
    answer: show(bytes),
    allowed: type.isNan(bits) ? 'the bytes of a NaN' : show(Uint8Array.from(bytesOfInteger(bits, type.widthBytes))),
  });
}

function judgeReadBack(stage: Stage, type: NumberType, bits: bigint, ptr: number): void {
  const value = type.valueOf(bits);
  const call = `${type.name}(${showAddress(ptr)}`;
  const request = `write${call}, ${show(value)}), then read${call}) ${describeShape(stage.shape)}`;
  const answer = answerTo(request, () => type.read(stage.memory, ptr));
  if (Object.is(answer, value)) return;
  broken({
    request,
    answer: show(answer),
    allowed: show(value),
  });
}

if (import.meta.vitest) verify(littleEndianRoundTrips);
