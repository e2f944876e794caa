import { MemoryError } from './memory-error.ts';
import { MEMORY_LAYOUT } from './memory-layout.ts';
import { moduleEnd } from './module-end.ts';
import {
  decodeUtf8,
  encodeUtf8Into,
  SHORT_WRITE_UNITS,
  shortAscii,
  UTF8_BYTES_PER_UNIT,
  utf8Of,
  writeShort,
} from './utf8.ts';

/**
 * Typed access to a 32-bit WebAssembly linear memory, shared or not.
 *
 * Pointers and lengths are whole numbers of bytes. Every method that takes a range throws MemoryError, with the range
 * as `ptr` and `length`, unless the range lies inside memory as it is now, whoever grew it; it has then changed
 * nothing. A range of no bytes may begin at the very end. Numbers are little-endian, as WebAssembly's own are.
 */
export class WasmMemory {
  readonly #memory: WebAssembly.Memory;
  readonly #isShared: boolean;
  // Kept from call to call: making a view costs twenty accesses. They are assigned once here and then only by #renew.
  #buffer: ArrayBufferLike;
  #bytes: Uint8Array;
  #view: DataView;

  /**
   * The first address above what the module laid out for itself, its data and its stack; 0 when that is not known. The
   * host allocators refuse a default layout that begins below it.
   */
  readonly moduleEnd: number;

  constructor(memory: WebAssembly.Memory, moduleEnd: number = 0) {
    this.#memory = memory;
    this.moduleEnd = moduleEnd;
    this.#isShared = isShared(memory.buffer);
    this.#buffer = memory.buffer;
    this.#bytes = new Uint8Array(this.#buffer);
    this.#view = new DataView(this.#buffer);
  }

  /**
   * The memory a module exports as `memory`, or `imported` where the module imports its memory, with what the exports tell
   * about the module's own part of it. Throws MemoryError when there is no memory.
   */
  static fromExports(exports: WebAssembly.Exports, imported?: WebAssembly.Memory): WasmMemory {
    const { memory: exported } = exports;
    const memory = imported ?? exported;
    if (memory instanceof WebAssembly.Memory) return new WasmMemory(memory, moduleEnd(exports));
    throw new MemoryError('The module exports no memory named "memory": pass the memory that it imports');
  }

  /** The memory underneath, for whoever instantiates modules with it. */
  getRawMemory(): WebAssembly.Memory {
    return this.#memory;
  }

