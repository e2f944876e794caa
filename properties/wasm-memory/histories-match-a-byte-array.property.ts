/**
 * histories-match-a-byte-array: after any calls in any order memory is what an array of bytes would be, on one memory
 * and on two at once.
 *
 * The model is an array and the arithmetic oracles. Refused steps are part of a history: nothing may change, and what
 * follows must work. The same history on a shared memory answers the same.
 */
import fc from 'fast-check';
import { PAGE_BYTES } from '../arbitraries/borders.ts';
import { histories, type Place, type Step, steps } from '../arbitraries/memory-histories.ts';
import {
  bytesOf,
  describeShape,
  firstDifference,
  grow,
  type Stage,
  sizeOf,
  stageOf,
} from '../arbitraries/memory-shapes.ts';
import { answerTo, broken, type Claim, defineClaim } from '../claim.ts';
import { show, showAddress } from '../show.ts';
import type { Implementation } from './implementation.ts';
import { type MemoryLaw, verify } from './memory-law.ts';
import { bitsIn, isSamePattern, NUMBER_TYPES } from './number-types.ts';
import { bytesOfInteger } from './oracles/little-endian.ts';
import { utf8Bytes, wellFormed } from './oracles/utf8.ts';
import { describeOutcome, describeRule, outcomeOf } from './requests.ts';

export const historiesMatchAByteArray: MemoryLaw = {
  id: 'histories-match-a-byte-array',
  sentence: 'after any calls in any order memory is what an array of bytes would be',
  claims: (subject) => [
    oneMemory(subject, false),
    oneMemory(subject, true),
    twoMemories(subject),
    sameMemoryTwice(subject),
  ],
};

/** A stage and the bytes its memory must have. */
interface Lockstep {
  readonly stage: Stage;
  readonly model: { bytes: Uint8Array };
}

function oneMemory(subject: Implementation, shared: boolean): Claim {
  const check = (history: readonly Step[]): void => {
    const lockstep = lockstepOf(subject, shared);
    for (const [index, step] of history.entries()) take(lockstep, step, index);
  };
  const title = `any history on a ${shared ? 'shared' : 'plain'} memory`;
  return defineClaim(title, [histories()], check, { runs: shared ? 100 : 200 });
}

/** Two memories by turns: nothing kept for one may leak into the other. */
function twoMemories(subject: Implementation): Claim {
  const check = (turns: readonly (readonly [number, Step])[]): void => {
    const locksteps = [lockstepOf(subject, false), lockstepOf(subject, false)];
    for (const [index, [turn, step]] of turns.entries()) {
      const lockstep = locksteps[turn];
      if (lockstep !== undefined) take(lockstep, step, index);
    }
    for (const lockstep of locksteps) judgeMemory(lockstep, 'the end of the history', '');
  };
  const turns = fc.array(fc.tuple(fc.nat(1), steps()), { minLength: 1, maxLength: 30, size: 'max' });
  return defineClaim('two memories by turns keep apart', [turns], check);
}

/** Two interfaces on one memory by turns: what one does, growth included, the other sees. */
function sameMemoryTwice(subject: Implementation): Claim {
  const check = (history: readonly Step[]): void => {
    const first = lockstepOf(subject, false);
    const second = { ...first, stage: { ...first.stage, memory: subject.make(first.stage.raw) } };
    for (const [index, step] of history.entries()) take(index % 2 === 0 ? first : second, step, index);
  };
  return defineClaim('two interfaces on one memory see the same', [histories()], check);
}

function lockstepOf(subject: Implementation, shared: boolean): Lockstep {
  const stage = stageOf(subject, { pages: 1, shared, growths: [] });
  return { stage, model: { bytes: bytesOf(stage.raw) } };
}

function take(lockstep: Lockstep, step: Step, index: number): void {
  if (step.kind === 'growth') takeGrowth(lockstep, step, index);
  else if (step.kind === 'bytes') takeBytes(lockstep, step, index);
  else if (step.kind === 'text') takeText(lockstep, step, index);
  else if (step.kind === 'copy') takeCopy(lockstep, step, index);
  else if (step.kind === 'look') takeLook(lockstep, step, index);
  else takeNumber(lockstep, step, index);
}

type StepOf<Kind extends Step['kind']> = Extract<Step, { kind: Kind }>;

function takeGrowth({ stage, model }: Lockstep, { growth }: StepOf<'growth'>, index: number): void {
  // Memory has its maximum; what lies beyond is the matter of growth-counts-pages.
  if (sizeOf(stage.raw) / PAGE_BYTES + growth.pages > MOST_PAGES) return;
  answerTo(`growth by ${growth.pages} by the ${growth.by}${at(index)}`, () => grow(stage, growth));
  const bytes = new Uint8Array(model.bytes.length + growth.pages * PAGE_BYTES);
  bytes.set(model.bytes);
  model.bytes = bytes;
  judgeMemory({ stage, model }, `growth by ${growth.pages} by the ${growth.by}`, at(index));
}

