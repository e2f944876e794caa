/** How far up the blocks of a fixed heap reach. What lies beyond is not the heap's: static data, a stack, the end of memory. */
import type { ModuleSubject } from '../module-subject.ts';
import { allocate, attempt, MOST_BLOCKS } from './attempt.ts';

/** What another order of requests may reach beyond, as a slab of its own does. */
const GRACE_BYTES = 65536;
/** Blocks of each of these shares of the largest one. */
const SHARES = [1, 1 / 2, 1 / 3, 1 / 7, 1 / 40, 1 / 300];

/**
 * The end of the heap, in bytes, and a page of grace; undefined when it cannot be filled, so that nothing says where it
 * ends.
 */
export function probeReach(subject: ModuleSubject, capacityBytes: number): number | undefined {
  const ends = SHARES.map((share) => endOfFull(subject, Math.floor(capacityBytes * share)));
  const known = ends.filter((end) => end !== undefined);
  return known.length === 0 ? undefined : Math.max(...known) + GRACE_BYTES;
}

/** The highest end of blocks of `sizeBytes`, as many as there can be; undefined when there can be too many to count. */
function endOfFull(subject: ModuleSubject, sizeBytes: number): number | undefined {
  if (sizeBytes === 0) return undefined;
  return attempt(subject, undefined, () => {
    let end = 0;
    for (let count = 0; count < MOST_BLOCKS; count += 1) {
      const block = allocate(subject, sizeBytes);
      if (block === undefined) return end;
      end = Math.max(end, block.pointer + sizeBytes);
    }
    return undefined;
  });
}
