/**
 * Numbers over the whole of their types.
 *
 * fc.integer and fc.bigInt lean to small magnitudes. Half of the values here are instead made around powers of two
 * (where a sign, a carry or a width is lost), and bit patterns are made field by field, so that every exponent,
 * denormals, both zeroes and the infinities are as likely as ordinary numbers.
 */
import fc from 'fast-check';
import { DOUBLE, type FloatFormat, SINGLE } from '../wasm-memory/oracles/little-endian.ts';

/** Signed 32-bit integers, evenly among: small, around a power of two of either sign, each byte extreme, any. */
export function int32s(): fc.Arbitrary<number> {
  return fc.oneof(
    { withCrossShrink: true },
    fc.constantFrom(0, 1, -1, 2 ** 31 - 1, -(2 ** 31), 0x01020304, -0x01020304, 0x7fffff80, 128, 255, 256),
    aroundPowers(31).map(Number).filter(fitsInt32),
    fc.integer(),
  );
}

/** Numbers that writeI32 has to wrap: beyond 32 bits either way, fractional, not finite. */
export function unwrappedNumbers(): fc.Arbitrary<number> {
  return fc.oneof(
    { withCrossShrink: true },
    fc.constantFrom(2 ** 31, 2 ** 32 - 1, 2 ** 32, -(2 ** 31) - 1, 2 ** 53 - 1, -(2 ** 53 - 1)),
    fc.constantFrom(0.9, -0.9, 1.5, -1.5, -0, 2 ** 31 + 0.5, 1e21, 2 ** 83, Number.MAX_VALUE),
    fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
    aroundPowers(70).map(Number),
    fc.integer(),
    fc.double(),
  );
}

/** Signed 64-bit integers: extremes, around every power of two of either sign, any. */
export function int64s(): fc.Arbitrary<bigint> {
  return fc.oneof(
    { withCrossShrink: true },
    fc.constantFrom(0n, 1n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n, 0x0102030405060708n),
    aroundPowers(63).filter((value) => BigInt.asIntN(64, value) === value),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  );
}

/** Bigints that writeI64 has to wrap, and some that it has not. */
export function unwrappedBigints(): fc.Arbitrary<bigint> {
  return fc.oneof({ withCrossShrink: true }, aroundPowers(130), fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }));
}

/** Bit patterns of F32, field by field. */
export function singleBits(): fc.Arbitrary<bigint> {
  return floatBits(SINGLE);
}

/** Bit patterns of F64, field by field. */
export function doubleBits(): fc.Arbitrary<bigint> {
  return floatBits(DOUBLE);
}

/** `2^k - 1`, `2^k` or `2^k + 1` or their negatives, for k from 0 to `mostBits`. */
function aroundPowers(mostBits: number): fc.Arbitrary<bigint> {
  return fc
    .tuple(fc.nat(mostBits), fc.constantFrom(0n, -1n, 1n), fc.constantFrom(1n, -1n))
    .map(([bits, offset, sign]) => sign * (2n ** BigInt(bits) + offset));
}

function fitsInt32(value: number): boolean {
  return (value | 0) === value;
}

function floatBits({ exponentBits, mantissaBits }: FloatFormat): fc.Arbitrary<bigint> {
  const unit = 2n ** BigInt(mantissaBits);
  const mostExponent = 2 ** exponentBits - 1;
  const exponents = fc.oneof(
    { withCrossShrink: true },
    fc.constantFrom(0, 1, mostExponent - 1, mostExponent),
    fc.nat(mostExponent),
  );
  const mantissas = fc.oneof(
    { withCrossShrink: true },
    fc.constantFrom(0n, 1n, unit / 2n, unit - 1n),
    fc.bigInt({ min: 0n, max: unit - 1n }),
  );
  const made = fc.tuple(fc.nat(1), exponents, mantissas);
  // Zeroes, infinities and ones, which a field at a time seldom makes.
  const whole = fc.tuple(fc.nat(1), fc.constantFrom(0, mostExponent >>> 1, mostExponent), fc.constant(0n));
  return fc
    .oneof({ withCrossShrink: true }, { arbitrary: made, weight: 7 }, whole)
    .map(
      ([sign, exponent, mantissa]) => (BigInt(sign) * BigInt(mostExponent + 1) + BigInt(exponent)) * unit + mantissa,
    );
}
