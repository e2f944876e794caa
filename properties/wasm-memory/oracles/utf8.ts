/**
 * UTF-8 by arithmetic alone, from RFC 3629 section 4 (the table of well-formed byte sequences) and the WHATWG rule that
 * a lone surrogate is encoded as U+FFFD. No TextEncoder, no TextDecoder.
 */

const REPLACEMENT = 0xfffd;

/** The UTF-8 of `text`. */
export function utf8Bytes(text: string): number[] {
  const bytes: number[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const value = scalarOf(text, at);
    pushBytes(bytes, value);
    if (value > 0xffff) at += 1;
  }
  return bytes;
}

/** The code point at `at`, a lone surrogate as U+FFFD. */
function scalarOf(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  if (!isBetween(unit, 0xd800, 0xdfff)) return unit;
  const next = at + 1 < text.length ? text.charCodeAt(at + 1) : 0;
  if (unit > 0xdbff || !isBetween(next, 0xdc00, 0xdfff)) return REPLACEMENT;
  return 0x10000 + (unit - 0xd800) * 0x400 + (next - 0xdc00);
}

/** What reading back the UTF-8 of `text` gives: `text` with its lone surrogates replaced. */
export function wellFormed(text: string): string {
  return text.replaceAll(PAIR_OR_LONE, (found) => (found.length === 2 ? found : '\ufffd'));
}

const PAIR_OR_LONE = /[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]/g;

/** The text of `bytes`; undefined when they are not well-formed UTF-8. A BOM is a character like any other. */
export function decodeStrictly(bytes: readonly number[]): string | undefined {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at);
    if (length === 0) return undefined;
    parts.push(textOfScalar(scalarAt(bytes, at, length)));
    at += length;
  }
  return parts.join('');
}

/** The rows of RFC 3629's table: first byte from and to, second byte from and to, length of the sequence. */
const ROWS = [
  [0xc2, 0xdf, 0x80, 0xbf, 2],
  [0xe0, 0xe0, 0xa0, 0xbf, 3],
  [0xe1, 0xec, 0x80, 0xbf, 3],
  [0xed, 0xed, 0x80, 0x9f, 3],
  [0xee, 0xef, 0x80, 0xbf, 3],
  [0xf0, 0xf0, 0x90, 0xbf, 4],
  [0xf1, 0xf3, 0x80, 0xbf, 4],
  [0xf4, 0xf4, 0x80, 0x8f, 4],
] as const;

/** The bytes of the well-formed sequence at `at`; 0 when there is none. */
function sequenceLength(bytes: readonly number[], at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const row = ROWS.find(([from, to]) => isBetween(first, from, to));
  if (row === undefined) return 0;
  const [, , secondFrom, secondTo, length] = row;
  if (!isBetween(bytes[at + 1] ?? 0, secondFrom, secondTo)) return 0;
  const tail = bytes.slice(at + 2, at + length);
  return tail.length === length - 2 && tail.every((byte) => isBetween(byte, 0x80, 0xbf)) ? length : 0;
}

function scalarAt(bytes: readonly number[], at: number, length: number): number {
  const lead = (bytes[at] ?? 0) % (length === 1 ? 0x80 : 2 ** (7 - length));
  return bytes.slice(at + 1, at + length).reduce((value, byte) => value * 64 + (byte - 0x80), lead);
}

function pushBytes(bytes: number[], value: number): void {
  if (value < 0x80) bytes.push(value);
  else if (value < 0x800) bytes.push(0xc0 + Math.floor(value / 64), continuation(value));
  else if (value < 0x10000) {
    bytes.push(0xe0 + Math.floor(value / 4096), continuation(value / 64), continuation(value));
  } else {
    const [second, third] = [continuation(value / 4096), continuation(value / 64)];
    bytes.push(0xf0 + Math.floor(value / 262144), second, third, continuation(value));
  }
}

function continuation(value: number): number {
  return 0x80 + (Math.floor(value) % 64);
}

function textOfScalar(value: number): string {
  if (value < 0x10000) return String.fromCharCode(value);
  const offset = value - 0x10000;
  return String.fromCharCode(0xd800 + Math.floor(offset / 0x400), 0xdc00 + (offset % 0x400));
}

function isBetween(value: number, from: number, to: number): boolean {
  return value >= from && value <= to;
}
