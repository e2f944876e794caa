/** How much a heap grants of the region it was told to use, which shows whether it was told in the right way. */
import type { HeapRegion } from '../../wasm/prepare.ts';
import type { ModuleSubject } from '../module-subject.ts';
import { attempt } from './attempt.ts';

const FIRST_BYTES = [16, 1, 100];
/** So many blocks fill the room, but for what the heap keeps for itself. */
const PARTS = 64;
/** Heaps that have no large blocks are filled by such. */
const SMALL_BYTES = 2048;
const MOST_SMALL_BLOCKS = 4096;

/**
 * Bytes granted inside `region`, in blocks of a 64th of `roomBytes` and no more than all of them; -1 where a block leaves
 * the region, though no memory was asked for, or the heap traps; undefined where no block lies inside.
 */
export function heapYield(subject: ModuleSubject, region: HeapRegion, roomBytes: number): number | undefined {
  const fill = (sizeBytes: number, most: number) => filled(subject, region, sizeBytes, most);
  if (!FIRST_BYTES.some((sizeBytes) => fill(sizeBytes, 1) > 0)) return undefined;
  const granted = fill(Math.ceil(roomBytes / PARTS), PARTS);
  const others = [fill(region.end - region.start + 1, 1), fill(SMALL_BYTES, MOST_SMALL_BLOCKS)];
  return Math.min(granted, ...others) < 0 ? -1 : granted;
}

/** Bytes of up to `most` blocks of `sizeBytes` in a fresh heap; -1 once one leaves `region`, or at a trap. */
function filled(subject: ModuleSubject, { start, end }: HeapRegion, sizeBytes: number, most: number): number {
  return attempt(subject, -1, () => {
    for (let blocks = 0; blocks < most; blocks += 1) {
      const pointer = subject.malloc(sizeBytes);
      if (pointer === 0 || subject.instance.growCalls > 0) return blocks * sizeBytes;
      if (pointer < start || pointer + sizeBytes > end) return -1;
    }
    return most * sizeBytes;
  });
}
