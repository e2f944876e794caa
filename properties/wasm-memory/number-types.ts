/** The four number types of the memory interface in one table: how to read, write and generate them. */
import type fc from 'fast-check';
import { doubleBits, int32s, int64s, singleBits } from '../arbitraries/numbers.ts';
import type { MemoryInterface } from './implementation.ts';
import {
  bytesOfInteger,
  DOUBLE,
  type FloatFormat,
  floatOfBits,
  isNanPattern,
  SINGLE,
  signedOfBytes,
  unsignedOfBytes,
} from './oracles/little-endian.ts';

export type NumericValue = number | bigint;

export interface NumberType {
  readonly name: 'I32' | 'I64' | 'F32' | 'F64';
  readonly widthBytes: number;
  /** Bit patterns over the whole of the type, as unsigned integers. */
  readonly bits: () => fc.Arbitrary<bigint>;
  /** The value of a bit pattern, by the oracle. */
  readonly valueOf: (bits: bigint) => NumericValue;
  /** Whether the pattern stands for NaN, of which only that it is NaN is promised. */
  readonly isNan: (bits: bigint) => boolean;
  readonly read: (memory: MemoryInterface, ptr: number) => NumericValue;
  readonly write: (memory: MemoryInterface, ptr: number, value: NumericValue) => void;
}

export const NUMBER_TYPES: readonly NumberType[] = [
  {
    name: 'I32',
    widthBytes: 4,
    bits: () => int32s().map((value) => BigInt.asUintN(32, BigInt(value))),
    valueOf: (bits) => Number(signedOfBytes(bytesOfInteger(bits, 4))),
    isNan: () => false,
    read: (memory, ptr) => memory.readI32(ptr),
    write: (memory, ptr, value) => memory.writeI32(ptr, Number(value)),
  },
  {
    name: 'I64',
    widthBytes: 8,
    bits: () => int64s().map((value) => BigInt.asUintN(64, value)),
    valueOf: (bits) => signedOfBytes(bytesOfInteger(bits, 8)),
    isNan: () => false,
    read: (memory, ptr) => memory.readI64(ptr),
    write: (memory, ptr, value) => memory.writeI64(ptr, BigInt(value)),
  },
  {
    name: 'F32',
    widthBytes: 4,
    bits: singleBits,
    valueOf: (bits) => floatOfBits(bits, SINGLE),
    isNan: nanIn(SINGLE),
    read: (memory, ptr) => memory.readF32(ptr),
    write: (memory, ptr, value) => memory.writeF32(ptr, Number(value)),
  },
  {
    name: 'F64',
    widthBytes: 8,
    bits: doubleBits,
    valueOf: (bits) => floatOfBits(bits, DOUBLE),
    isNan: nanIn(DOUBLE),
    read: (memory, ptr) => memory.readF64(ptr),
    write: (memory, ptr, value) => memory.writeF64(ptr, Number(value)),
  },
];

/** The bit pattern in `bytes`. */
export function bitsIn(bytes: Uint8Array): bigint {
  return unsignedOfBytes([...bytes]);
}

/** Whether the pattern in `bytes` is allowed where `bits` was written: the same, or any NaN for a NaN. */
export function isSamePattern(type: NumberType, bytes: Uint8Array, bits: bigint): boolean {
  const found = bitsIn(bytes);
  return found === bits || (type.isNan(bits) && type.isNan(found));
}

function nanIn(format: FloatFormat): (bits: bigint) => boolean {
  return (bits) => isNanPattern(bits, format);
}
