import { describe, expect, test } from 'vitest';
import { WasmMemory } from './index.ts';

const memory = new WasmMemory(new WebAssembly.Memory({ initial: 1 }));
const encoder = new TextEncoder();
const REPLACEMENT_BYTES = [0xef, 0xbf, 0xbd];

/** Both sides of every border of UTF-8, with what is near, and a walk through the rest in steps of a prime. */
const CODE_POINTS = [
  ...[0x80, 0x800, 0xd800, 0xdc00, 0xe000, 0x10000, 0x10ffff - 64].flatMap((border) =>
    Array.from({ length: 128 }, (_, index) => border - 64 + index),
  ),
  ...Array.from({ length: 0x110000 / 251 }, (_, index) => index * 251),
];

/** Writes over a marked place, and returns the bytes written with the one after, which must keep its mark. */
function written(text: string): { bytes: number[]; after: number | undefined } {
  const place = memory.createByteView(64, text.length * 3 + 1).fill(0x55);
  const count = memory.writeString(64, text);
  return { bytes: [...place.subarray(0, count)], after: place[count] };
}

describe('writeString', () => {
  test('agrees with TextEncoder on code points of every plane and width, between ASCII', () => {
    const wrong = CODE_POINTS.filter((point) => {
      const text = `a${String.fromCodePoint(point)}z`;
      const count = memory.writeString(64, text);
      return Buffer.compare(memory.createByteView(64, count), encoder.encode(text)) !== 0;
    });
    expect(wrong).toEqual([]);
  });

  test.each(['\ud800', '\udfff', '\udc00\ud800', 'a\ud83d', '\ude00b', '\ud83d\ud83d\ude00'])(
    'writes a lone surrogate as U+FFFD (case %#)',
    (text) => {
      expect(written(text)).toEqual({ bytes: [...encoder.encode(text)], after: 0x55 });
      expect(written(text).bytes.join()).toContain(REPLACEMENT_BYTES.join());
    },
  );

  test.each([0, 1, 7, 8, 9, 15, 16, 17, 18, 31, 1000])(
    'writes %d units of every width and nothing after them',
    (length) => {
      for (const character of ['a', 'é', '雪', '\ud800', '😀']) {
        const text = character.repeat(length);
        expect(written(text)).toEqual({ bytes: [...encoder.encode(text)], after: 0x55 });
      }
    },
  );
});

describe('readString', () => {
  test.each([0, 1, 3, 4, 5, 7, 8, 9, 11, 12, 13, 16, 17, 1000])('reads back %d units of every width', (length) => {
    for (const character of ['a', '\0', '\x7f', 'é', '雪', '😀']) {
      const text = character.repeat(length);
      expect(memory.readString(64, memory.writeString(64, text))).toBe(text);
    }
  });

  test('reads each character in its place', () => {
    const text = 'The quick brown fox';
    memory.writeString(64, text);
    for (let length = 0; length <= text.length; length += 1) {
      expect(memory.readString(64, length)).toBe(text.slice(0, length));
    }
  });
});
