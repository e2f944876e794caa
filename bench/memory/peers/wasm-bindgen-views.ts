/**
 * The glue that wasm-bindgen generates: a view kept, and compared with `memory.buffer` on every use (a Node without
 * ArrayBuffer.detached), or by its length; strings by an ASCII loop and then encodeInto, and by TextDecoder. Nothing else is checked.
 */
export class WasmBindgenViews {
  readonly #memory: WebAssembly.Memory;
  #cachedView: DataView | null = null;
  #cachedBytes: Uint8Array | null = null;
  readonly #encoder = new TextEncoder();
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });

  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory;
  }

  view(): DataView {
    if (this.#cachedView === null || this.#cachedView.buffer !== this.#memory.buffer) {
      this.#cachedView = new DataView(this.#memory.buffer);
    }
    return this.#cachedView;
  }

  bytes(): Uint8Array {
    if (this.#cachedBytes === null || this.#cachedBytes.byteLength === 0) {
      this.#cachedBytes = new Uint8Array(this.#memory.buffer);
    }
    return this.#cachedBytes;
  }

  getString(ptr: number, len: number): string {
    return this.#decoder.decode(this.bytes().subarray(ptr, ptr + len));
  }

  passString(str: string, ptr: number): number {
    const bytes = this.bytes();
    let offset = 0;
    for (; offset < str.length; offset += 1) {
      const code = str.charCodeAt(offset);
      if (code > 0x7f) break;
      bytes[ptr + offset] = code;
    }
    if (offset === str.length) return offset;
    const rest = str.slice(offset);
    const room = bytes.subarray(ptr + offset, ptr + offset + rest.length * 3);
    return offset + this.#encoder.encodeInto(rest, room).written;
  }
}
