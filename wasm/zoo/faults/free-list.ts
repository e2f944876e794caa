import type { Fault } from '../zoo.ts';
import { lines, repeat } from './repeat.ts';

/** A block that is one fifth of the first two pages, so that four leaks leave no quarter of them in one piece. */
const FIFTH = 'malloc 21900';

/** In the order of the enum in `free_list.zig`. */
export const FREE_LIST_FAULTS: readonly Fault[] = [
  {
    fault: 'coalesces-with-live',
    about: 'a freed block swallows the next one, live or not, when that has the smallest size',
    laws: [
      'regions-never-overlap',
      'bytes-survive-their-neighbours',
      'operations-never-trap',
      'everything-freed-is-everything-available',
    ],
    shortestTrace: lines('%0 = malloc 1', '%1 = malloc 1', 'free %0'),
  },
  {
    fault: 'no-backward-coalescing',
    about: 'a freed block does not join the free block before it',
    laws: ['everything-freed-is-everything-available', 'freed-memory-is-reused'],
    shortestTrace: repeat(5, '%0 = malloc 22000'),
  },
  {
    fault: 'coalesces-too-far',
    about: 'joining backward counts 32 bytes of the live neighbour in',
    laws: [
      'bytes-survive-their-neighbours',
      'regions-never-overlap',
      'operations-never-trap',
      'exhaustion-is-reported',
    ],
    shortestTrace: lines('%0 = malloc 1', '%1 = malloc 32'),
  },
  {
    fault: 'list-cycle',
    about: 'a block joined backward is linked a second time, and the list never ends',
    laws: [
      'operations-end',
      'operations-never-trap',
      'exhaustion-is-reported',
      'bytes-survive-their-neighbours',
      'regions-never-overlap',
      'impossible-sizes-are-refused',
    ],
    shortestTrace: lines('%0 = malloc 110561', '%0 = realloc %0 4194304'),
  },
  {
    fault: 'exact-fit-frees-neighbour',
    about: 'a fit to the byte still writes the header of a rest: the live neighbour is now free',
    laws: [
      'operations-never-trap',
      'regions-never-overlap',
      'bytes-survive-their-neighbours',
      'statistics-match-history',
      'operations-end',
    ],
    shortestTrace: lines('%0 = malloc 1', '%1 = malloc 1', 'free %0', '%0 = malloc 1', 'free %0'),
  },
  {
    fault: 'growth-rounds-down',
    about: 'grows by whole pages rounded down and takes the rest for granted',
    laws: ['operations-never-trap', 'exhaustion-is-reported', 'regions-stay-in-bounds'],
    shortestTrace: '%0 = malloc 131073',
  },
  {
    fault: 'growth-times-sixteen',
    about: 'grows by 16 times what is needed',
    laws: ['growth-is-proportionate'],
    shortestTrace: '%0 = malloc 110561',
  },
  {
    fault: 'dirty-after-refused-growth',
    about: 'a refused growth leaves the end of the heap a page low, and the next growth begins inside a live block',
    laws: ['regions-never-overlap', 'bytes-survive-their-neighbours', 'operations-never-trap'],
    shortestTrace: lines('%0 = malloc 100000', '%1 = malloc 5000000', '%1 = malloc 70000'),
  },
  {
    fault: 'lax-fit-after-refused-growth',
    about: 'after a refused growth, a block of 64 bytes passes for one of 128',
    laws: ['regions-never-overlap', 'bytes-survive-their-neighbours', 'operations-never-trap'],
    shortestTrace: lines('%0 = malloc 33', '%1 = malloc 16', 'free %0', '%2 = malloc 5000000', '%0 = malloc 112'),
  },
  {
    fault: 'realloc-past-neighbour',
    about: 'realloc grows into a free neighbour that is too small, and past it',
    laws: ['regions-stay-in-bounds', 'regions-never-overlap', 'bytes-survive-their-neighbours'],
    shortestTrace: lines('%0 = malloc 1', '%0 = realloc %0 131072'),
  },
  {
    fault: 'refused-realloc-frees',
    about: 'a refused realloc has freed the old block',
    laws: ['realloc-keeps-the-prefix', 'regions-never-overlap', 'impossible-sizes-are-refused'],
    shortestTrace: lines('%0 = malloc 1', '%0 = realloc %0 2147483647'),
  },
  {
    fault: 'shrink-needs-room',
    about: 'shrinking fails where a second block of the new size would not fit',
    laws: ['shrinking-never-fails'],
    shortestTrace: lines('%0 = malloc 4000000', '%0 = realloc %0 3000000'),
  },
  {
    fault: 'realloc-copies-new-size',
    about: 'a move copies the new size, and reads past the end of memory',
    laws: ['operations-never-trap', 'exhaustion-is-reported', 'realloc-keeps-the-prefix'],
    shortestTrace: lines('%0 = malloc 100000', '%1 = malloc 1', 'free %0', '%1 = realloc %1 40000'),
  },
  {
    fault: 'leaks-size-104',
    about: 'blocks of 104 bytes are never used again',
    laws: ['everything-freed-is-everything-available', 'freed-memory-is-reused'],
    shortestTrace: lines(repeat(4, `%0 = ${FIFTH}\n%0 = malloc 104`), `%0 = ${FIFTH}`),
  },
  {
    fault: 'realloc-leaks-old',
    about: 'a realloc that moves never frees the old block',
    laws: ['everything-freed-is-everything-available', 'freed-memory-is-reused'],
    shortestTrace: lines(
      `%0 = ${FIFTH}`,
      ...[21930, 21960, 21990, 22020].flatMap((size) => ['%1 = malloc 1', `%0 = realloc %0 ${size}`]),
    ),
  },
  {
    fault: 'rounds-down-8-mod-16',
    about: 'sizes that are 8 modulo 16 are rounded down: the last 8 bytes are the next header',
    laws: [
      'operations-never-trap',
      'bytes-survive-their-neighbours',
      'regions-never-overlap',
      'regions-stay-in-bounds',
      'refusals-are-honest',
      'exhaustion-is-reported',
      'operations-end',
      'statistics-match-history',
    ],
    shortestTrace: '%0 = malloc 24',
  },
  {
    fault: 'aligned-only-to-4096',
    about: 'aligned_alloc honours alignments up to 4096 only',
    laws: ['pointers-are-aligned'],
    shortestTrace: '%0 = aligned_alloc 16384 1',
  },
  {
    fault: 'aligned-leaks-the-gap',
    about: 'the gap in front of an aligned block is lost for good',
    laws: ['everything-freed-is-everything-available', 'freed-memory-is-reused'],
    shortestTrace: repeat(6, '%0 = aligned_alloc 16384 4096'),
  },
  {
    fault: 'zero-malloc-alternates',
    about: 'every second malloc(0) is NULL, the others are blocks',
    laws: ['zero-size-policy-is-constant'],
    shortestTrace: repeat(2, '%0 = malloc 0'),
  },
  {
    fault: 'calloc-trusts-big-blocks',
    about: 'calloc takes blocks of 4096 bytes and more for fresh memory',
    laws: ['calloc-gives-zeroes'],
    shortestTrace: lines('%0 = malloc 4096', 'free %0', '%0 = calloc 1 4096'),
  },
  {
    fault: 'bytes-drift-on-shrink',
    about: 'heap_live_bytes does not notice a realloc to less; nothing else is wrong',
    laws: ['statistics-match-history'],
    shortestTrace: lines('%0 = malloc 2', '%0 = realloc %0 1'),
  },
  {
    fault: 'blocks-drift-on-realloc-null',
    about: 'heap_live_blocks does not notice blocks that come from realloc(NULL, n); nothing else is wrong',
    laws: ['statistics-match-history'],
    shortestTrace: '%0 = realloc %0 1',
  },
  {
    fault: 'signed-fit',
    about: 'sizes are compared as signed numbers: from 2^31 on every block is large enough',
    laws: ['impossible-sizes-are-refused'],
    shortestTrace: '%0 = malloc 2147483648',
  },
  {
    fault: 'wrap-near-4g',
    about: 'rounding a size up wraps past 2^32',
    laws: ['impossible-sizes-are-refused'],
    shortestTrace: '%0 = malloc 4294967295',
  },
  {
    fault: 'growth-forgets-sentinel',
    about: 'at the edge of a page, new memory that does not join the old is one page too small for its request',
    laws: ['refusals-are-honest'],
    shortestTrace: lines('%0 = malloc 1', 'grow 1', '%0 = malloc 131056'),
  },
  {
    fault: 'shrunk-block-moves-empty',
    about: 'a block that once shrank is moved without its bytes',
    laws: ['realloc-keeps-the-prefix'],
    shortestTrace: lines('%0 = malloc 2', '%1 = malloc 1', '%0 = realloc %0 1', '%0 = realloc %0 17'),
  },
  {
    fault: 'creeps-into-live',
    about: 'a block of more than 1 KiB grows in place by 16 bytes whatever lies behind it',
    laws: [
      'regions-never-overlap',
      'bytes-survive-their-neighbours',
      'operations-never-trap',
      'exhaustion-is-reported',
      'operations-end',
      'refusals-are-honest',
      'everything-freed-is-everything-available',
      'statistics-match-history',
    ],
    shortestTrace: lines('%0 = malloc 1024', '%1 = malloc 1', '%0 = realloc %0 1040'),
  },
  {
    fault: 'empty-list-traps',
    about: 'a request while not a single block is free traps',
    laws: ['operations-never-trap', 'exhaustion-is-reported'],
    shortestTrace: lines('%0 = malloc 110560', '%1 = malloc 1'),
  },
];
