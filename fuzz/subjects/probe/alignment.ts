/** The alignment a module promises, from what it hands out. */
import type { ModuleSubject } from '../module-subject.ts';
import { allocate, allocateMany, attempt, type ProbeBlock, release, share } from './attempt.ts';

/** Candidates; 16 is max_align_t on wasm32, and nobody promises more. */
const CANDIDATES = [16, 8, 4, 2];

/** A sound allocator of a smaller alignment misses a larger one for at least half of these sizes. */
const OUTLIERS = 0.25;

/** Below this size C23 allows a weaker alignment: no object of 4 bytes needs 16. */
const WEAK_BELOW_BYTES = 16;

function probeSizes(): number[] {
  const small = Array.from({ length: 40 }, (_, index) => index + 1);
  const medium = Array.from({ length: 80 }, (_, index) => 41 + index * 7);
  return [...small, ...medium, ...small, 1000, 1024, 3001, 4096, 5001, 8200];
}

/**
 * The largest power of two up to 16 that all but a few pointers are multiples of. Those few are left for the law: an
 * allocator that misses its own alignment now and then is faulty, not less promising. Sizes below 16 may be weaker
 * throughout.
 */
export function probeAlignment(subject: ModuleSubject): { alignmentBytes: number; blocks: readonly ProbeBlock[] } {
  const blocks: ProbeBlock[] = [];
  attempt(subject, undefined, () => collect(subject, blocks));
  const seen = blocks.length < FEW_BLOCKS ? [...blocks, ...blocksInTurn(subject)] : blocks;
  const large = seen.filter(({ sizeBytes }) => sizeBytes >= WEAK_BELOW_BYTES);
  const groups = [large, small(seen, 1, 4), small(seen, 5, 8), small(seen, 9, 15)];
  return {
    alignmentBytes: CANDIDATES.find((candidate) => groups.every((group) => suits(group, candidate))) ?? 1,
    blocks,
  };
}

/** A heap that grants fewer of the blocks above shows the same cell again and again. */
const FEW_BLOCKS = 60;
const IN_TURN_BYTES = [1, 3, 6, 8, 10, 15, 16, 24, 40, 100];
const IN_TURN_BLOCKS = 16;

/** The first blocks of fresh heaps, each with some of one size. */
function blocksInTurn(subject: ModuleSubject): ProbeBlock[] {
  return IN_TURN_BYTES.flatMap((sizeBytes) =>
    attempt<ProbeBlock[]>(subject, [], () => allocateMany(subject, sizeBytes, IN_TURN_BLOCKS)),
  );
}

const small = (blocks: readonly ProbeBlock[], from: number, to: number) =>
  blocks.filter(({ sizeBytes }) => sizeBytes >= from && sizeBytes <= to);

function suits(group: readonly ProbeBlock[], alignmentBytes: number): boolean {
  return share(group, ({ pointer }) => pointer % alignmentBytes !== 0) <= OUTLIERS;
}

/** Every third block is freed again, so that recycled blocks are seen too. */
function collect(subject: ModuleSubject, blocks: ProbeBlock[]): void {
  probeSizes().forEach((sizeBytes, index) => {
    const block = allocate(subject, sizeBytes);
    if (block === undefined) return;
    blocks.push(block);
    if (index % 3 === 0) release(subject, block);
  });
}

export const SMALLEST_ALIGNMENT_BYTES = 4;
const LARGEST_ALIGNMENT_BYTES = 65536;

/** POSIX has the size of a pointer for the smallest alignment, C leaves it to the implementation: 32 is sure to be one. */
const LARGEST_LEAST_BYTES = 32;

/** Where sizes go to several functions, by remainders, each has one of these. */
const SIZES_OF_ALL_BYTES = [100, 99, 98];

/**
 * The smallest alignment that `aligned_alloc` grants in a fresh heap, and the largest up to 64 KiB, aligned or not: a
 * block that misses the alignment asked for is a defect, and refusing it is not. Undefined when it grants none.
 */
export function probeAlignedAlloc(subject: ModuleSubject): { least: number; largest: number } | undefined {
  const gives = (alignment: number, size: number) =>
    attempt(subject, 0, () => subject.alignedAlloc(alignment, size)) !== 0;
  const grants = (alignment: number) => SIZES_OF_ALL_BYTES.every((size) => gives(alignment, size));
  let least = SMALLEST_ALIGNMENT_BYTES;
  while (!grants(least)) {
    if (least === LARGEST_LEAST_BYTES) return undefined;
    least *= 2;
  }
  let largest = least;
  while (largest < LARGEST_ALIGNMENT_BYTES && grants(largest * 2)) largest *= 2;
  return { least, largest };
}

/**
 * Whether the second parameter of a hand-written `alloc` is an alignment at all: 256 is honoured four times in a row. What
 * traps or hangs then is for the laws.
 */
export function honoursAlignment(subject: ModuleSubject): boolean {
  return attempt(subject, true, () => {
    const pointers = Array.from({ length: 4 }, () => subject.alignedAlloc(256, 40));
    return pointers.every((pointer) => pointer !== 0 && pointer % 256 === 0);
  });
}
