/** The arbitraries of the memory interface judged: they really produce the borders that they are said to. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BAD_NUMBERS, FAR_NUMBERS, goodPointers, lengths, PAGE_BYTES, pointers } from '../arbitraries/borders.ts';
import { type MemoryShape, memoryShapes } from '../arbitraries/memory-shapes.ts';
import { doubleBits, int32s, int64s, singleBits, unwrappedBigints, unwrappedNumbers } from '../arbitraries/numbers.ts';
import { nearlyUtf8, texts } from '../arbitraries/texts.ts';
import { METHODS } from '../wasm-memory/methods.ts';
import { DOUBLE, floatOfBits, isNanPattern, SINGLE } from '../wasm-memory/oracles/little-endian.ts';
import { decodeStrictly } from '../wasm-memory/oracles/utf8.ts';
import { borderRequests, fits } from '../wasm-memory/requests.ts';

const SAMPLES = 4000;

/** A kind of value, and how many of 4000 samples have to be of it. */
type Kinds<Value> = Readonly<Record<string, readonly [least: number, isOfKind: (value: Value) => boolean]>>;

function produces<Value>(arbitrary: fc.Arbitrary<Value>, kinds: Kinds<Value>): void {
  const samples = fc.sample(arbitrary, SAMPLES);
  for (const [kind, [least, isOfKind]] of Object.entries(kinds)) {
    it(`${kind}, at least ${least} times in ${SAMPLES}`, () => {
      expect(samples.filter(isOfKind).length).toBeGreaterThanOrEqual(least);
    });
  }
}

function within(center: number, spread: number): (value: number) => boolean {
  return (value) => Math.abs(value - center) <= spread;
}

describe('pointers into two pages are', () => {
  const sizeBytes = 2 * PAGE_BYTES;
  produces(pointers(sizeBytes), {
    'the very end': [10, (value) => value === sizeBytes],
    'the last word': [10, (value) => value === sizeBytes - 4],
    'one byte short of it': [10, (value) => value === sizeBytes - 3],
    'around 2^16': [100, within(PAGE_BYTES, 9)],
    'around 2^31': [20, within(2 ** 31, 9)],
    'around 2^32': [20, within(2 ** 32, 9)],
    negative: [50, (value) => value < 0],
    fractional: [50, (value) => Number.isFinite(value) && !Number.isInteger(value)],
    NaN: [5, Number.isNaN],
    infinite: [10, (value) => Math.abs(value) === Number.POSITIVE_INFINITY],
    good: [1000, (value) => fits({ ptr: value, lengthBytes: 1 }, sizeBytes)],
  });
});

describe('good pointers to words in three pages are', () => {
  produces(goodPointers(3 * PAGE_BYTES, 4), {
    'the last': [20, (value) => value === 3 * PAGE_BYTES - 4],
    'the first': [20, (value) => value === 0],
    'across a page edge': [50, (value) => value % PAGE_BYTES > PAGE_BYTES - 4],
    unaligned: [1000, (value) => value % 4 !== 0],
    'past the first page': [1000, (value) => value >= PAGE_BYTES],
  });
});

describe('lengths up to two pages are', () => {
  produces(lengths(2 * PAGE_BYTES), {
    none: [20, (value) => value === 0],
    'around 16': [50, within(16, 1)],
    'around 1024': [20, within(1024, 1)],
    'around 65536': [20, within(65_536, 1)],
    'all of it': [5, (value) => value === 2 * PAGE_BYTES],
  });
});

