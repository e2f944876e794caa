/** Strings in linear memory. The platform's coders have a fixed price a call; short ASCII goes without them. */

/** The most bytes of UTF-8 a UTF-16 unit takes: a pair of units takes 4 together. */
export const UTF8_BYTES_PER_UNIT = 3;

/** Up to here appending characters beats TextDecoder (bench/memory, Node 20: 1.5x at 8 bytes, even at 12). */
const SHORT_READ_BYTES = 8;

/** Up to here storing characters beats encodeInto (bench/memory, Node 20: twice as fast at 16 units). */
const SHORT_WRITE_UNITS = 16;

/** The first byte that is not ASCII. */
const ASCII_END = 0x80;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The string whose UTF-8 is `bytes` from `start` to `end`, BOM kept; throws what TextDecoder throws when malformed. */
export function decodeUtf8(bytes: Uint8Array, start: number, end: number): string {
  return shortAscii(bytes, start, end) ?? decoder.decode(decodable(bytes, start, end));
}

/** The UTF-8 of `str`, lone surrogates as U+FFFD. */
export function utf8Of(str: string): Uint8Array {
  return encoder.encode(str);
}

/** Writes the UTF-8 of `str` at `start`; returns its bytes. There must be room for UTF8_BYTES_PER_UNIT a unit. */
export function encodeUtf8Into(str: string, bytes: Uint8Array, start: number): number {
  if (str.length <= SHORT_WRITE_UNITS && writeAscii(str, bytes, start)) return str.length;
  return encoder.encodeInto(str, bytes.subarray(start, start + str.length * UTF8_BYTES_PER_UNIT)).written;
}

function shortAscii(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (end - start > SHORT_READ_BYTES) return undefined;
  let text = '';
  for (let at = start; at < end; at += 1) {
    const byte = Number(bytes[at]);
    if (byte >= ASCII_END) return undefined;
    text += String.fromCharCode(byte);
  }
  return text;
}

/** False when `str` is not all ASCII; bytes are then half written, for the encoder to overwrite. */
function writeAscii(str: string, bytes: Uint8Array, start: number): boolean {
  for (let at = 0; at < str.length; at += 1) {
    const unit = str.charCodeAt(at);
    if (unit >= ASCII_END) return false;
    bytes[start + at] = unit;
  }
  return true;
}

/** The bytes as TextDecoder takes them everywhere: some platforms refuse a view of shared memory. */
function decodable(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return isShared(bytes.buffer) ? bytes.slice(start, end) : bytes.subarray(start, end);
}

function isShared(buffer: ArrayBufferLike): boolean {
  return Object.prototype.toString.call(buffer) === '[object SharedArrayBuffer]';
}
