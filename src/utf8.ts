/** Strings in linear memory. The platform's coders have a fixed price a call; short strings go without them. */

/** The most bytes of UTF-8 a UTF-16 unit takes: a pair of units takes 4 together. */
export const UTF8_BYTES_PER_UNIT = 3;

/** Up to here building the string here beats TextDecoder (bench/memory, Node 20: 3x at 8 bytes, twice at 12). */
const SHORT_READ_BYTES = 12;

/** Up to here storing bytes here beats encodeInto (bench/memory, Node 20, at 9: 1.6x for ASCII, level for 3-byte characters). */
export const SHORT_WRITE_UNITS = 9;

/** What TextEncoder writes for a surrogate without its other half: U+FFFD. */
const REPLACEMENT = 0xfffd;

const encoder = new TextEncoder();
const decoder = new TextDecoder(encoder.encoding, { fatal: true, ignoreBOM: true });

// Called on the string, and not looked up in it: V8 has a dozen kinds of string, and a look-up that has seen five stays slow.
const { codePointAt } = String.prototype;
const { fromCharCode } = String;

/** The string whose UTF-8 is `bytes`, BOM kept; throws what TextDecoder throws when they are malformed. */
export function decodeUtf8(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** The string at `start` when its `length` bytes are few and ASCII; otherwise undefined, and decodeUtf8 is the way. */
export function shortAscii(bytes: Uint8Array, start: number, length: number): string | undefined {
  const end = start + length;
  return length <= SHORT_READ_BYTES && isAscii(bytes, start, end) ? asciiString(bytes, start, end) : undefined;
}

/** The UTF-8 of `str`, lone surrogates as U+FFFD. */
export function utf8Of(str: string): Uint8Array {
  return encoder.encode(str);
}

/** Writes the UTF-8 of `str`; returns its bytes. `target` must have UTF8_BYTES_PER_UNIT a unit. */
export function encodeUtf8Into(str: string, target: Uint8Array): number {
  return encoder.encodeInto(str, target).written;
}

function isAscii(bytes: Uint8Array, start: number, end: number): boolean {
  let bits = 0;
  for (let at = start; at < end; at += 1) bits |= Number(bytes[at]);
  return bits < 0x80;
}

/** Four characters a step, because each step makes a string. */
function asciiString(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  let at = start;
  for (; at + 4 <= end; at += 4) {
    text += fromCharCode(Number(bytes[at]), Number(bytes[at + 1]), Number(bytes[at + 2]), Number(bytes[at + 3]));
  }
  for (; at < end; at += 1) text += fromCharCode(Number(bytes[at]));
  return text;
}

/** Writes the UTF-8 of a short `str` of `units` units at `start`; returns its bytes. */
export function writeShort(str: string, units: number, bytes: Uint8Array, start: number): number {
  let to = start;
  for (let at = 0; at < units; at += 1) {
    const point = Number(codePointAt.call(str, at));
    if (point < 0x80) {
      bytes[to++] = point;
    } else {
      to = writeMultiByte(isSurrogate(point) ? REPLACEMENT : point, bytes, to);
      if (point > 0xffff) at += 1;
    }
  }
  return to - start;
}

/** Two to four bytes, as RFC 3629 section 3 lays them out; returns where they end. */
function writeMultiByte(point: number, bytes: Uint8Array, start: number): number {
  let to = start;
  if (point < 0x800) {
    bytes[to++] = 0xc0 | (point >> 6);
  } else if (point <= 0xffff) {
    bytes[to++] = 0xe0 | (point >> 12);
    bytes[to++] = continuation(point >> 6);
  } else {
    bytes[to++] = 0xf0 | (point >> 18);
    bytes[to++] = continuation(point >> 12);
    bytes[to++] = continuation(point >> 6);
  }
  bytes[to++] = continuation(point);
  return to;
}

/** A byte that carries the lowest six bits. */
function continuation(bits: number): number {
  return 0x80 | (bits & 0x3f);
}

/** 0xD800 to 0xDFFF; a code point is one only where its other half is missing. */
function isSurrogate(point: number): boolean {
  return point >> 11 === 0x1b;
}
