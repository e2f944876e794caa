/** Reads the primitive encodings of a WebAssembly binary: bytes, LEB128 integers, names. */

/** Bytes that are not a WebAssembly module, or one with a feature this project cannot read. */
export class MalformedModule extends Error {
  override readonly name = 'MalformedModule';
}

const UTF8 = new TextDecoder();

export class ByteReader {
  readonly bytes: Uint8Array;
  offset: number;
  readonly end: number;

  constructor(bytes: Uint8Array, offset = 0, end = bytes.length) {
    this.bytes = bytes;
    this.offset = offset;
    this.end = end;
  }

  get done(): boolean {
    return this.offset >= this.end;
  }

  /** The next byte, without taking it. Throws MalformedModule at the end. */
  peek(): number {
    const byte = this.offset < this.end ? this.bytes[this.offset] : undefined;
    if (byte === undefined) throw new MalformedModule(`the module ends at byte ${this.offset}, inside a value`);
    return byte;
  }

  u8(): number {
    const byte = this.peek();
    this.offset += 1;
    return byte;
  }

  /** An unsigned LEB128 of at most 32 bits; padded forms (up to five bytes) are read too. */
  u32(): number {
    const first = this.u8();
    if (first < 0x80) return first;
    let value = first & 0x7f;
    for (let shift = 7; shift < 35; shift += 7) {
      const byte = this.u8();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new MalformedModule(`an integer before byte ${this.offset} has more than 32 bits`);
  }

  /** An unsigned LEB128 of at most 64 bits, as a number: exact up to 2^53. */
  u64(): number {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.u8();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new MalformedModule(`an integer before byte ${this.offset} has more than 64 bits`);
  }

  /** A signed LEB128 of up to 33 bits, as block types and heap types have. */
  s33(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.u8();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return byte & 0x40 ? value - 2 ** (shift + 7) : value;
    }
    throw new MalformedModule(`an integer before byte ${this.offset} has more than 33 bits`);
  }

  /** Passes over one LEB128 of any width. */
  skipLeb(): void {
    while (this.u8() >= 0x80);
  }

  skip(lengthBytes: number): void {
    if (this.offset + lengthBytes > this.end) {
      throw new MalformedModule(`${lengthBytes} bytes at ${this.offset} reach past the end at ${this.end}`);
    }
    this.offset += lengthBytes;
  }

  /** The next bytes, as a view. */
  take(lengthBytes: number): Uint8Array {
    const start = this.offset;
    this.skip(lengthBytes);
    return this.bytes.subarray(start, this.offset);
  }

  text(): string {
    return UTF8.decode(this.take(this.u32()));
  }

  /** A vector: a count, then so many items. */
  vector<Item>(item: () => Item): Item[] {
    const count = this.u32();
    const items: Item[] = [];
    for (let index = 0; index < count; index += 1) items.push(item());
    return items;
  }
}
