/** Sets the number that `fault.zig` reads. */

/** `marker` in `fault.zig`; the number follows it as a 32-bit little-endian word. */
const MARKER = new TextEncoder().encode('heaplaw zoo fault number');

/** A copy of `sound` with fault `code`. Throws Error when the module has no fault number, or more than one. */
export function withFault(sound: Uint8Array, code: number): Uint8Array {
  const at = Buffer.from(sound.buffer, sound.byteOffset, sound.byteLength).indexOf(MARKER);
  if (at < 0) throw new Error('the module has no fault number: does its source read fault.zig?');
  if (Buffer.from(sound).indexOf(MARKER, at + 1) >= 0)
    throw new Error('the module has two fault numbers, expected one');
  const copy = Uint8Array.from(sound);
  new DataView(copy.buffer).setUint32(at + MARKER.length, code, true);
  return copy;
}
