/** Whether a function that its name says to reset the heap does so. */
import type { ModuleSubject } from '../module-subject.ts';
import { allocate, attempt, type ProbeBlock } from './attempt.ts';

const SIZES_BYTES: readonly number[] = [24, 100, 8, 1000, 64, 3000, 16, 200];

/**
 * `replays`: blocks lie where they lie in a fresh heap. `resets`: they lie elsewhere, and some on blocks of before.
 * `none`: they keep clear of them, as when only statistics are reset.
 */
export function probeReset(subject: ModuleSubject): 'replays' | 'resets' | 'none' {
  return attempt(subject, 'none', () => {
    const before = blocksOf(subject);
    subject.reset();
    const after = blocksOf(subject);
    if (after.length < before.length) return 'none';
    if (after.every(({ pointer }, index) => pointer === before[index]?.pointer)) return 'replays';
    return after.some((block) => before.some((other) => overlap(block, other))) ? 'resets' : 'none';
  });
}

const blocksOf = (subject: ModuleSubject): ProbeBlock[] =>
  SIZES_BYTES.flatMap((sizeBytes) => allocate(subject, sizeBytes) ?? []);

const overlap = (one: ProbeBlock, other: ProbeBlock): boolean =>
  one.pointer < other.pointer + other.sizeBytes && other.pointer < one.pointer + one.sizeBytes;
