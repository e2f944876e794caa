/**
 * writes-wrap-and-round: a value outside its type is written as the WebAssembly JS API would pass it.
 *
 * writeI32 wraps as ToInt32, writeI64 as BigInt.asIntN(64), writeF32 rounds to the nearest single, ties to even. The
 * oracle is arithmetic on bigints; for singles Math.fround, which ECMAScript defines as exactly that rounding.
 */
import fc from 'fast-check';
import { goodPointers, PAGE_BYTES } from '../arbitraries/borders.ts';
import { bytesOf, describeShape, type Stage, stageOf } from '../arbitraries/memory-shapes.ts';
import { doubleBits, singleBits, unwrappedBigints, unwrappedNumbers } from '../arbitraries/numbers.ts';
import { answerTo, broken, type Claim, defineClaim } from '../claim.ts';
import { show, showAddress } from '../show.ts';
import type { Implementation } from './implementation.ts';
import { type MemoryLaw, verify } from './memory-law.ts';
import { bytesOfInteger, DOUBLE, floatOfBits, SINGLE, signedOfBytes } from './oracles/little-endian.ts';

export const writesWrapAndRound: MemoryLaw = {
  id: 'writes-wrap-and-round',
  sentence: 'a value outside its type is written as the WebAssembly JS API would pass it',
  claims: (subject) => [wrapsI32(subject), wrapsI64(subject), roundsF32(subject)],
};

function wrapsI32(subject: Implementation): Claim {
  const stage = stageOf(subject);
  const check = (value: number, ptr: number): void => {
    const call = `writeI32(${showAddress(ptr)}, ${show(value)})`;
    answerTo(call, () => stage.memory.writeI32(ptr, value));
    const whole = Number.isFinite(value) ? BigInt(Math.trunc(value)) : 0n;
    judgeBytes(stage, call, ptr, bytesOfInteger(whole, 4));
    const wrapped = Number(signedOfBytes(bytesOfInteger(whole, 4)));
    judgeAnswer(stage, `readI32 after ${call}`, stage.memory.readI32(ptr), wrapped);
  };
  const places = goodPointers(PAGE_BYTES, 4);
  return defineClaim('writeI32 wraps as ToInt32', [unwrappedNumbers(), places], check, { runs: 600 });
}

function wrapsI64(subject: Implementation): Claim {
  const stage = stageOf(subject);
  const check = (value: bigint, ptr: number): void => {
    const call = `writeI64(${showAddress(ptr)}, ${show(value)})`;
    answerTo(call, () => stage.memory.writeI64(ptr, value));
    judgeBytes(stage, call, ptr, bytesOfInteger(value, 8));
    const wrapped = signedOfBytes(bytesOfInteger(value, 8));
    judgeAnswer(stage, `readI64 after ${call}`, stage.memory.readI64(ptr), wrapped);
  };
  const places = goodPointers(PAGE_BYTES, 8);
  return defineClaim('writeI64 wraps as BigInt.asIntN(64)', [unwrappedBigints(), places], check, { runs: 400 });
}

function roundsF32(subject: Implementation): Claim {
  const stage = stageOf(subject);
  const check = (value: number, ptr: number): void => {
    answerTo(`writeF32(${showAddress(ptr)}, ${show(value)})`, () => stage.memory.writeF32(ptr, value));
    const answer = stage.memory.readF32(ptr);
    judgeAnswer(stage, `readF32 after writeF32(${showAddress(ptr)}, ${show(value)})`, answer, Math.fround(value));
  };
  return defineClaim('writeF32 rounds to the nearest single', [doubles(), goodPointers(PAGE_BYTES, 4)], check, {
    runs: 600,
  });
}

/** Doubles anywhere, and those a little more than, exactly or a little less than half-way between two singles. */
function doubles(): fc.Arbitrary<number> {
  const anywhere = doubleBits().map((bits) => floatOfBits(bits, DOUBLE));
  const halfWay = fc
    .tuple(singleBits(), fc.constantFrom(1 - 2 ** -50, 1, 1 + 2 ** -50))
    .map(([bits, nudge]) => ((floatOfBits(bits, SINGLE) + floatOfBits(bits + 1n, SINGLE)) / 2) * nudge);
  // Either side of where rounding reaches infinity, and of where it reaches zero.
  const extremes = fc.constantFrom(3.4028235677973366e38, 3.4028235677973362e38, 1e308, 2 ** -150, 2 ** -149 * 1.5);
  return fc.oneof(anywhere, halfWay, extremes);
}

function judgeBytes(stage: Stage, call: string, ptr: number, expected: readonly number[]): void {
  const bytes = bytesOf(stage.raw, ptr, ptr + expected.length);
  if (expected.every((byte, at) => bytes[at] === byte)) return;
  const allowed = show(Uint8Array.from(expected));
  broken({ request: `${call} ${describeShape(stage.shape)}`, answer: show(bytes), allowed });
}

function judgeAnswer(stage: Stage, call: string, answer: unknown, expected: unknown): void {
  if (Object.is(answer, expected)) return;
  broken({ request: `${call} ${describeShape(stage.shape)}`, answer: show(answer), allowed: show(expected) });
}

if (import.meta.vitest) verify(writesWrapAndRound);
