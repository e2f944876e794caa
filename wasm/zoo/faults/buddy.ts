import type { Fault } from '../zoo.ts';
import { lines, repeat } from './repeat.ts';

/** In the order of the enum in `buddy.zig`. */
export const BUDDY_FAULTS: readonly Fault[] = [
  {
    fault: 'merges-split-buddies',
    about: 'joins with a buddy of which only the first half is free',
    laws: ['regions-never-overlap', 'bytes-survive-their-neighbours', 'everything-freed-is-everything-available'],
    shortestTrace: lines('%0 = malloc 1', '%1 = malloc 33', '%0 = realloc %0 65', 'free %0', '%2 = malloc 65'),
  },
  {
    fault: 'merges-right-neighbours',
    about: 'joins with the block behind, buddy or not, and never with the one before',
    laws: ['everything-freed-is-everything-available', 'pointers-are-aligned'],
    shortestTrace: repeat(2, '%0 = malloc 1'),
  },
  {
    fault: 'size-word-in-a-full-block',
    about: 'realloc in place writes the size into the last word of a block that has no room to spare',
    laws: ['realloc-keeps-the-prefix', 'bytes-survive-their-neighbours'],
    shortestTrace: lines('%0 = malloc 32', '%0 = realloc %0 32'),
  },
  {
    fault: 'shrink-frees-the-lower-half',
    about: 'shrinking puts the half in use on the free list',
    laws: ['realloc-keeps-the-prefix', 'regions-never-overlap'],
    shortestTrace: lines('%0 = malloc 33', '%0 = realloc %0 1'),
  },
  {
    fault: 'upper-half-grows-in-place',
    about: 'an upper half with a free lower buddy grows where it lies, into the block behind',
    laws: [
      'regions-never-overlap',
      'bytes-survive-their-neighbours',
      'everything-freed-is-everything-available',
      'operations-never-trap',
    ],
    shortestTrace: lines('%0 = malloc 1', '%0 = realloc %0 513', '%0 = realloc %0 1025'),
  },
  {
    fault: 'order-of-4097',
    about: '4097 bytes are given a block of 4096',
    laws: ['regions-never-overlap', 'bytes-survive-their-neighbours'],
    shortestTrace: repeat(2, '%0 = malloc 4097'),
  },
  {
    fault: 'order-beyond-2g',
    about: 'sizes above 2^31 have no power of two in 32 bits and are given the smallest block',
    laws: ['impossible-sizes-are-refused'],
    shortestTrace: '%0 = malloc 2147483649',
  },
  {
    fault: 'last-merge-missing',
    about: 'the two halves of the arena never join',
    laws: ['everything-freed-is-everything-available'],
    shortestTrace: '%0 = malloc 1',
  },
  {
    fault: 'refusal-loses-a-block',
    about: 'a refused request takes the free arena off its list, when it is in one piece',
    laws: [
      'everything-freed-is-everything-available',
      'refusals-are-honest',
      'impossible-sizes-are-refused',
      'exhaustion-is-reported',
    ],
    shortestTrace: lines('%0 = malloc 1', 'free %0', '%0 = malloc 1048577'),
  },
  {
    fault: 'block-count-is-a-byte',
    about: 'heap_live_blocks is counted modulo 256; nothing else is wrong',
    laws: ['statistics-match-history'],
    shortestTrace: repeat(256, '%0 = malloc 1'),
  },
  {
    fault: 'calloc-remembers-zeroes',
    about: 'calloc clears nothing when its last block was of the same order',
    laws: ['calloc-gives-zeroes'],
    shortestTrace: lines('%0 = calloc 1 9', 'free %0', '%0 = calloc 1 9'),
  },
  {
    fault: 'zero-realloc-by-size',
    about: 'realloc(p, 0) frees small blocks and keeps those of 2048 bytes and more',
    laws: ['zero-size-policy-is-constant'],
    shortestTrace: lines('%0 = malloc 1025', '%0 = realloc %0 0'),
  },
  {
    fault: 'aligned-ignores-beyond-a-page',
    about: 'alignments beyond 4096 are ignored, and hold by luck where the arena is empty',
    laws: ['pointers-are-aligned'],
    shortestTrace: lines('%0 = malloc 1', '%1 = aligned_alloc 8192 1'),
  },
  {
    fault: 'free-word-at-the-end',
    about: 'freeing a block of 128 writes a word behind it',
    laws: ['bytes-survive-their-neighbours', 'operations-never-trap'],
    shortestTrace: lines('%0 = malloc 65', '%1 = malloc 65', 'free %0'),
  },
  {
    fault: 'two-hundred-frees',
    about: 'every 200th free is dropped',
    laws: ['everything-freed-is-everything-available', 'freed-memory-is-reused'],
    shortestTrace: repeat(200, '%0 = malloc 1'),
  },
  {
    fault: 'largest-is-promised-twice',
    about: 'a block of half the arena or more leaves the whole arena on offer',
    laws: ['regions-never-overlap', 'bytes-survive-their-neighbours', 'operations-never-trap'],
    shortestTrace: repeat(2, '%0 = malloc 524289'),
  },
];
