/** A memory whose size is pretended, and which can be put back: see `virtual-layout.ts`. */
import type { LinearMemory } from './linear-memory.ts';
import { DIRTY_SHIFT, type VirtualLayout } from './virtual-layout.ts';

const PAGE_BYTES = 65536;
const DIRTY_BYTES = 2 ** DIRTY_SHIFT;
/** A store is marked by its first byte, and reaches at most this far beyond it (v128 has 16 bytes). */
const REACH_BYTES = 16;

/** Memory at one moment: its bytes up to the last that is not zero, and how far it had grown. */
export interface MemoryImage {
  readonly bytes: Uint8Array;
  readonly grownBytes: number;
}

export class VirtualMemory implements LinearMemory {
  readonly raw: WebAssembly.Memory;
  readonly #layout: VirtualLayout;
  readonly #bytes: Uint8Array;
  /** One word: the bytes that memory has grown by. */
  readonly #grown: Uint32Array;
  readonly #map: Uint8Array;
  /** The map by words, to pass over clean pages four at a time. */
  readonly #mapWords: Int32Array;

  constructor(raw: WebAssembly.Memory, layout: VirtualLayout) {
    const { capBytes, mapAddress } = layout;
    this.raw = raw;
    this.#layout = layout;
    this.#bytes = new Uint8Array(raw.buffer, 0, capBytes);
    this.#grown = new Uint32Array(raw.buffer, capBytes, 1);
    this.#map = new Uint8Array(raw.buffer, mapAddress, capBytes / DIRTY_BYTES);
    this.#mapWords = new Int32Array(raw.buffer, mapAddress, capBytes / DIRTY_BYTES / 4);
  }

  sizeBytes(): number {
    return this.#layout.minimumBytes + (this.#grown[0] ?? 0);
  }

  grow(pages: number): boolean {
    const grownBytes = (this.#grown[0] ?? 0) + pages * PAGE_BYTES;
    if (this.#layout.minimumBytes + grownBytes > this.#layout.capBytes) return false;
    this.#grown[0] = grownBytes;
    return true;
  }

  markWritten(pointer: number, sizeBytes: number): void {
    const first = pointer >>> DIRTY_SHIFT;
    const last = Math.floor((pointer + Math.max(0, sizeBytes - 1)) / DIRTY_BYTES);
    if (last <= first + 1) {
      this.#map[first] = 1;
      this.#map[last] = 1;
    } else this.#map.fill(1, first, last + 1);
  }

  /** Memory as it is now, to be put back later. `known` are its bytes where an instance in the same state was read before. */
  image(known: Uint8Array | undefined): MemoryImage {
    const bytes = known ?? this.#bytes.slice(0, usedLength(this.#bytes, this.sizeBytes()));
    return { bytes, grownBytes: this.#grown[0] ?? 0 };
  }

  /** Puts `image` back, which was taken of this memory or of one in the same state. */
  restore(image: MemoryImage): void {
    const sizeBytes = this.sizeBytes();
    const words = this.#mapWords;
    const end = sizeBytes / DIRTY_BYTES / 4;
    for (let word = 0; word < end; word += 1) {
      if (words[word] !== 0) word = this.#restoreRun(word, end, image.bytes, sizeBytes);
    }
    this.#grown[0] = image.grownBytes;
  }

  /** Puts back the pages that words from `first` on hold marks of, up to a clean word, whose index is returned. */
  #restoreRun(first: number, end: number, image: Uint8Array, sizeBytes: number): number {
    let word = first;
    while (word < end && this.#mapWords[word] !== 0) word += 1;
    let page = first * 4;
    while (page < word * 4) {
      if (this.#map[page] === 0) {
        page += 1;
        continue;
      }
      const start = page;
      while (page < word * 4 && this.#map[page] === 1) page += 1;
      this.#restoreRange(start * DIRTY_BYTES - REACH_BYTES, page * DIRTY_BYTES + REACH_BYTES, image, sizeBytes);
    }
    this.#mapWords.fill(0, first, word);
    return word;
  }

  #restoreRange(from: number, to: number, image: Uint8Array, sizeBytes: number): void {
    const start = Math.max(0, from);
    const end = Math.min(sizeBytes, to);
    const imageEnd = Math.min(end, image.length);
    if (start < imageEnd) this.#bytes.set(image.subarray(start, imageEnd), start);
    if (imageEnd < end) this.#bytes.fill(0, Math.max(start, imageEnd), end);
  }
}

/** The length of the first `sizeBytes` bytes up to the last that is not zero. */
function usedLength(bytes: Uint8Array, sizeBytes: number): number {
  const words = new BigUint64Array(bytes.buffer, 0, sizeBytes >>> 3);
  let word = words.length;
  while (word > 0 && words[word - 1] === 0n) word -= 1;
  return word * 8;
}
