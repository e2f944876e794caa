/** The seed's text taken at its word: check, then a view made for each access. `memory.buffer` is read each time. */
export class ViewPerAccessMemory {
  readonly #memory: WebAssembly.Memory;
  readonly #encoder = new TextEncoder();
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });

  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory;
  }

  readI32(ptr: number): number {
    return this.#view(ptr, 4).getInt32(0, true);
  }

  writeI32(ptr: number, value: number): void {
    this.#view(ptr, 4).setInt32(0, value, true);
  }

  readI64(ptr: number): bigint {
    return this.#view(ptr, 8).getBigInt64(0, true);
  }

  writeI64(ptr: number, value: bigint): void {
    this.#view(ptr, 8).setBigInt64(0, value, true);
  }

  readF32(ptr: number): number {
    return this.#view(ptr, 4).getFloat32(0, true);
  }

  writeF32(ptr: number, value: number): void {
    this.#view(ptr, 4).setFloat32(0, value, true);
  }

  readF64(ptr: number): number {
    return this.#view(ptr, 8).getFloat64(0, true);
  }

  writeF64(ptr: number, value: number): void {
    this.#view(ptr, 8).setFloat64(0, value, true);
  }

  readString(ptr: number, len: number): string {
    this.#check(ptr, len);
    return this.#decoder.decode(new Uint8Array(this.#memory.buffer, ptr, len));
  }

  /** Encode and set. */
  writeString(ptr: number, str: string): number {
    const bytes = this.#encoder.encode(str);
    this.#check(ptr, bytes.length);
    new Uint8Array(this.#memory.buffer, ptr, bytes.length).set(bytes);
    return bytes.length;
  }

  #view(ptr: number, length: number): DataView {
    this.#check(ptr, length);
    return new DataView(this.#memory.buffer, ptr, length);
  }

  #check(ptr: number, length: number): void {
    if (ptr < 0 || length < 0) throw new RangeError(`Invalid range ${ptr}, ${length}`);
    if (ptr + length > this.#memory.buffer.byteLength) throw new RangeError(`Out of bounds: ${ptr}, ${length}`);
  }
}
