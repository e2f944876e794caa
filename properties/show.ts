/** Values as a failure prints them: short, exact where it matters, on one line. */

import { foreignErrorText } from '../fuzz/violation.ts';

const MOST_BYTES = 24;
const MOST_CHARACTERS = 120;

/** `value` on one line: -0 as -0, a bigint with its n, bytes in hex, an error by name and message. */
export function show(value: unknown): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'string') return showText(value);
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (ArrayBuffer.isView(value)) return showView(value);
  if (typeof value === 'object' && value !== null) return `an object of class ${value.constructor?.name}`;
  return String(value);
}

/** What a call threw that is no instance of the MemoryError under judgement. */
export function showForeign(error: unknown): string {
  return `threw, ${error instanceof Error ? foreignErrorText(error) : show(error)}`;
}

/** A pointer or length: whole numbers from ten up in hex as well, everything else as it is. */
export function showAddress(value: number): string {
  return Number.isInteger(value) && value > 9 ? `0x${value.toString(16)}` : show(value);
}

/** Text with everything outside printable ASCII escaped, so that a failure survives being pasted. */
function showText(text: string): string {
  const escaped = JSON.stringify(shorten(text)).replace(/[^ -~]/g, escapeUnit);
  return text.length > MOST_CHARACTERS ? `${escaped}... (${text.length} UTF-16 units)` : escaped;
}

function shorten(text: string): string {
  return text.slice(0, MOST_CHARACTERS);
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function showView(view: ArrayBufferView): string {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, Math.min(view.byteLength, MOST_BYTES));
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  const rest = view.byteLength > MOST_BYTES ? ` ... (${view.byteLength} bytes)` : '';
  return `[${hex}${rest}]`;
}
