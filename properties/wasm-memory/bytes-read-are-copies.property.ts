/**
 * bytes-read-are-copies: what `readBytes` answers equals memory then, and neither follows the other afterwards.
 *
 * A copy also survives growth, which would empty a view, and the next call of readBytes.
 */
import { goodPointers, lengths, PAGE_BYTES } from '../arbitraries/borders.ts';
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
import { type MemoryLaw, verify } from './memory-law.ts';

export const bytesReadAreCopies: MemoryLaw = {
  id: 'bytes-read-are-copies',
  sentence: 'what readBytes answers equals memory then, and neither follows the other afterwards',
  claims: (subject) => [staysApart(subject)],
};

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

function judge(stage: Stage, ptr: number, lengthBytes: number): void {
  const expected = bytesOf(stage.raw, ptr, ptr + lengthBytes);
  const request = `readBytes(${showAddress(ptr)}, ${lengthBytes}) ${describeShape(stage.shape)}`;
  const copy = answerTo(request, () => stage.memory.readBytes(ptr, lengthBytes));
  judgeBytes(request, copy, expected, 'at once');
  new Uint8Array(stage.raw.buffer, ptr, lengthBytes).fill(0xee);
  judgeBytes(request, copy, expected, 'after memory changed');
  stage.memory.readBytes(ptr, lengthBytes);
  judgeBytes(request, copy, expected, 'after the next readBytes');
  stage.raw.grow(0);
  judgeBytes(request, copy, expected, 'after growth');
  // Nobody can tell a view of no bytes from a copy, but for what the platform does to it.
  if (lengthBytes > 0) judgeMemory(stage, ptr, copy);
}

function judgeBytes(request: string, copy: Uint8Array, expected: Uint8Array, when: string): void {
  if (copy instanceof Uint8Array && Buffer.compare(copy, expected) === 0) return;
  broken({
    request,
    answer: `${show(copy)} ${when}`,
    allowed: show(expected),
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