function takeNumber(lockstep: Lockstep, step: StepOf<'I32' | 'I64' | 'F32' | 'F64'>, index: number): void {
  const type = NUMBER_TYPES.find(({ name }) => name === step.kind);
  if (type === undefined) return;
  const { stage, model } = lockstep;
  const ptr = pointerOf(step.place, model.bytes.length, type.widthBytes);
  const value = type.valueOf(step.bits);
  const call = `write${type.name}(${showAddress(ptr)}, ${show(value)})`;
  if (!write(lockstep, call, index, ptr, type.widthBytes, () => type.write(stage.memory, ptr, value))) return;
  const written = bytesOf(stage.raw, ptr, ptr + type.widthBytes);
  const isSame = isSamePattern(type, written, step.bits);
  model.bytes.set(isSame ? written : bytesOfInteger(step.bits, type.widthBytes), ptr);
  judgeMemory(lockstep, call, at(index));
  judgeAnswer(`read${type.name}(${showAddress(ptr)})`, index, () => type.read(stage.memory, ptr), value);
}

function takeBytes(lockstep: Lockstep, { place, data }: StepOf<'bytes'>, index: number): void {
  const { stage, model } = lockstep;
  const ptr = pointerOf(place, model.bytes.length, data.length);
  const call = `writeBytes(${showAddress(ptr)}, ${show(data)})`;
  if (!write(lockstep, call, index, ptr, data.length, () => stage.memory.writeBytes(ptr, data))) return;
  model.bytes.set(data, ptr);
  judgeMemory(lockstep, call, at(index));
  const read = (): string => show(stage.memory.readBytes(ptr, data.length));
  judgeAnswer(`readBytes(${showAddress(ptr)}, ${data.length})`, index, read, show(data));
}

function takeText(lockstep: Lockstep, { place, text }: StepOf<'text'>, index: number): void {
  const { stage, model } = lockstep;
  const bytes = utf8Bytes(text);
  const ptr = pointerOf(place, model.bytes.length, bytes.length);
  const call = `writeString(${showAddress(ptr)}, ${show(text)})`;
  if (!write(lockstep, call, index, ptr, bytes.length, () => stage.memory.writeString(ptr, text))) return;
  model.bytes.set(bytes, ptr);
  judgeMemory(lockstep, call, at(index));
  const read = (): string => stage.memory.readString(ptr, bytes.length);
  judgeAnswer(`readString(${showAddress(ptr)}, ${bytes.length})`, index, read, wellFormed(text));
}

/** Bytes through a created view from elsewhere in the same memory. */
function takeCopy(lockstep: Lockstep, { place, from, length }: StepOf<'copy'>, index: number): void {
  const { stage, model } = lockstep;
  const source = Math.min(from, PAGE_BYTES - length);
  const ptr = pointerOf(place, model.bytes.length, length);
  const call = `writeBytes(${showAddress(ptr)}, createByteView(${showAddress(source)}, ${length}))`;
  const copy = (): unknown => stage.memory.writeBytes(ptr, stage.memory.createByteView(source, length));
  if (!write(lockstep, call, index, ptr, length, copy)) return;
  model.bytes.copyWithin(ptr, source, source + length);
  judgeMemory(lockstep, call, at(index));
}

/** Reads a number wherever it lies, written as a number, as bytes or as text. */
function takeLook({ stage, model }: Lockstep, { place, type: kind }: StepOf<'look'>, index: number): void {
  const type = NUMBER_TYPES[kind];
  if (type === undefined) return;
  const ptr = pointerOf(place, model.bytes.length, type.widthBytes);
  if (ptr < 0 || ptr + type.widthBytes > model.bytes.length) return;
  const expected = type.valueOf(bitsIn(model.bytes.subarray(ptr, ptr + type.widthBytes)));
  const call = `read${type.name}(${showAddress(ptr)})`;
  judgeAnswer(call, index, () => type.read(stage.memory, ptr), expected);
}

/** Makes a call that writes. True when it was answered and had to be; false when it was refused and had to be. */
function write(
  { stage, model }: Lockstep,
  call: string,
  index: number,
  ptr: number,
  length: number,
  make: () => unknown,
): boolean {
  const isInside = ptr >= 0 && ptr + length <= model.bytes.length;
  const outcome = outcomeOf(stage, make);
  if (outcome.kind !== (isInside ? 'answered' : 'refused')) {
    const allowed = describeRule({ ptr, lengthBytes: length }, model.bytes.length);
    broken({ request: `${call}${at(index)}`, answer: describeOutcome(outcome), allowed });
  }
  if (!isInside) judgeMemory({ stage, model }, call, at(index));
  return isInside;
}

function judgeMemory({ stage, model }: Lockstep, call: string, when: string): void {
  const changed = firstDifference(stage.raw, model.bytes);
  if (changed === undefined) return;
  const around = (bytes: Uint8Array): string => `${show(bytes.slice(changed, changed + 8))} at ${showAddress(changed)}`;
  broken({
    request: `${call}${when} ${describeShape(stage.shape)}`,
    answer: `memory has ${around(bytesOf(stage.raw))}`,
    allowed: around(model.bytes),
  });
}

function judgeAnswer(call: string, index: number, make: () => unknown, expected: unknown): void {
  const request = `${call}${at(index)}`;
  const answer = answerTo(request, make);
  if (Object.is(answer, expected)) return;
  broken({ request, answer: show(answer), allowed: show(expected) });
}

function pointerOf({ share, offset }: Place, sizeBytes: number, lengthBytes: number): number {
  return Math.floor(share * Math.max(0, sizeBytes - lengthBytes)) + offset;
}

function at(index: number): string {
  return `, step ${index + 1} of the history`;
}

const MOST_PAGES = 5;

if (import.meta.vitest) verify(historiesMatchAByteArray);
