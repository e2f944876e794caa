import type { Fault } from '../zoo.ts';
import { lines, repeat } from './repeat.ts';

/** In the order of the enum in `bump.zig`. */
export const BUMP_FAULTS: readonly Fault[] = [
  {
    fault: 'overlap-past-64-live',
    about: 'with more than 64 live blocks, the next begins inside the newest',
    laws: ['regions-never-overlap', 'bytes-survive-their-neighbours'],
    shortestTrace: repeat(66, '%0 = malloc 16'),
  },
  {
    fault: 'page-edge-round-down',
    about: 'a size 16 short of a multiple of 65536 is advanced by 32 bytes too few',
    laws: ['regions-never-overlap', 'bytes-survive-their-neighbours'],
    shortestTrace: lines('%0 = malloc 65520', '%1 = malloc 16'),
  },
  {
    fault: 'odd-size-misaligns',
    about: 'odd sizes are rounded to 8 bytes, so that the next pointer may be off by 8',
    laws: ['pointers-are-aligned'],
    shortestTrace: lines('%0 = malloc 1', '%1 = malloc 1'),
  },
  {
    fault: 'wrap-near-4g',
    about: 'the end of a block wraps past 2^32 and seems to fit',
    laws: ['impossible-sizes-are-refused'],
    shortestTrace: '%0 = malloc 4294967295',
  },
  {
    fault: 'calloc-product-wraps',
    about: 'count times size is taken modulo 2^32',
    laws: ['impossible-sizes-are-refused'],
    shortestTrace: '%0 = calloc 65537 65536',
  },
  {
    fault: 'calloc-trusts-recycled',
    about: 'calloc takes the pool for untouched, though a shrunk block has left its bytes there',
    laws: ['calloc-gives-zeroes'],
    shortestTrace: lines('%0 = malloc 64', '%0 = realloc %0 16', '%1 = calloc 1 16'),
  },
  {
    fault: 'realloc-past-the-end',
    about: 'the newest block grows in place without a look at the end of the pool',
    laws: ['regions-stay-in-bounds', 'impossible-sizes-are-refused'],
    shortestTrace: lines('%0 = malloc 16', '%0 = realloc %0 307200'),
  },
  {
    fault: 'realloc-copies-rounded-down',
    about: 'a move copies the old size rounded down to 8 bytes',
    laws: ['realloc-keeps-the-prefix'],
    shortestTrace: lines('%0 = malloc 1', '%1 = malloc 1', '%0 = realloc %0 2'),
  },
  {
    fault: 'refuses-when-mostly-empty',
    about: 'everything is refused once an eighth of memory is used',
    laws: ['refusals-are-honest'],
    shortestTrace: lines('%0 = malloc 30000', '%1 = malloc 1'),
  },
  {
    fault: 'sixteen-bytes-beyond',
    about: 'the last block may end 16 bytes past the pool and past memory',
    laws: ['regions-stay-in-bounds', 'impossible-sizes-are-refused', 'exhaustion-is-reported'],
    shortestTrace: '%0 = malloc 307185',
  },
  {
    fault: 'traps-when-full',
    about: 'a request that does not fit traps instead of answering NULL',
    laws: ['exhaustion-is-reported', 'impossible-sizes-are-refused', 'operations-never-trap'],
    shortestTrace: '%0 = malloc 400000',
  },
  {
    fault: 'free-null-traps',
    about: 'free(NULL) traps',
    laws: ['operations-never-trap', 'zero-size-policy-is-constant'],
    shortestTrace: 'free %0',
  },
  {
    fault: 'thousandth-overlaps',
    about: 'the 1000th block is the 999th once more',
    laws: ['regions-never-overlap', 'bytes-survive-their-neighbours'],
    shortestTrace: repeat(1000, '%0 = malloc 1'),
  },
  {
    fault: 'reads-old-bytes',
    about: 'where the next block lies depends on bytes that a user wrote into memory since given back',
    laws: ['same-trace-same-answers'],
    shortestTrace: lines('%0 = malloc 64', '%0 = realloc %0 16', '%1 = malloc 16'),
    needs: 'other-contents',
  },
  {
    fault: 'aligned-loses-offset',
    about: 'with an alignment beyond 4096 the header is added after rounding',
    laws: ['pointers-are-aligned'],
    shortestTrace: '%0 = aligned_alloc 8192 1',
  },
  {
    fault: 'shrink-moves-top-too-far',
    about: 'shrinking the newest block gives 16 bytes too many back: the next header lands in it',
    laws: ['bytes-survive-their-neighbours', 'regions-never-overlap'],
    shortestTrace: lines('%0 = malloc 33', '%0 = realloc %0 32', '%1 = malloc 1'),
  },
];
