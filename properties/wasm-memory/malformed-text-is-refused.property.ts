/**
 * malformed-text-is-refused: `readString` answers well-formed UTF-8 and refuses everything else with MemoryError.
 *
 * Well-formed is what RFC 3629's table says (`oracles/utf8.ts`): no overlong form, no surrogate, nothing past U+10FFFF, no
 * sequence cut short by the length, though its rest lie in memory.
 */
import fc from 'fast-check';
import { goodPointers, PAGE_BYTES } from '../arbitraries/borders.ts';
import { bytesOf, describeShape, firstDifference, type Stage, stageOf } from '../arbitraries/memory-shapes.ts';
import { CURIOUS_SEQUENCES, nearlyUtf8 } from '../arbitraries/texts.ts';
import { broken, type Claim, defineClaim } from '../claim.ts';
import { show, showAddress, showForeign } from '../show.ts';
import type { Implementation } from './implementation.ts';
import { type MemoryLaw, verify } from './memory-law.ts';
import { decodeStrictly } from './oracles/utf8.ts';

export const malformedTextIsRefused: MemoryLaw = {
  id: 'malformed-text-is-refused',
  sentence: 'readString answers well-formed UTF-8 and refuses everything else with MemoryError',
  claims: (subject) => [anyBytes(subject), everySequence(subject), everyPrefix(subject), changesNothing(subject)],
};

function anyBytes(subject: Implementation): Claim {
  const stage = stageOf(subject);
  const check = (bytes: readonly number[], pointer: number): void => judge(stage, bytes, pointer);
  const places = goodPointers(PAGE_BYTES, 1);
  return defineClaim('bytes that are nearly UTF-8', [nearlyUtf8(), places], check, { runs: 800 });
}

/** Every byte that is not ASCII, and its borders, before continuations at each border of the table. */
function everySequence(subject: Implementation): Claim {
  const stage = stageOf(subject);
  const seconds = [0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0];
  const check = (): void => {
    for (let lead = 0x7f; lead < 0x100; lead += 1) {
      judge(stage, [lead], 0);
      for (const second of seconds) for (const tail of TAILS) judge(stage, [lead, second, ...tail], 0);
    }
  };
  return defineClaim('every lead byte before borders of continuation', [], check);
}

const TAILS: readonly (readonly number[])[] = [[], [0x80], [0x7f], [0x80, 0x80], [0xbf, 0xbf], [0x80, 0xc0]];

/** Cut at each length, with the rest of the sequence left in memory behind the end. */
function everyPrefix(subject: Implementation): Claim {
  const stage = stageOf(subject);
  const check = (before: number): void => {
    for (const sequence of CURIOUS_SEQUENCES) {
      const bytes = [...Array.from({ length: before }, () => 0x61), ...sequence];
      new Uint8Array(stage.raw.buffer).set(bytes);
      for (let length = before; length <= bytes.length; length += 1) judgeAt(stage, bytes.slice(0, length), 0);
    }
  };
  return defineClaim('sequences cut short by the length', [fc.nat(130)], check, { runs: 40 });
}

function changesNothing(subject: Implementation): Claim {
  const stage = stageOf(subject);
  const check = (bytes: readonly number[], pointer: number): void => {
    const ptr = place(stage, bytes, pointer);
    const before = bytesOf(stage.raw);
    attemptRead(stage, ptr, bytes.length);
    const changed = firstDifference(stage.raw, before);
    if (changed === undefined) return;
    const request = `readString(${showAddress(ptr)}, ${bytes.length}) of ${show(Uint8Array.from(bytes))}`;
    broken({ request, answer: `the byte at ${showAddress(changed)} changed`, allowed: 'reading changes nothing' });
  };
  return defineClaim('reading text changes nothing', [nearlyUtf8(), goodPointers(PAGE_BYTES, 1)], check);
}

function judge(stage: Stage, bytes: readonly number[], pointer: number): void {
  judgeAt(stage, bytes, place(stage, bytes, pointer));
}

/** Puts `bytes` at `pointer`, or where they just fit. */
function place({ raw }: Stage, bytes: readonly number[], pointer: number): number {
  const ptr = Math.min(pointer, PAGE_BYTES - bytes.length);
  new Uint8Array(raw.buffer).set(bytes, ptr);
  return ptr;
}

function judgeAt(stage: Stage, bytes: readonly number[], ptr: number): void {
  const expected = decodeStrictly(bytes);
  const answer = attemptRead(stage, ptr, bytes.length);
  if (answer.text === expected && answer.foreign === undefined) return;
  // The end of a long text is where it goes wrong.
  const tail = Uint8Array.from(bytes.slice(-24));
  broken({
    request: `readString(${showAddress(ptr)}, ${bytes.length}) of bytes that end in ${show(tail)} ${describeShape(stage.shape)}`,
    answer: answer.foreign ?? (answer.text === undefined ? 'MemoryError' : show(answer.text)),
    allowed: expected === undefined ? 'MemoryError: malformed UTF-8' : show(expected),
  });
}

/** What a read came to: its text, undefined for a MemoryError, or in `foreign` any other error. */
interface ReadAnswer {
  readonly text?: string;
  readonly foreign?: string;
}

function attemptRead({ subject, memory }: Stage, ptr: number, lengthBytes: number): ReadAnswer {
  try {
    return { text: memory.readString(ptr, lengthBytes) };
  } catch (error) {
    return error instanceof subject.MemoryError ? {} : { foreign: showForeign(error) };
  }
}

if (import.meta.vitest) verify(malformedTextIsRefused);
