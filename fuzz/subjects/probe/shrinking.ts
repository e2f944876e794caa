/**
 * Whether realloc to a smaller size can fail, seen where it is hardest: in a full heap. One that shrinks blocks where
 * they lie while there is room needs none: that it fails in a full heap is a defect, and left for the law.
 */
import type { ModuleSubject } from '../module-subject.ts';
import { allocateMany, attempt, type ProbeBlock } from './attempt.ts';

export interface Shrinking {
  readonly neverFails: boolean;
  /** How many blocks stayed where they were, of how many; for a note, since C promises nothing of the kind. */
  readonly kept: number;
  readonly tries: number;
}

/** An allocator that moves shrunken blocks to another class fails most of these in a full heap; a rare failure is a defect. */
const OUTLIERS = 0.05;
const PARTS = 40;

export function probeShrinking(subject: ModuleSubject, capacityBytes: number): Shrinking {
  const largestBytes = Math.floor(capacityBytes / PARTS);
  const answers: { from: number; to: number }[] = [];
  attempt(subject, undefined, () => {
    const blocks = fill(subject, largestBytes);
    for (const block of blocks) answers.push(...shrinkStepwise(subject, block));
  });
  const failures = answers.filter(({ to }) => to === 0).length;
  const kept = answers.filter(({ from, to }) => from === to).length;
  const neverFails =
    answers.length > 0 && (failures / answers.length <= OUTLIERS || staysWithRoom(subject, largestBytes));
  return { neverFails, kept, tries: answers.length };
}

/** Whether every block that is shrunk in a heap with room to spare keeps its pointer. */
function staysWithRoom(subject: ModuleSubject, largestBytes: number): boolean {
  const answers: { from: number; to: number }[] = [];
  const isEnded = attempt(subject, false, () => {
    for (let sizeBytes = largestBytes; sizeBytes >= 32; sizeBytes = Math.floor(sizeBytes / 4)) {
      for (const block of allocateMany(subject, sizeBytes, 3)) answers.push(...shrinkStepwise(subject, block));
    }
    return true;
  });
  return isEnded && answers.length > 0 && answers.every(({ from, to }) => from === to);
}

/** Blocks of all sizes until nothing fits; those worth shrinking, large and small alternating. */
function fill(subject: ModuleSubject, largestBytes: number): ProbeBlock[] {
  const blocks: ProbeBlock[] = [];
  for (let sizeBytes = largestBytes; sizeBytes >= 32; sizeBytes = Math.floor(sizeBytes / 4)) {
    blocks.push(...allocateMany(subject, sizeBytes, 200).slice(0, 10));
  }
  return blocks;
}

function shrinkStepwise(subject: ModuleSubject, block: ProbeBlock): { from: number; to: number }[] {
  const answers: { from: number; to: number }[] = [];
  let { pointer, sizeBytes } = block;
  for (const wanted of [sizeBytes - 8, sizeBytes / 2, sizeBytes / 5, 16, 1].map(Math.floor)) {
    if (wanted >= sizeBytes || wanted < 1) continue;
    const to = subject.realloc(pointer, sizeBytes, subject.profile.alignmentBytes, wanted);
    answers.push({ from: pointer, to });
    if (to === 0) break;
    pointer = to;
    sizeBytes = wanted;
  }
  return answers;
}