describe('numbers are', () => {
  produces(int32s(), {
    'the least I32': [20, (value) => value === -(2 ** 31)],
    'the greatest I32': [20, (value) => value === 2 ** 31 - 1],
    'a negative I32': [800, (value) => value < 0],
  });
  produces(int64s(), {
    'the least I64': [20, (value) => value === -(2n ** 63n)],
    'the greatest I64': [20, (value) => value === 2n ** 63n - 1n],
    'an I64 that no double holds': [400, (value) => BigInt(Number(value)) !== value],
  });
  produces(unwrappedNumbers(), {
    '2^31 and more': [200, (value) => value >= 2 ** 31],
    fractional: [100, (value) => Number.isFinite(value) && !Number.isInteger(value)],
    NaN: [50, Number.isNaN],
  });
  produces(unwrappedBigints(), { 'beyond 64 bits': [500, (value) => BigInt.asIntN(64, value) !== value] });
  produces(singleBits(), {
    'a single NaN': [50, (bits) => isNanPattern(bits, SINGLE)],
    'an infinite single': [20, (bits) => Math.abs(floatOfBits(bits, SINGLE)) === Number.POSITIVE_INFINITY],
    'a negative zero': [20, (bits) => Object.is(floatOfBits(bits, SINGLE), -0)],
    'a denormal single': [100, (bits) => bits % 2n ** 31n < 2n ** 23n && bits % 2n ** 31n > 0n],
  });
  produces(doubleBits(), {
    'a double NaN': [50, (bits) => isNanPattern(bits, DOUBLE)],
    'a denormal double': [100, (bits) => bits % 2n ** 63n < 2n ** 52n && bits % 2n ** 63n > 0n],
  });
});

describe('texts are', () => {
  produces(texts(PAGE_BYTES), {
    empty: [5, (text) => text === ''],
    'with a BOM at the front': [10, (text) => text.startsWith('\ufeff')],
    'with NUL': [50, (text) => text.includes('\0')],
    'with lone surrogates': [100, (text) => /\p{Surrogate}/u.test(text)],
    'beyond the first plane': [500, (text) => /[\u{10000}-\u{10ffff}]/u.test(text)],
    'longer than 1024 units': [100, (text) => text.length > 1024],
    'around 65536 bytes': [5, (text) => 3 * text.length > 65_000 && within(65_536, 40)(Buffer.byteLength(text))],
  });
  produces(nearlyUtf8(), {
    malformed: [1000, (bytes) => decodeStrictly(bytes) === undefined],
    'well-formed': [300, (bytes) => decodeStrictly(bytes) !== undefined],
    'malformed past 64 bytes': [300, (bytes) => bytes.length > 64 && decodeStrictly(bytes) === undefined],
  });
});

describe('memory shapes are', () => {
  const grownBy = (by: string) => (shape: MemoryShape) => shape.growths.some((growth) => growth.by === by);
  produces(memoryShapes(), {
    'without a page': [100, ({ pages }) => pages === 0],
    shared: [300, ({ shared }) => shared],
    'grown by the interface': [500, grownBy('interface')],
    'grown by the host': [500, grownBy('host')],
    'grown by a module': [500, grownBy('module')],
    'grown by no page': [500, ({ growths }) => growths.some(({ pages }) => pages === 0)],
    'shared and grown by the host': [100, (shape) => shape.shared && grownBy('host')(shape)],
  });
});

describe('the listed borders', () => {
  for (const method of METHODS) {
    it(`of ${method.name} have both sides and every bad number`, () => {
      const requests = borderRequests(method, PAGE_BYTES);
      const isInside = requests.map((request) => fits(request, PAGE_BYTES));
      const lastGood = requests.filter(
        (request, at) => isInside[at] && request.ptr + request.lengthBytes === PAGE_BYTES,
      );
      const firstBad = requests.filter(({ ptr, lengthBytes }) => ptr >= 0 && ptr + lengthBytes === PAGE_BYTES + 1);
      expect(Math.min(lastGood.length, firstBad.length)).toBeGreaterThan(0);
      const pointersAsked = new Set(requests.map(({ ptr }) => ptr));
      expect([...BAD_NUMBERS, ...FAR_NUMBERS].filter((ptr) => !pointersAsked.has(ptr))).toEqual([]);
    });
  }
});
