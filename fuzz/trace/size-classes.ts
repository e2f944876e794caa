/**
 * The sizes at which allocators go wrong, drawn for one profile.
 *
 * Headers, rounding and bins make faults cluster at powers of two, multiples of the alignment, page edges and the
 * arena's own borders; arithmetic that wraps shows near 2^31 and 2^32. Uniform sizes would almost never meet them.
 */
import type { Profile } from '../model/profile.ts';
import { wordAt } from './operand-positions.ts';
import type { Random } from './random.ts';

const PAGE_BYTES = 65536;
const WORDS = 2 ** 32;

/** Distances from a border worth asking for: off by one, by a word, by a header, by an alignment. */
const NUDGES = [-32, -17, -16, -15, -12, -9, -8, -7, -4, -2, -1, 0, 1, 2, 4, 7, 8, 9, 12, 15, 16, 17, 32] as const;
/** Distances from a page edge: a header or an alignment before it, on it, and just beyond. */
const EDGE_NUDGES = [-64, -32, -16, -16, -12, -8, -8, -4, -1, 0, 1, 8, 16] as const;
/** Distances from a page edge at which a block may end: on it, or with a header or a guard between. */
const END_NUDGES = [-64, -48, -32, -24, -16, -12, -8, -4, -1, 0, 0, 1, 8] as const;
/** Factors whose products with 2^32 / factor land on both sides of 2^32. */
const FACTORS = [2, 3, 4, 5, 7, 8, 12, 16, 24, 32, 48, 100, 255, 256, 1024, 4095, 4096, 65535, 65536, 2 ** 31] as const;
/** Log-uniform sizes of the style `mixed` stay below 2^12 bytes. */
const MIXED_BITS = 12;
const MODERATE_BITS = 16;
/** Blocks that are made again a little larger or smaller have at least 4096 bytes: other phases have the small ones. */
const REFIT_BITS = 12;
/** Filling more takes the time of some thousand operations. */
const COMMON_REFIT_BYTES = 2 ** 21;

export class SizeClasses {
  /** Bytes a block may occupy at the most. */
  readonly arenaBytes: number;
  /** Bytes that fill a fresh heap: its largest block, or the arena where that is not known. */
  readonly capacityBytes: number;
  readonly alignmentBytes: number;
  /** The blocks of a pool, none of which is larger than the capacity; 0 where there is no pool. */
  readonly poolBlocks: number;
  readonly #powers: Uint32Array;
  readonly #multiples: Uint32Array;
  readonly #pages: Uint32Array;
  readonly #firstPointer: number;
  readonly #arena: Uint32Array;
  readonly #impossible: Uint32Array;
  readonly #alignments: Uint32Array;
  readonly #largestBits: number;
  readonly #exact: boolean;
  readonly #arenaEnd: number;

  constructor(profile: Profile) {
    this.alignmentBytes = profile.alignmentBytes;
    this.arenaBytes = Math.min(profile.arenaEnd - profile.arenaStart, WORDS - 1);
    this.capacityBytes = profile.capacityBytes === 0 ? this.arenaBytes : profile.capacityBytes;
    this.poolBlocks = profile.guaranteedBlocks ?? 0;
    this.#powers = words(powers(), this.arenaBytes);
    this.#multiples = words(multiples(profile.alignmentBytes), this.arenaBytes);
    this.#pages = words(pages(), this.arenaBytes);
    this.#firstPointer = profile.firstPointer ?? 0;
    this.#arena = words(arenaBorders(this.arenaBytes, this.capacityBytes, profile.ungrownBytes ?? 0), WORDS - 1);
    this.#impossible = words(impossible(profile, this.arenaBytes), WORDS - 1);
    this.#alignments = powersOfTwo(profile.maximumAlignmentBytes);
    this.#largestBits = Math.max(1, 31 - Math.clz32(this.arenaBytes));
    this.#exact = profile.exact !== undefined;
    this.#arenaEnd = profile.arenaEnd;
  }

  /** `sizeBytes`, or what fits into the cell of a pool in seven of eight cases. */
  fitting(random: Random, sizeBytes: number): number {
    if (this.poolBlocks === 0 || sizeBytes <= this.capacityBytes || random.oneIn(8)) return sizeBytes;
    return 1 + ((sizeBytes - 1) % this.capacityBytes);
  }

