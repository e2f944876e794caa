/** A table, function, userdata or thread, seen from outside: what it is, and the address that tells it from others. */
export interface LuaReference {
  readonly type: 'table' | 'function' | 'userdata' | 'thread';
  readonly address: number;
}

/**
 * A Lua value in JavaScript.
 *
 * nil is null. A float is a number, and so is an integer of at most 2^53-1 either way; a larger integer is a bigint, so
 * that no digit is lost. A string is a string where its bytes are UTF-8, else the bytes.
 */
export type LuaValue = null | boolean | number | bigint | string | Uint8Array | LuaReference;

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A Lua integer (64 bits, signed) as a LuaValue. */
export function fromLuaInteger(integer: bigint): number | bigint {
  const number = Number(integer);
  return Number.isSafeInteger(number) ? number : integer;
}

/** A Lua string as a LuaValue. */
export function fromLuaString(bytes: Uint8Array): string | Uint8Array {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return bytes;
  }
}
