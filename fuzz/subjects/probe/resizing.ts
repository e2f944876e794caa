/** What realloc is able to know: its parameters in the order it is given them, and what a block holds. */
import type { ModuleSubject } from '../module-subject.ts';
import { allocateMany, attempt } from './attempt.ts';

const OLD_BYTES = 40;
const NEW_BYTES = 3000;
const ALIGNMENT_BYTES = 8;

/** Most of some blocks, resized, are as large as was asked for: the next block does not lie in them. */
export function resizes(subject: ModuleSubject): boolean {
  return attempt(subject, false, () => {
    const answers = Array.from({ length: 4 }, () => isResized(subject));
    return answers.filter((isLarge) => isLarge).length > 1;
  });
}

function isResized(subject: ModuleSubject): boolean {
  const pointer = subject.malloc(OLD_BYTES);
  if (pointer === 0) return false;
  const resized = subject.realloc(pointer, OLD_BYTES, ALIGNMENT_BYTES, NEW_BYTES);
  const next = subject.malloc(OLD_BYTES);
  return resized !== 0 && (next < resized || next >= resized + NEW_BYTES);
}

/** A multiple of every usual alignment. */
const DENSE_BYTES = 64;
const DENSE_BLOCKS = 8;

/** Blocks lie side by side with no room between for a note of their sizes. */
export function keepsNoSizes(subject: ModuleSubject): boolean {
  return attempt(subject, false, () => {
    const blocks = allocateMany(subject, DENSE_BYTES, DENSE_BLOCKS);
    const isBehind = (pointer: number, index: number) => pointer === (blocks[0]?.pointer ?? 0) + index * DENSE_BYTES;
    return blocks.length === DENSE_BLOCKS && blocks.every(({ pointer }, index) => isBehind(pointer, index));
  });
}
