/**
 * strings-are-utf8: `writeString` writes the UTF-8 of a string, lone surrogates as U+FFFD, nothing before or after it, and
 * answers the bytes; `readString` gives back what was written, BOM and NUL included.
 *
 * The oracle is RFC 3629 by arithmetic. Strings of every plane, and of every length at which coders change their ways.
 */
import fc from 'fast-check';
import { goodPointers, near, PAGE_BYTES, THRESHOLD_LENGTHS, WHOLE_BLOCKS } from '../arbitraries/borders.ts';
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
import { asciiOf, characters, texts } from '../arbitraries/texts.ts';
import { answerTo, broken, type Claim, defineClaim } from '../claim.ts';
import { show, showAddress, showForeign } from '../show.ts';
import type { Implementation } from './implementation.ts';
import { judgeManyCalls, MANY_CALLS } from './many-calls.ts';
import { type MemoryLaw, verify } from './memory-law.ts';
import { utf8Bytes, wellFormed } from './oracles/utf8.ts';
import { describeRule } from './requests.ts';

export const stringsAreUtf8: MemoryLaw = {
  id: 'strings-are-utf8',
  sentence: 'writeString writes UTF-8 and answers its bytes, readString gives back what was written',
  claims: (subject) => [
    roundTrips(subject),
    acrossThresholds(subject),
    inWholeBlocks(subject),
    manyTimes(subject),
    survivesAnyShape(subject),
    fitsExactly(subject),
    everyUnit(subject),
  ],
};

const THREE_PAGES = { pages: 3, shared: false, growths: [] };

/** Characters of four bytes, a page of them and 100 more, have room in it. */
const FIVE_PAGES = { pages: 5, shared: false, growths: [] };

function roundTrips(subject: Implementation): Claim {
  const stage = stageOf(subject, FIVE_PAGES);
  const check = (text: string, pointer: number): void => judge(stage, text, pointer);
  const places = goodPointers(5 * PAGE_BYTES, 1);
  return defineClaim('a string of any length and plane', [texts(PAGE_BYTES + 100), places], check, { runs: 300 });
}

/** A character of one, two and three bytes, a pair and a lone surrogate, each begun up to 2 units before a length that matters. */
function acrossThresholds(subject: Implementation): Claim {
  const stage = stageOf(subject, THREE_PAGES);
  const thresholds = THRESHOLD_LENGTHS.filter((length) => length <= PAGE_BYTES + 1);
  const check = (): void => {
    for (const character of ['y', '\u00e9', '\u20ac', '\u{1f600}', '\udbff']) {
      for (const threshold of thresholds) judge(stage, `${asciiOf(threshold - 1)}${character}z`, 1);
    }
  };
  return defineClaim('a character across each length at which coders change their ways', [], check);
}

/** Strings whose UTF-8 is whole blocks, all ASCII and with a character of three bytes at their end. */
function inWholeBlocks(subject: Implementation): Claim {
  const stage = stageOf(subject, THREE_PAGES);
  const check = (): void => {
    for (const length of WHOLE_BLOCKS.filter((blocks) => blocks <= PAGE_BYTES)) {
      judge(stage, asciiOf(length), 1);
      judge(stage, `${asciiOf(length - 3)}\u20ac`, 0);
    }
  };
  return defineClaim('a string of whole blocks of memory', [], check);
}

function manyTimes(subject: Implementation): Claim {
  const textFor = (call: number): string => `${call} \u20ac`;
  const check = (): void => {
    const stage = stageOf(subject);
    judgeManyCalls(stage, {
      request: (call) => `readString(${call}, writeString(${call}, ${show(textFor(call))}))`,
      make: (call) => stage.memory.readString(call, stage.memory.writeString(call, textFor(call))),
      isRight: (answer, call) => answer === textFor(call),
      allowed: (call) => show(textFor(call)),
    });
  };
  return defineClaim(`writeString and readString ${MANY_CALLS} times`, [], check);
}

function survivesAnyShape(subject: Implementation): Claim {
  const check = (shape: MemoryShape, text: string, pointer: number): void => {
    const stage = stageOf(subject, shape);
    if (utf8Bytes(text).length <= sizeOf(stage.raw)) judge(stage, text, pointer);
  };
  const values = [memoryShapes(), texts(200), goodPointers(2 * PAGE_BYTES, 1)] as const;
  return defineClaim('a string in memory of any shape', [...values], check, { runs: 100 });
}

