/**
 * Little-endian bytes by arithmetic alone, from the definitions in the WebAssembly specification (4.3.1 and 4.3.3,
 * bits and bytes) and IEEE 754. No DataView, no typed array reinterpretation: nothing that the code under test may use.
 */

/** The `count` bytes of the two's complement of `value`, least significant first. */
export function bytesOfInteger(value: bigint, count: number): number[] {
  let rest = ((value % 2n ** BigInt(8 * count)) + 2n ** BigInt(8 * count)) % 2n ** BigInt(8 * count);
  return Array.from({ length: count }, () => {
    const byte = Number(rest % 256n);
    rest /= 256n;
    return byte;
  });
}

/** The unsigned integer whose least significant byte comes first. */
export function unsignedOfBytes(bytes: readonly number[]): bigint {
  return bytes.reduceRight((value, byte) => value * 256n + BigInt(byte), 0n);
}

/** The two's complement integer whose least significant byte comes first. */
export function signedOfBytes(bytes: readonly number[]): bigint {
  const value = unsignedOfBytes(bytes);
  const half = 2n ** BigInt(8 * bytes.length - 1);
  return value >= half ? value - 2n * half : value;
}

/** The fields of a binary floating-point format. */
export interface FloatFormat {
  readonly exponentBits: number;
  readonly mantissaBits: number;
}

export const SINGLE: FloatFormat = { exponentBits: 8, mantissaBits: 23 };
export const DOUBLE: FloatFormat = { exponentBits: 11, mantissaBits: 52 };

/** The number that the bit pattern `bits` stands for. Exact: every step is a product with a power of two. */
export function floatOfBits(bits: bigint, format: FloatFormat): number {
  const mantissa = bits % 2n ** BigInt(format.mantissaBits);
  const exponent = Number((bits / 2n ** BigInt(format.mantissaBits)) % 2n ** BigInt(format.exponentBits));
  const sign = bits >= 2n ** BigInt(format.mantissaBits + format.exponentBits) ? -1 : 1;
  const most = 2 ** format.exponentBits - 1;
  if (exponent === most) return mantissa === 0n ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  const bias = 2 ** (format.exponentBits - 1) - 1;
  if (exponent === 0) return sign * timesPowerOfTwo(Number(mantissa), 1 - bias - format.mantissaBits);
  const significand = Number(mantissa + 2n ** BigInt(format.mantissaBits));
  return sign * timesPowerOfTwo(significand, exponent - bias - format.mantissaBits);
}

/** Whether `bits` is one of the many patterns that stand for NaN. */
export function isNanPattern(bits: bigint, format: FloatFormat): boolean {
  const magnitude = bits % 2n ** BigInt(format.mantissaBits + format.exponentBits);
  return magnitude > (2n ** BigInt(format.exponentBits) - 1n) * 2n ** BigInt(format.mantissaBits);
}

/** In two steps, because 2^-1074 is the least power of two a double holds and 2^1023 the greatest. */
function timesPowerOfTwo(value: number, exponent: number): number {
  const half = Math.trunc(exponent / 2);
  return value * 2 ** half * 2 ** (exponent - half);
}
