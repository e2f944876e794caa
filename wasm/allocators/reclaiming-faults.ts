/**
 * The faults that can be planted in the reclaiming allocator, as data. Each is a mistake that people do make, and is
 * shown by a short trace from a fresh instance of 2 pages that may have 64.
 */
import type { LawId } from '../../fuzz/laws.ts';

export interface ReclaimingFault {
  /** Kebab case; in the Zig enum the same with underscores, in the same order. */
  readonly fault: string;
  /** What it does wrong, and when. */
  readonly about: string;
  /** Any of these is a right answer; the first is what the trace shows. */
  readonly laws: readonly [LawId, ...LawId[]];
  readonly trace: readonly string[];
  /** The trace shows it only to a judge who takes the pages that the host grew for the host's. */
  readonly needsForeignPages?: boolean;
}

export const RECLAIMING_FAULTS: readonly ReclaimingFault[] = [
  {
    fault: 'coalesce-skips-the-next',
    about: 'a freed block joins the free block before it, never the one behind',
    laws: ['everything-freed-is-everything-available', 'freed-memory-is-reused'],
    trace: [
      ...['%0 = malloc 18000', '%1 = malloc 18000', '%2 = malloc 18000', '%3 = malloc 18000', '%4 = malloc 18000'],
      ...['%5 = malloc 18000', '%6 = malloc 1', 'free %5', 'free %4', 'free %3', 'free %2', 'free %1', 'free %0'],
    ],
  },
  {
    fault: 'coalesce-forgets-the-flag',
    about: 'the block behind a freed one is not told, and does not join it later',
    laws: ['everything-freed-is-everything-available', 'freed-memory-is-reused'],
    trace: [
      ...['%0 = malloc 18000', '%1 = malloc 18000', '%2 = malloc 18000', '%3 = malloc 18000', '%4 = malloc 18000'],
      '%5 = malloc 18000',
    ],
  },
  {
    fault: 'coalesce-keeps-a-stale-footer',
    about: 'joining the block behind leaves its footer, which gives too small a size to the next block freed',
    laws: [
      'regions-never-overlap',
      'bytes-survive-their-neighbours',
      'operations-never-trap',
      'calloc-gives-zeroes',
      'freed-memory-is-reused',
    ],
    trace: [
      ...['%0 = malloc 141', '%1 = malloc 13', '%2 = malloc 1', '%3 = malloc 1'],
      ...['free %1', 'free %0', 'free %2', '%0 = malloc 141', '%1 = malloc 29', '%2 = malloc 13'],
    ],
  },
  {
    fault: 'split-starts-early',
    about: 'the rest of a cut block begins 16 bytes inside the block that was cut from it',
    laws: [
      'operations-never-trap',
      'regions-never-overlap',
      'bytes-survive-their-neighbours',
      'realloc-keeps-the-prefix',
    ],
    trace: ['%0 = aligned_alloc 64 1', '%1 = malloc 3', '%2 = malloc 1'],
  },
  {
    fault: 'split-loses-the-rest',
    about: 'the rest of a cut block is on no list and stays in use',
    laws: ['everything-freed-is-everything-available', 'freed-memory-is-reused'],
    trace: ['%0 = malloc 100000', '%1 = malloc 1', 'free %0', '%0 = malloc 1'],
  },
  {
    fault: 'realloc-takes-a-next-too-small',
    about: 'realloc grows into a free block behind it, however small that is',
    laws: ['regions-never-overlap', 'bytes-survive-their-neighbours', 'operations-never-trap'],
    trace: ['%0 = malloc 1', 'grow 1', '%1 = malloc 111389', '%0 = realloc %0 111409'],
  },
  {
    fault: 'realloc-moves-back-a-word-short',
    about: 'realloc into the free block before moves all but the last four bytes of the payload',
    laws: ['realloc-keeps-the-prefix'],
    trace: ['%0 = malloc 1', '%1 = malloc 9', '%2 = malloc 1', 'free %0', '%1 = realloc %1 13'],
  },
  {
    fault: 'realloc-shrinks-by-moving',
    about: 'realloc to less than half makes a new block, and fails where there is no room for one',
    laws: ['agrees-with-the-contract', 'shrinking-never-fails'],
    trace: ['%0 = malloc 29', '%0 = realloc %0 1'],
  },
  {
    fault: 'realloc-frees-before-it-has',
    about: 'realloc frees the old block before it has the new one: a refusal loses it, a link is written into it',
    laws: ['realloc-keeps-the-prefix', 'bytes-survive-their-neighbours'],
    trace: ['%0 = malloc 1', '%1 = malloc 1', '%0 = realloc %0 13'],
  },
  {
    fault: 'align-stops-at-a-page',
    about: 'alignments above 4096 are taken for 4096',
    laws: ['pointers-are-aligned'],
    trace: ['%0 = aligned_alloc 8192 1'],
  },
  {
    fault: 'align-forgets-the-header',
    about: 'the padding is reckoned from the header, not from the payload',
    laws: ['pointers-are-aligned'],
    trace: ['%0 = aligned_alloc 32 1'],
  },
  {
    fault: 'growth-rounds-down',
    about: 'memory grows by the whole pages that are missing, not by the one begun',
    laws: ['regions-stay-in-bounds', 'operations-never-trap'],
    trace: ['%0 = malloc 150000'],
  },
  {
    fault: 'growth-doubles',
    about: 'memory grows by twice the pages that are missing, where it can',
    laws: ['growth-is-proportionate'],
    trace: ['%0 = malloc 500000'],
  },
  {
    fault: 'growth-ignores-foreign-pages',
    about: 'pages that the host has grown are taken for the heap’s own',
    laws: ['regions-never-overlap', 'bytes-survive-their-neighbours', 'regions-stay-in-bounds'],
    trace: ['grow 1', '%0 = malloc 150000'],
    needsForeignPages: true,
  },
  {
    fault: 'growth-ignores-a-refusal',
    about: 'the -1 of a refused memory.grow is not looked at',
    laws: ['regions-stay-in-bounds', 'impossible-sizes-are-refused', 'operations-never-trap', 'exhaustion-is-reported'],
    trace: ['%0 = malloc 4000000', '%1 = malloc 200000'],
  },
  {
    fault: 'size-wraps',
    about: 'a size within 19 bytes of 2^32 wraps to a small block',
    laws: ['impossible-sizes-are-refused'],
    trace: ['%0 = malloc 4294967295'],
  },
  {
    fault: 'calloc-product-wraps',
    about: 'count times size is taken modulo 2^32',
    laws: ['impossible-sizes-are-refused'],
    trace: ['%0 = calloc 65537 65536'],
  },
  {
    fault: 'calloc-trusts-the-top',
    about: 'calloc takes what lies behind the last block for memory never used',
    laws: ['calloc-gives-zeroes'],
    trace: ['%0 = malloc 1', 'free %0', '%1 = calloc 1 1'],
  },
  {
    fault: 'statistics-forget-shrinking',
    about: 'live bytes do not fall when a block shrinks',
    laws: ['statistics-match-history'],
    trace: ['%0 = malloc 13', '%0 = realloc %0 1'],
  },
  {
    fault: 'statistics-peak-without-realloc',
    about: 'the peak is not raised where realloc grows a block',
    laws: ['statistics-match-history'],
    trace: ['%0 = malloc 1', '%0 = realloc %0 13'],
  },
  {
    fault: 'reset-keeps-the-bins',
    about: 'reset leaves the free lists as they were',
    laws: ['regions-never-overlap', 'reset-starts-over', 'bytes-survive-their-neighbours', 'operations-never-trap'],
    trace: ['%0 = malloc 1', '%1 = malloc 1', 'free %0', 'reset', '%0 = malloc 33', '%1 = malloc 1'],
  },
];
