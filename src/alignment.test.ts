import { expect, test } from 'vitest';
import { blockStart, paddingBytes } from './alignment.ts';
import { MemoryError } from './memory-error.ts';

const POWERS = Array.from({ length: 33 }, (_, exponent) => 2 ** exponent);
const ADDRESSES = [0, 1, 7, 8, 9, 0xffff, 0x10000, 2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1, 2 ** 32 - 1, 2 ** 32];

test('padding is what plain arithmetic says, for every power of two and up to 2^32', () => {
  for (const align of POWERS) {
    for (const address of ADDRESSES) {
      expect(paddingBytes(address, align)).toBe(Math.ceil(address / align) * align - address);
    }
  }
});

test('every size from 1 to 2^32 and every power of two up to 2^32 can be asked for', () => {
  for (const value of POWERS) expect(() => blockStart(0, value, value)).not.toThrow();
  expect(() => blockStart(0, 2 ** 32 - 1, 1)).not.toThrow();
});

test.each([0, -0, -1, 0.5, 1.5, Number.NaN, Infinity, -Infinity, 2 ** 32 + 1, 2 ** 53])(
  'size %d is refused',
  (size) => {
    expect(() => blockStart(64, size, 8)).toThrow(MemoryError);
    expect(() => blockStart(64, size, 8)).toThrow(`Invalid size ${size}`);
  },
);

test.each([0, -1, -8, 3, 12, 2.5, 2 ** 32 - 1, 2 ** 32 + 2, 2 ** 33, Number.NaN, Infinity])(
  'alignment %d is refused',
  (align) => {
    expect(() => blockStart(64, 8, align)).toThrow(MemoryError);
    expect(() => blockStart(64, 8, align)).toThrow(`Invalid alignment ${align}`);
  },
);