  /** The string whose UTF-8 is the `len` bytes at `ptr`; a BOM is kept. Malformed UTF-8 is a MemoryError. */
  readString(ptr: number, len: number): string {
    this.#ensure(ptr, len);
    return shortAscii(this.#bytes, ptr, len) ?? this.#decode(ptr, len);
  }

  /** Writes `str` as UTF-8, lone surrogates as U+FFFD and no terminator; returns the bytes written. */
  writeString(ptr: number, str: string): number {
    const units = str.length;
    const mostBytes = units * UTF8_BYTES_PER_UNIT;
    // A string that fits even when every unit takes the most bytes needs no measuring first.
    const surelyFits = ptr >>> 0 === ptr && ptr + mostBytes <= this.#bytes.length;
    // Some platforms' TextEncoder refuses to write to shared memory.
    if (!surelyFits || this.#isShared) return this.writeBytes(ptr, utf8Of(str));
    if (units <= SHORT_WRITE_UNITS) return writeShort(str, units, this.#bytes, ptr);
    return encodeUtf8Into(str, new Uint8Array(this.#buffer, ptr, mostBytes));
  }

  /** A copy of the `len` bytes at `ptr`. For a view on them, see `createByteView`. */
  readBytes(ptr: number, len: number): Uint8Array {
    this.#ensure(ptr, len);
    return this.#bytes.slice(ptr, ptr + len);
  }

  /** Copies `data`, which may itself be a view on this memory, to `ptr`; returns the bytes written. */
  writeBytes(ptr: number, data: Uint8Array): number {
    this.#ensure(ptr, data.length);
    this.#bytes.set(data, ptr);
    return data.length;
  }

  /** The signed 32-bit integer in the 4 bytes at `ptr`, which need not be aligned. */
  readI32(ptr: number): number {
    this.#ensureNumber(ptr, 4);
    return this.#view.getInt32(ptr, true);
  }

  /** Writes 4 bytes; any number wraps as ToInt32 does, as when one is passed to a WebAssembly function. */
  writeI32(ptr: number, value: number): void {
    this.#ensureNumber(ptr, 4);
    this.#view.setInt32(ptr, value, true);
  }

  /** The signed 64-bit integer in the 8 bytes at `ptr`, which need not be aligned. */
  readI64(ptr: number): bigint {
    this.#ensureNumber(ptr, 8);
    return this.#view.getBigInt64(ptr, true);
  }

  /** Writes 8 bytes; any bigint wraps as BigInt.asIntN(64) does, as when one is passed to a WebAssembly function. */
  writeI64(ptr: number, value: bigint): void {
    this.#ensureNumber(ptr, 8);
    this.#view.setBigInt64(ptr, value, true);
  }

  /** The IEEE 754 single in the 4 bytes at `ptr`, which need not be aligned. */
  readF32(ptr: number): number {
    this.#ensureNumber(ptr, 4);
    return this.#view.getFloat32(ptr, true);
  }

  /** Writes 4 bytes; the value is rounded to the nearest single, as Math.fround does. */
  writeF32(ptr: number, value: number): void {
    this.#ensureNumber(ptr, 4);
    this.#view.setFloat32(ptr, value, true);
  }

  /** The IEEE 754 double in the 8 bytes at `ptr`, which need not be aligned. */
  readF64(ptr: number): number {
    this.#ensureNumber(ptr, 8);
    return this.#view.getFloat64(ptr, true);
  }

  /** Writes 8 bytes. */
  writeF64(ptr: number, value: number): void {
    this.#ensureNumber(ptr, 8);
    this.#view.setFloat64(ptr, value, true);
  }

  /** Grows memory by whole pages of 64 KiB, 0 allowed; returns the pages there were. A refusal is a MemoryError. */
  grow(pages: number): number {
    if (pages >>> 0 !== pages) {
      throw new MemoryError(`Invalid growth of ${String(pages)} pages: give a whole number from 0 to 65536`);
    }
    try {
      return this.#memory.grow(pages);
    } catch {
      throw new MemoryError(`Memory of ${this.pages()} pages refused to grow by ${pages}: that is past its maximum`);
    }
  }

  /** The bytes of memory now. */
  size(): number {
    return this.#memory.buffer.byteLength;
  }

  /** The pages of memory now, of 64 KiB each. */
  pages(): number {
    return this.size() / MEMORY_LAYOUT.PAGE_SIZE;
  }

  /** True when the `len` bytes at `ptr` lie inside memory; throws MemoryError when they do not. Never false. */
  isValidRange(ptr: number, len: number): boolean {
    this.#ensure(ptr, len);
    return true;
  }

  /** A DataView on the `length` bytes at `ptr`. As any view, it is dead once memory has grown: make it anew then. */
  createDataView(ptr: number, length: number): DataView {
    this.#ensure(ptr, length);
    return new DataView(this.#buffer, ptr, length);
  }

  /** A Uint8Array on the `length` bytes at `ptr`. As any view, it is dead once memory has grown: make it anew then. */
  createByteView(ptr: number, length: number): Uint8Array {
    this.#ensure(ptr, length);
    return new Uint8Array(this.#buffer, ptr, length);
  }

  /**
   * Returns when the range lies inside memory and the views are those of memory as it is now.
   *
   * Growth detaches a view, whose length is then 0, or (shared memories) leaves it too short. So the one bounds
   * check that every access needs also finds out about growth. It lets a range that touches the end go the long way
   * round: an empty range at 0 would otherwise pass on a detached view.
   */
  #ensure(ptr: number, len: number): void {
    if (ptr >>> 0 !== ptr || len >>> 0 !== len || ptr + len >= this.#bytes.length) this.#renew(ptr, len);
  }

  /**
   * As #ensure, for numbers, at two thirds of the price (bench/memory): two loads say whether there are bytes at `ptr` and
   * behind the range. There is none on a detached view, nor at anything but a whole number, or the text of one.
   */
  #ensureNumber(ptr: number, bytes: 4 | 8): void {
    const view = this.#bytes;
    if (typeof ptr !== 'number' || view[ptr] === undefined || view[ptr + bytes] === undefined) this.#renew(ptr, bytes);
  }

  #decode(ptr: number, len: number): string {
    // Some platforms' TextDecoder refuses a view of shared memory.
    const bytes = this.#isShared ? this.#bytes.slice(ptr, ptr + len) : new Uint8Array(this.#buffer, ptr, len);
    try {
      return decodeUtf8(bytes);
    } catch (error) {
      throw new MemoryError(`Cannot read ${len} bytes at ${ptr} as UTF-8: ${String(error)}`, ptr, len);
    }
  }

  #renew(ptr: number, len: number): void {
    const buffer = this.#memory.buffer;
    if (this.#buffer !== buffer) {
      this.#buffer = buffer;
      this.#bytes = new Uint8Array(buffer);
      this.#view = new DataView(buffer);
    }
    assertInside(ptr, len, buffer.byteLength);
  }
}

/** By name, for a page that may not share memory has no SharedArrayBuffer to compare with. */
function isShared(buffer: ArrayBufferLike): boolean {
  return Object.prototype.toString.call(buffer) === '[object SharedArrayBuffer]';
}

function assertInside(ptr: number, len: number, sizeBytes: number): void {
  if (!isWhole(ptr)) throw refusal('Invalid pointer, not a whole number from 0', ptr, len, sizeBytes);
  if (!isWhole(len)) throw refusal('Invalid length, not a whole number from 0', ptr, len, sizeBytes);
  // Subtracted, because the sum of two huge numbers is rounded.
  if (len > sizeBytes - ptr) throw refusal('Out of bounds', ptr, len, sizeBytes);
}

function isWhole(value: number): boolean {
  return Number.isInteger(value) && value >= 0;
}

function refusal(what: string, ptr: number, len: number, sizeBytes: number): MemoryError {
  return new MemoryError(`${what}: ${String(len)} bytes at ${String(ptr)} in memory of ${sizeBytes} bytes`, ptr, len);
}
