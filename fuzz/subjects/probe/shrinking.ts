/**
 * Whether realloc to a smaller size can fail. One that shrinks blocks where they lie needs no room for it, so that a
 * failure in a full heap is a defect, and left for the law. One that ever moves a block to shrink it may have no place
 * to move it to, however many it shrank in the full heaps we made.
 */
import type { ModuleSubject } from '../module-subject.ts';
import { allocateMany, attempt, type ProbeBlock } from './attempt.ts';

export interface Shrinking {
  readonly neverFails: boolean;
  /** How many blocks stayed where they were in a full heap, of how many; for a note, since C promises nothing of the kind. */
  readonly kept: number;
  readonly tries: number;
}

/** A rare failure where there is room is a defect. */
const OUTLIERS = 0.05;
const PARTS = 40;

interface Answer {
  readonly from: number;
  readonly to: number;
}

export function probeShrinking(subject: ModuleSubject, capacityBytes: number): Shrinking {
  const full = answersOf(subject, () => fill(subject, Math.floor(capacityBytes / PARTS)));
  const roomy = answersOf(subject, () => sample(subject, Math.floor(capacityBytes / 2)));
  const moves = roomy.filter(({ from, to }) => to !== 0 && to !== from).length;
  const failures = roomy.filter(({ to }) => to === 0).length;
  return {
    neverFails: roomy.length > 0 && moves === 0 && failures / roomy.length <= OUTLIERS,
    kept: full.filter(({ from, to }) => from === to).length,
    tries: full.length,
  };
}

function answersOf(subject: ModuleSubject, blocksOf: () => readonly ProbeBlock[]): readonly Answer[] {
  const answers: Answer[] = [];
  attempt(subject, undefined, () => {
    for (const block of blocksOf()) answers.push(...shrinkStepwise(subject, block));
  });
  return answers;
}

/** Blocks of all sizes until nothing fits; those worth shrinking, large and small alternating. */
function fill(subject: ModuleSubject, largestBytes: number): ProbeBlock[] {
  const blocks: ProbeBlock[] = [];
  for (let sizeBytes = largestBytes; sizeBytes >= 32; sizeBytes = Math.floor(sizeBytes / 4)) {
    blocks.push(...allocateMany(subject, sizeBytes, 200).slice(0, 10));
  }
  return blocks;
}

/** One block of half the heap, and two each of smaller sizes: a third of the heap stays free. */
function sample(subject: ModuleSubject, largestBytes: number): ProbeBlock[] {
  const blocks = allocateMany(subject, largestBytes, 1);
  for (let sizeBytes = Math.floor(largestBytes / 16); sizeBytes >= 32; sizeBytes = Math.floor(sizeBytes / 4)) {
    blocks.push(...allocateMany(subject, sizeBytes, 2));
  }
  return blocks;
}

function shrinkStepwise(subject: ModuleSubject, block: ProbeBlock): Answer[] {
  const answers: Answer[] = [];
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
