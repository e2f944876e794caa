/** Writes the primitive encodings of a WebAssembly binary into a buffer that grows. */

const UTF8 = new TextEncoder();

export class ByteWriter {
  #buffer: Uint8Array<ArrayBuffer>;
  #length = 0;

  constructor(expectedBytes = 64) {
    this.#buffer = new Uint8Array(expectedBytes);
  }

  get length(): number {
    return this.#length;
  }

  /** Everything written so far, as a view that is valid until the next write. */
  view(): Uint8Array<ArrayBuffer> {
    return this.#buffer.subarray(0, this.#length);
  }

  /** Forgets everything written, keeping the buffer. */
  clear(): void {
    this.#length = 0;
  }

  u8(byte: number): this {
    this.#reserve(1);
    this.#buffer[this.#length] = byte;
    this.#length += 1;
    return this;
  }

  bytes(bytes: Uint8Array | readonly number[]): this {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }

  /** The bytes of `source` from `start` up to `end`. */
  range(source: Uint8Array, start: number, end: number): this {
    const lengthBytes = end - start;
    this.#reserve(lengthBytes);
    const buffer = this.#buffer;
    // A call costs more than a few byte moves, and most pieces between two insertions are short.
    if (lengthBytes > 32) buffer.set(source.subarray(start, end), this.#length);
    else for (let index = 0; index < lengthBytes; index += 1) buffer[this.#length + index] = source[start + index] ?? 0;
    this.#length += lengthBytes;
    return this;
  }

  u32(value: number): this {
    let rest = value >>> 0;
    while (rest >= 0x80) {
      this.u8((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    return this.u8(rest);
  }

  /** A signed LEB128 of 32 bits. */
  s32(value: number): this {
    let rest = value | 0;
    while (rest < -64 || rest > 63) {
      this.u8((rest & 0x7f) | 0x80);
      rest >>= 7;
    }
    return this.u8(rest & 0x7f);
  }

  text(text: string): this {
    const encoded = UTF8.encode(text);
    return this.u32(encoded.length).bytes(encoded);
  }

  /** A section: its id, its size, its contents. */
  section(id: number, contents: Uint8Array): this {
    return this.u8(id).u32(contents.length).bytes(contents);
  }

  #reserve(lengthBytes: number): void {
    const needed = this.#length + lengthBytes;
    if (needed <= this.#buffer.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#buffer.length * 2));
    larger.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = larger;
  }
}
