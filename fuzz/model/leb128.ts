/** Whole numbers as the binary form of WebAssembly writes them (WebAssembly specification, 5.2.2). */

/** Unsigned LEB128 of `value`, a whole number from 0. */
export function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}

/** Signed LEB128 of `value`, a 32-bit integer. */
export function signed(value: number): number[] {
  const last = value >= -64 && value < 64;
  return last ? [value & 127] : [(value & 127) | 128, ...signed(value >> 7)];
}
