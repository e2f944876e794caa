/**
 * Strings, and bytes that are nearly UTF-8.
 *
 * fc.string gives short strings of one kind. Here a text is a run of ASCII as long as one of the lengths at which coders
 * change their ways (8, 16, 64, 1024, 65536 bytes, one to either side), then a few characters of any plane, so that a
 * character of 2, 3 or 4 bytes lies across each such border; BOM, NUL and lone surrogates have weights of their own.
 */
import fc from 'fast-check';
import { lengths } from './borders.ts';

/** First and last code points of each length in UTF-8 and of each plane, and the special ones. */
const BORDER_POINTS = [
  0x00, 0x0a, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xfeff, 0xfffd, 0xfffe, 0xffff, 0x1_0000, 0x1_f600, 0x1_ffff,
  0x2_0000, 0x3_ffff, 0xf_0000, 0xf_fffd, 0x10_0000, 0x10_ffff,
];

const LONE_SURROGATES = ['\ud800', '\udbff', '\udc00', '\udfff'];

/** Made once: fast-check takes 50 ms to list them. */
const GRAPHEME = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 });

/** A character of any plane, or a lone surrogate. Neighbours may join into a pair, as in any real string. */
export function characters(): fc.Arbitrary<string> {
  return fc.oneof(
    { withCrossShrink: true },
    { arbitrary: fc.constantFrom(...BORDER_POINTS).map((point) => String.fromCodePoint(point)), weight: 4 },
    { arbitrary: GRAPHEME, weight: 2 },
    { arbitrary: fc.integer({ min: 0x1_0000, max: 0x10_ffff }).map((point) => String.fromCodePoint(point)), weight: 2 },
    { arbitrary: fc.constantFrom(...LONE_SURROGATES), weight: 1 },
  );
}

/** Texts whose UTF-8 is at most about `mostBytes` long. */
export function texts(mostBytes: number): fc.Arbitrary<string> {
  return fc.oneof(
    { withCrossShrink: true },
    { arbitrary: fc.array(characters(), { maxLength: 24 }).map((parts) => parts.join('')), weight: 3 },
    { arbitrary: fc.tuple(lengths(mostBytes - 40), someCharacters(), fc.nat(20)).map(padded), weight: 4 },
    { arbitrary: fc.tuple(characters(), lengths(Math.floor(mostBytes / 4))).map(repeated), weight: 1 },
  );
}

/** ASCII of exactly `lengthBytes`, not one character repeated; empty below 1. */
export function asciiOf(lengthBytes: number): string {
  const length = Math.max(0, lengthBytes);
  while (ascii.length < length) ascii += ascii;
  return ascii.slice(0, length);
}

/** Bytes of which most are malformed UTF-8: every way of RFC 3629 to be wrong, after some ASCII and before some. */
export function nearlyUtf8(): fc.Arbitrary<readonly number[]> {
  const sequences = fc.oneof(
    { withCrossShrink: true },
    fc.constantFrom(...CURIOUS_SEQUENCES),
    fc.array(curiousBytes(), { maxLength: 5 }),
  );
  return fc
    .tuple(lengths(1100), sequences, fc.nat(18))
    .map(([before, sequence, after]) => [...asciiBytes(before), ...sequence, ...asciiBytes(after)]);
}

/** Malformed, each in its own way; the last few are well-formed neighbours of these. */
export const CURIOUS_SEQUENCES: readonly (readonly number[])[] = [
  [0x80],
  [0xbf],
  [0xfe],
  [0xff],
  [0xc3],
  [0xe2, 0x82],
  [0xf0, 0x9f, 0x98],
  [0xc3, 0x28],
  [0xe2, 0x28, 0xa1],
  [0xf0, 0x28, 0x8c, 0xbc],
  // Overlong: one byte, two bytes and three bytes' worth in more.
  [0xc0, 0x80],
  [0xc1, 0xbf],
  [0xe0, 0x80, 0x80],
  [0xe0, 0x9f, 0xbf],
  [0xf0, 0x80, 0x80, 0x80],
  [0xf0, 0x8f, 0xbf, 0xbf],
  // Surrogates, alone and as a pair (CESU-8).
  [0xed, 0xa0, 0x80],
  [0xed, 0xbf, 0xbf],
  [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80],
  // Beyond U+10FFFF.
  [0xf4, 0x90, 0x80, 0x80],
  [0xf5, 0x80, 0x80, 0x80],
  [0xf8, 0x88, 0x80, 0x80, 0x80],
  // Well-formed.
  [0xc2, 0x80],
  [0xe0, 0xa0, 0x80],
  [0xed, 0x9f, 0xbf],
  [0xee, 0x80, 0x80],
  [0xef, 0xbb, 0xbf],
  [0xf0, 0x90, 0x80, 0x80],
  [0xf4, 0x8f, 0xbf, 0xbf],
];

/** The alphabet over and over, as often as was needed so far. */
let ascii = 'abcdefghijklmnopqrstuvwxyz';

function someCharacters(): fc.Arbitrary<readonly string[]> {
  return fc.array(characters(), { minLength: 1, maxLength: 4 });
}

function padded([before, parts, after]: [number, readonly string[], number]): string {
  return asciiOf(before) + parts.join('') + asciiOf(after);
}

function repeated([character, times]: [string, number]): string {
  return character.repeat(times);
}

function asciiBytes(count: number): number[] {
  return Array.from(asciiOf(count), (character) => character.charCodeAt(0));
}

/** Bytes at the borders of RFC 3629's table, and any. */
function curiousBytes(): fc.Arbitrary<number> {
  const borders = [
    0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5,
  ];
  return fc.oneof({ withCrossShrink: true }, fc.constantFrom(...borders), fc.nat(255));
}
