/** Whether memory that was freed is free: asked when a trace has ended. */
import type { HeapModel } from '../model/heap-model.ts';
import type { Profile } from '../model/profile.ts';
import { pagesText } from '../violation.ts';
import { PAGE_BYTES } from './growth-judge.ts';
import type { Judges } from './judges.ts';
import type { Sides } from './sides.ts';

/** Ends every live block, as the program that the trace stands for would before it ends. */
export function freeAll({ watched, model, progress, pulse }: Sides, { contents, counters }: Judges): void {
  progress.isEmptying = true;
  for (const block of [...model.live]) {
    contents.verify(block);
    watched.free(block);
    model.remove(block);
    pulse.tick();
  }
  counters.judge('statistics-match-history');
}

/** Frees all, then asks for most of what the trace had used: it must fit again where it was. */
export function judgeRecovery(sides: Sides, judges: Judges): void {
  freeAll(sides, judges);
  const wantBytes = wantedBytes(sides, judges);
  if (wantBytes <= 0) return;
  const pagesBefore = sides.contents.renewedSizeBytes() / PAGE_BYTES;
  const pointer = sides.watched.malloc(wantBytes);
  const grown = sides.contents.renewedSizeBytes() / PAGE_BYTES - pagesBefore;
  if (pointer !== 0 && grown === 0) return;
  const answer = `malloc ${wantBytes} gave ${pointer === 0 ? 'NULL' : `a block, and ${pagesText(grown)} more`}`;
  sides.progress.break('everything-freed-is-everything-available', answer, 'a block in the memory that was freed');
}

function wantedBytes({ profile, model }: Sides, { growth, counters }: Judges): number {
  if (!profile.mayGrow) return profile.capacityBytes;
  const { ungrownBytes = 0 } = profile;
  if (ungrownBytes > 0 && growth.isUngrown && counters.refusals === 0) return ungrownBytes;
  // A quarter of the span that held the trace's blocks, less a page of tables: free in one piece, buddies included.
  const spanBytes = Math.floor((model.highestEnd - model.lowestStart) / 4) - 4096;
  return Math.min(Math.max(spanBytes, largestAgain(profile, model)), profile.capacityBytes);
}

/** Most of the largest block of the trace: a heap that rounds sizes up to find them may not find its own again. */
function largestAgain({ reserveBytes = PAGE_BYTES }: Profile, { largestBytes }: HeapModel): number {
  return Math.floor((largestBytes * 7) / 8) - reserveBytes;
}