  /** 1 to 32 bytes. */
  tiny(random: Random): number {
    return 1 + (random.word() & 31);
  }

  /** 1 to 4095 bytes, every power of two as likely as the next. */
  mixed(random: Random): number {
    return logUniform(random, MIXED_BITS);
  }

  /** 1 to 65535 bytes, every power of two as likely as the next. */
  moderate(random: Random): number {
    return Math.min(logUniform(random, MODERATE_BITS), this.arenaBytes);
  }

  /** 1 byte to the whole arena, every power of two as likely as the next. */
  large(random: Random): number {
    return logUniform(random, this.#largestBits + 1);
  }

  /** Beside a power of two (half of the draws), a multiple of the alignment or a page edge, within the arena. */
  border(random: Random): number {
    const choice = random.word() & 3;
    if (choice === 3 && this.#pages.length > 0) return pickWord(this.#pages, random);
    return pickWord(choice === 2 ? this.#multiples : this.#powers, random);
  }

  /** Beside a page edge within the arena; or so that the first block of a fresh heap ends beside one. */
  pageEdge(random: Random): number {
    const pages = 1 + random.below(6);
    const bytes =
      this.#firstPointer > 0 && random.oneIn(2)
        ? (Math.floor(this.#firstPointer / PAGE_BYTES) + pages) * PAGE_BYTES -
          this.#firstPointer +
          random.pick(END_NUDGES)
        : pages * PAGE_BYTES + random.pick(EDGE_NUDGES);
    return Math.max(1, Math.min(bytes, this.arenaBytes));
  }

  /**
   * A size that two or three blocks of a trace may have: 4096 bytes to 2 MiB, rarely to a quarter of the capacity, every power
   * of two as likely as the next; half of those of more than a page are beside a page edge.
   */
  refitted(random: Random): number {
    const most = Math.floor(this.capacityBytes / 4);
    const limit = random.oneIn(16) ? most : Math.min(most, COMMON_REFIT_BYTES);
    const bits = 32 - Math.clz32(limit);
    const bytes = bits <= REFIT_BITS ? logUniform(random, Math.max(1, bits)) : logUniformFrom(random, REFIT_BITS, bits);
    const isEdge = bytes > PAGE_BYTES && random.oneIn(2);
    const wanted = isEdge ? Math.floor(bytes / PAGE_BYTES) * PAGE_BYTES + random.pick(EDGE_NUDGES) : bytes;
    return Math.max(1, Math.min(wanted, limit));
  }

  /** About `sizeBytes`: off by a word or so, by a step of a size class, or by a page; within the arena. */
  beside(random: Random, sizeBytes: number): number {
    const distances = [
      random.pick(NUDGES),
      Math.floor(sizeBytes / (1 << random.between(1, 6))),
      PAGE_BYTES * random.between(1, 2),
      random.below(Math.max(1, Math.min(sizeBytes, PAGE_BYTES))),
    ];
    const by = random.pick(distances);
    const bytes = random.oneIn(2) ? sizeBytes + by : sizeBytes - by;
    return Math.max(1, Math.min(bytes, this.arenaBytes));
  }

  /** Beside the arena's or the capacity's size, that before growth, or a fraction of them. */
  arenaBorder(random: Random): number {
    return pickWord(this.#arena, random);
  }

  /** More than the arena: near 2^31, near 2^32, and where a pointer plus the size wraps. */
  impossible(random: Random): number {
    return pickWord(this.#impossible, random);
  }

  /** Some times the arena, and below 2^31 where that is more: nothing wraps, and memory does not suffice. */
  excessive(random: Random): number {
    const bytes = this.arenaBytes * random.between(2, 8);
    return Math.max(Math.min(bytes, 2 ** 31 - PAGE_BYTES), Math.min(this.arenaBytes + 1, WORDS - 1));
  }

  /** A count and a size whose product lies within a few sizes of 2^32, on either side; `[count, size]`. */
  wrappingProduct(random: Random): [number, number] {
    const factor = random.pick(FACTORS);
    if (random.oneIn(8)) return [this.impossible(random), this.impossible(random)];
    const other = Math.min(WORDS - 1, Math.ceil(WORDS / factor) + random.between(-1, 2));
    return random.oneIn(2) ? [factor, other] : [other, factor];
  }

  /** An address beside an end of the arena or a page edge, or anywhere in the arena, or where adding a width wraps. */
  address(random: Random): number {
    const choice = random.below(4);
    if (choice === 0) return (this.#arenaEnd + random.between(-17, 17)) >>> 0;
    if (choice === 1) return (random.below(this.#arenaEnd / PAGE_BYTES + 1) * PAGE_BYTES + random.between(-9, 9)) >>> 0;
    if (choice === 2 && random.oneIn(4)) return pickWord(this.#impossible, random);
    return random.below(this.#arenaEnd);
  }

  /** A power of two up to the promised maximum; where every answer is promised, once in 16 one that is invalid. */
  alignment(random: Random): number {
    const word = random.word();
    if (this.#exact && (word & 15) === 0) return pickWord(INVALID_ALIGNMENTS, random);
    const alignments = this.#alignments;
    // Three times in four one of the eight smallest, which programs ask for.
    const choices = (word & 48) === 0 ? alignments.length : Math.min(8, alignments.length);
    return wordAt(alignments, (word >>> 6) % choices);
  }
}

/** Zero, not powers of two, and powers of two that no arena can honour. */
const INVALID_ALIGNMENTS = Uint32Array.of(0, 3, 6, 12, 24, 65535, 2 ** 31, 2 ** 32 - 1);

/** As `random.pick`, for one type of table: picking is hot, and code that sees every type of array is slow. */
function pickWord(table: Uint32Array, random: Random): number {
  return wordAt(table, random.below(table.length));
}

function logUniform(random: Random, bits: number): number {
  const word = random.word();
  const bit = (word >>> 16) % bits;
  return ((1 << bit) | (random.word() & ((1 << bit) - 1))) >>> 0;
}

/** From 2^leastBits up to 2^bits. */
function logUniformFrom(random: Random, leastBits: number, bits: number): number {
  const bit = random.between(leastBits, bits - 1);
  return (1 << bit) | (random.word() & ((1 << bit) - 1));
}

function powers(): number[] {
  return Array.from({ length: 32 }, (_, bit) => around(2 ** bit)).flat();
}

function multiples(alignmentBytes: number): number[] {
  return Array.from({ length: 64 }, (_, factor) => [-1, 0, 1].map((by) => factor * alignmentBytes + by)).flat();
}

function pages(): number[] {
  return [1, 2, 3, 4, 5, 8, 16].flatMap((page) => pageEdge(page * PAGE_BYTES));
}

function around(border: number): number[] {
  return [-2, -1, 0, 1, 2].map((by) => border + by);
}

function pageEdge(border: number): number[] {
  return Array.from({ length: 33 }, (_, index) => border + index - 16);
}

function arenaBorders(arenaBytes: number, capacityBytes: number, ungrownBytes: number): number[] {
  const known = [arenaBytes, capacityBytes, ungrownBytes].filter((bytes) => bytes > 0);
  const wholes = known.flatMap((bytes) => NUDGES.map((by) => bytes + by));
  const shares = [2, 3, 4, 5, 8, 16].flatMap((share) => [
    ...around(Math.floor(capacityBytes / share)),
    Math.floor(arenaBytes / share),
  ]);
  return [...wholes, ...shares];
}

function impossible(profile: Profile, arenaBytes: number): number[] {
  const half = NUDGES.map((by) => 2 ** 31 + by);
  const top = Array.from({ length: 65 }, (_, index) => WORDS - index);
  const wraps = [profile.arenaStart, profile.arenaEnd, profile.arenaStart + profile.capacityBytes];
  const round = [2 ** 24, 2 ** 28, 2 ** 30, WORDS - 4096, WORDS - PAGE_BYTES, WORDS - 2 * PAGE_BYTES];
  const sizes = [...half, ...top, ...wraps.flatMap((end) => around(WORDS - end)), ...round.flatMap(around)];
  return [...sizes.filter((sizeBytes) => sizeBytes > arenaBytes), WORDS - 1];
}

function powersOfTwo(maximum: number): Uint32Array {
  return Uint32Array.from(Array.from({ length: 32 }, (_, bit) => 2 ** bit).filter((power) => power <= maximum));
}

/** The distinct values from 1 to `maximum`. */
function words(values: readonly number[], maximum: number): Uint32Array {
  return Uint32Array.from(new Set(values.filter((value) => value >= 1 && value <= maximum)));
}
