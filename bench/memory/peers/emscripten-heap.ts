/**
 * What an Emscripten program's JavaScript uses: one typed array a type, indexed by the pointer shifted, remade when
 * memory grows, and a string reader and writer in JavaScript (after UTF8ArrayToString and stringToUTF8Array of
 * emscripten's `src/lib/libstrings.js`, which hands more than 16 bytes to TextDecoder). Nothing is checked.
 */
export class EmscriptenHeap {
  readonly HEAPU8: Uint8Array;
  readonly HEAP32: Int32Array;
  readonly HEAP64: BigInt64Array;
  readonly HEAPF32: Float32Array;
  readonly HEAPF64: Float64Array;
  readonly #decoder = new TextDecoder();

  constructor(memory: WebAssembly.Memory) {
    this.HEAPU8 = new Uint8Array(memory.buffer);
    this.HEAP32 = new Int32Array(memory.buffer);
    this.HEAP64 = new BigInt64Array(memory.buffer);
    this.HEAPF32 = new Float32Array(memory.buffer);
    this.HEAPF64 = new Float64Array(memory.buffer);
  }

  utf8ToString(ptr: number, maxBytes: number): string {
    const heap = this.HEAPU8;
    let end = ptr;
    while (end < ptr + maxBytes && heap[end] !== 0) end += 1;
    if (end - ptr > 16) return this.#decoder.decode(heap.subarray(ptr, end));
    let text = '';
    let at = ptr;
    while (at < end) {
      const first = Number(heap[at++]);
      if (first < 0x80) {
        text += String.fromCharCode(first);
        continue;
      }
      const second = Number(heap[at++]) & 0x3f;
      if ((first & 0xe0) === 0xc0) {
        text += String.fromCharCode(((first & 0x1f) << 6) | second);
        continue;
      }
      const third = Number(heap[at++]) & 0x3f;
      if ((first & 0xf0) === 0xe0) text += String.fromCharCode(((first & 0x0f) << 12) | (second << 6) | third);
      else
        text += String.fromCodePoint(((first & 7) << 18) | (second << 12) | (third << 6) | (Number(heap[at++]) & 0x3f));
    }
    return text;
  }

  stringToUtf8(str: string, ptr: number, maxBytes: number): number {
    const heap = this.HEAPU8;
    const last = ptr + maxBytes - 1;
    let at = ptr;
    for (let index = 0; index < str.length && at < last; index += 1) {
      const point = Number(str.codePointAt(index));
      if (point < 0x80) {
        heap[at++] = point;
      } else if (point < 0x800) {
        heap[at++] = 0xc0 | (point >> 6);
        heap[at++] = 0x80 | (point & 0x3f);
      } else if (point < 0x10000) {
        heap[at++] = 0xe0 | (point >> 12);
        heap[at++] = 0x80 | ((point >> 6) & 0x3f);
        heap[at++] = 0x80 | (point & 0x3f);
      } else {
        heap[at++] = 0xf0 | (point >> 18);
        heap[at++] = 0x80 | ((point >> 12) & 0x3f);
        heap[at++] = 0x80 | ((point >> 6) & 0x3f);
        heap[at++] = 0x80 | (point & 0x3f);
        index += 1;
      }
    }
    heap[at] = 0;
    return at - ptr;
  }
}
