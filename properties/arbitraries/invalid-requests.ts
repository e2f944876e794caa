/** Sizes and alignments that no allocator of the host may accept, and bases that are no addresses. */
import fc from 'fast-check';

/** Each is a mistake of its own, and so few are all asked for. */
export const NOTABLE_INVALID_SIZES: readonly number[] = [
  0,
  -0,
  -1,
  0.5,
  1.5,
  -8,
  Number.NaN,
  Infinity,
  -Infinity,
  2 ** 32 + 1,
  2 ** 53,
  Number.MAX_VALUE,
];

/** 2^32 + 1 is 1 to code that cuts to 32 bits. */
export const NOTABLE_INVALID_ALIGNMENTS: readonly number[] = [
  0,
  -0,
  -1,
  -8,
  0.5,
  2.5,
  Number.NaN,
  Infinity,
  -Infinity,
  3,
  6,
  12,
  2 ** 32 + 1,
  2 ** 32 + 8,
  2 ** 33,
];

/** Zero, negative, fractional, not a number, infinite, or beyond 2^32. */
export function invalidSizes(): fc.Arbitrary<number> {
  return fc.oneof(
    fc.constantFrom(...NOTABLE_INVALID_SIZES),
    fc.integer({ min: -(2 ** 31), max: -1 }),
    fc.nat(2 ** 16).map((whole) => whole + 0.25),
    fc.nat(2 ** 16).map((above) => 2 ** 32 + 1 + above),
  );
}

/** As sizes, and every whole number that is no power of two. */
export function invalidAlignments(): fc.Arbitrary<number> {
  return fc.oneof(
    fc.constantFrom(...NOTABLE_INVALID_ALIGNMENTS),
    // Small ones too: what is aligned to a large one ends past memory, and is refused for that.
    fc.integer({ min: 3, max: 200 }).filter(isNoPowerOfTwo),
    fc.integer({ min: 3, max: 2 ** 31 - 1 }).filter(isNoPowerOfTwo),
    fc.nat(30).map((exponent) => -(2 ** exponent)),
  );
}

/** Numbers that are no address: negative, fractional, not finite. */
export function invalidAddresses(): fc.Arbitrary<number> {
  return fc.oneof(
    fc.constantFrom(-1, 0.5, 65536.5, Number.NaN, Infinity, -Infinity),
    fc.integer({ min: -(2 ** 31), max: -1 }),
  );
}

function isNoPowerOfTwo(value: number): boolean {
  return (value & (value - 1)) !== 0;
}