/** The last bytes of memory: an encoder must neither ask for room it does not need nor write half a string. */
function fitsExactly(subject: Implementation): Claim {
  const stage = stageOf(subject);
  const check = (parts: readonly string[], missing: number): void => {
    const text = parts.join('');
    const length = utf8Bytes(text).length;
    if (missing <= 0) judge(stage, text, PAGE_BYTES - length + missing);
    else if (length > 0) judgeRefusal(stage, text, PAGE_BYTES - length + missing);
  };
  const parts = fc.array(fc.oneof(characters(), texts(300)), { maxLength: 6 });
  return defineClaim('a string up to the last byte of memory', [parts, near(0, 2)], check, { runs: 300 });
}

/** Units by themselves: all where UTF-8 changes length and all surrogates, every 16th of the long stretches between. */
function everyUnit(subject: Implementation): Claim {
  const stage = stageOf(subject);
  const check = (): void => {
    for (let unit = 0; unit < 0x10000; unit += isPlainStretch(unit) ? 16 : 1) {
      judgeUnit(stage, String.fromCharCode(unit));
    }
  };
  return defineClaim('UTF-16 units by themselves', [], check);
}

function isPlainStretch(unit: number): boolean {
  return (unit >= 0x1000 && unit < 0xd700) || (unit >= 0xe100 && unit < 0xfe00);
}

function judgeUnit({ memory, shape }: Stage, text: string): void {
  const request = `readString(0, writeString(0, ${show(text)})) ${describeShape(shape)}`;
  const answer = answerTo(request, () => memory.readString(0, memory.writeString(0, text)));
  if (answer !== wellFormed(text)) broken({ request, answer: show(answer), allowed: show(wellFormed(text)) });
}

function judge(stage: Stage, text: string, pointer: number): void {
  paint(stage.raw);
  const bytes = Uint8Array.from(utf8Bytes(text));
  const ptr = Math.max(0, Math.min(pointer, sizeOf(stage.raw) - bytes.length));
  const expected = bytesOf(stage.raw);
  expected.set(bytes, ptr);
  const request = `writeString(${showAddress(ptr)}, ${show(text)}) ${describeShape(stage.shape)}`;
  const rule = describeRule({ ptr, lengthBytes: bytes.length }, expected.length);
  const answer = answerTo(request, () => stage.memory.writeString(ptr, text), rule);
  if (answer !== bytes.length) broken({ request, answer: show(answer), allowed: `${bytes.length}, the bytes written` });
  const changed = firstDifference(stage.raw, expected);
  if (changed !== undefined) judgeAround(stage, request, expected, changed);
  judgeRead(stage, text, ptr, bytes.length);
}

function judgeAround(stage: Stage, request: string, expected: Uint8Array, changed: number): never {
  const around = (bytes: Uint8Array): string => `${show(bytes.slice(changed, changed + 8))} at ${showAddress(changed)}`;
  return broken({ request, answer: around(bytesOf(stage.raw)), allowed: around(expected) });
}

function judgeRead(stage: Stage, text: string, ptr: number, lengthBytes: number): void {
  const allowed = wellFormed(text);
  const request = `readString(${showAddress(ptr)}, ${lengthBytes}) of ${show(allowed)} ${describeShape(stage.shape)}`;
  const answer = answerTo(request, () => stage.memory.readString(ptr, lengthBytes), show(allowed));
  if (answer === allowed) return;
  broken({ request, answer: show(answer), allowed: show(allowed) });
}

function judgeRefusal(stage: Stage, text: string, ptr: number): void {
  paint(stage.raw);
  const before = bytesOf(stage.raw);
  const request = `writeString(${showAddress(ptr)}, ${show(text)}) ${describeShape(stage.shape)}`;
  const allowed = `MemoryError: ${utf8Bytes(text).length} bytes do not fit there; nothing is written`;
  const answer = refusalOf(stage, ptr, text);
  if (answer !== undefined) broken({ request, answer, allowed });
  const changed = firstDifference(stage.raw, before);
  if (changed === undefined) return;
  broken({ request, answer: `a refusal, but the byte at ${showAddress(changed)} changed`, allowed });
}

/** Undefined when the write was refused with MemoryError, else what came instead. */
function refusalOf({ subject, memory }: Stage, ptr: number, text: string): string | undefined {
  try {
    return show(memory.writeString(ptr, text));
  } catch (error) {
    return error instanceof subject.MemoryError ? undefined : showForeign(error);
  }
}

if (import.meta.vitest) verify(stringsAreUtf8);
