import type { Fault } from '../zoo.ts';
import { lines, numbered, repeat } from './repeat.ts';

/** In the order of the enum in `segregated.zig`. */
export const SEGREGATED_FAULTS: readonly Fault[] = [
  {
    fault: 'class-32-carves-one-too-many',
    about: 'a span of class 32 yields 129 blocks: the last lies in the next span',
    laws: ['regions-never-overlap', 'bytes-survive-their-neighbours'],
    shortestTrace: lines(repeat(129, '%0 = malloc 17'), '%0 = malloc 1'),
  },
  {
    fault: 'poison-one-past-the-end',
    about: 'free poisons one byte of the next block',
    laws: ['bytes-survive-their-neighbours', 'operations-never-trap'],
    shortestTrace: lines('%0 = malloc 1', '%1 = malloc 1', 'free %0'),
  },
  {
    fault: 'free-link-spills',
    about: 'freeing a block of class 48 clears the first word of the next',
    laws: ['bytes-survive-their-neighbours'],
    shortestTrace: lines('%0 = malloc 33', '%1 = malloc 33', 'free %0'),
  },
  {
    fault: 'calloc-clears-64-at-a-time',
    about: 'calloc clears up to a multiple of 64 bytes',
    laws: ['bytes-survive-their-neighbours'],
    shortestTrace: lines('%0 = malloc 1', '%1 = malloc 1', 'free %0', '%0 = calloc 1 1'),
  },
  {
    fault: 'class-lookup-193',
    about: '193 bytes are given a block of 192',
    laws: ['regions-never-overlap', 'bytes-survive-their-neighbours'],
    shortestTrace: repeat(2, '%0 = malloc 193'),
  },
  {
    fault: 'page-edge-run-too-short',
    about: 'sizes 1 to 15 past a multiple of 65536 are a span short',
    laws: ['regions-never-overlap', 'bytes-survive-their-neighbours', 'regions-stay-in-bounds'],
    shortestTrace: lines('%0 = malloc 65537'),
  },
  {
    fault: 'size-seen-before',
    about: 'a size that was freed last is answered with that block, which stays on offer',
    laws: ['regions-never-overlap', 'bytes-survive-their-neighbours'],
    shortestTrace: lines('%0 = malloc 4096', 'free %0', '%0 = malloc 4096', '%1 = malloc 1'),
  },
  {
    fault: 'frees-one-span-too-many',
    about: 'freeing a large block frees the first span of its neighbour too',
    laws: ['regions-never-overlap', 'bytes-survive-their-neighbours'],
    shortestTrace: lines('%0 = malloc 2049', '%1 = malloc 1', 'free %0', '%0 = malloc 4097'),
  },
  {
    fault: 'loses-class-384',
    about: 'blocks of class 384 are never used again',
    laws: ['freed-memory-is-reused', 'refusals-are-honest'],
    shortestTrace: lines('%0 = malloc 257', 'free %0'),
    needs: 'repetition',
  },
  {
    fault: 'growth-rounds-down',
    about: 'grows by whole pages rounded down and takes the rest for granted',
    laws: ['regions-stay-in-bounds', 'operations-never-trap'],
    shortestTrace: lines('%0 = malloc 140000', '%1 = malloc 110000'),
  },
  {
    fault: 'hangs-when-full',
    about: 'asks for memory again and again when growth is refused',
    laws: ['operations-end'],
    shortestTrace: '%0 = malloc 4100000',
  },
  {
    fault: 'wrap-near-4g',
    about: 'the count of spans wraps to none near 2^32',
    laws: ['impossible-sizes-are-refused'],
    shortestTrace: '%0 = malloc 4294967295',
  },
  {
    fault: 'calloc-checks-only-big-factors',
    about: 'the product is checked only when both factors reach 65536',
    laws: ['impossible-sizes-are-refused'],
    shortestTrace: '%0 = calloc 2 2147483649',
  },
  {
    fault: 'shrunk-run-frees-its-tail-twice',
    about: 'a large block that shrank still counts its old length as its own',
    laws: ['regions-never-overlap', 'bytes-survive-their-neighbours'],
    shortestTrace: lines('%0 = malloc 4097', '%0 = realloc %0 1', '%1 = malloc 1', '%0 = realloc %0 4097'),
  },
  {
    fault: 'realloc-copies-too-few',
    about: 'a move out of class 512 leaves the last 16 bytes behind',
    laws: ['realloc-keeps-the-prefix'],
    shortestTrace: lines('%0 = malloc 512', '%0 = realloc %0 513'),
  },
  {
    fault: 'realloc-frees-new',
    about: 'a move frees the new block instead of the old',
    laws: ['realloc-keeps-the-prefix', 'regions-never-overlap', 'bytes-survive-their-neighbours'],
    shortestTrace: lines('%0 = malloc 1', '%0 = realloc %0 17'),
  },
  {
    fault: 'blocks-drift-on-realloc-zero',
    about: 'heap_live_blocks does not notice realloc(p, 0); nothing else is wrong',
    laws: ['statistics-match-history'],
    shortestTrace: lines('%0 = malloc 1', '%0 = realloc %0 0'),
  },
  {
    fault: 'aligned-4096-from-class',
    about: 'an alignment of 4096 is served from blocks of 2048',
    laws: ['pointers-are-aligned'],
    shortestTrace: repeat(2, '%0 = aligned_alloc 4096 1'),
  },
  {
    fault: 'leaks-runs-of-three',
    about: 'large blocks of exactly three spans are never used again',
    laws: ['freed-memory-is-reused', 'refusals-are-honest'],
    shortestTrace: lines('%0 = malloc 8193', 'free %0'),
    needs: 'repetition',
  },
  {
    fault: 'run-past-the-table',
    about: 'a run that reaches the end of memory seems one span longer than it is',
    laws: ['regions-stay-in-bounds', 'operations-never-trap'],
    shortestTrace: '%0 = malloc 110593',
  },
  {
    fault: 'realloc-run-past-neighbour',
    about: 'a large block grows in place as soon as one span behind it is free',
    laws: [
      'regions-stay-in-bounds',
      'regions-never-overlap',
      'bytes-survive-their-neighbours',
      'exhaustion-is-reported',
      'operations-never-trap',
    ],
    shortestTrace: lines('%0 = malloc 2049', '%0 = realloc %0 110593'),
  },
  {
    fault: 'eighth-free-of-128-is-lost',
    about: 'of eight blocks of class 128 freed in a row the last is never used again',
    laws: ['freed-memory-is-reused'],
    shortestTrace: numbered(8, 'malloc 97'),
    needs: 'repetition',
  },
  {
    fault: 'past-400-of-64-given-twice',
    about: 'with more than 400 live blocks of class 64, the next two are the same',
    laws: ['regions-never-overlap', 'bytes-survive-their-neighbours'],
    shortestTrace: repeat(402, '%0 = malloc 49'),
  },
];
