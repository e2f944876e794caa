/** What the seed's statistics and tags ask for, kept the usual way, with the time that a debugger likes to see. */
interface ClockedRecord {
  ptr: number;
  size: number;
  align: number;
  tag: string | undefined;
  timestamp: number;
}

/** A bump allocator as most people write it: an object a block in a Map, and the size asked of memory each time. */
export class ClockedBumpAllocator {
  readonly #memory: WebAssembly.Memory;
  readonly #base: number;
  #offset: number;
  #total = 0;
  #peak = 0;
  readonly #records = new Map<number, ClockedRecord>();

  constructor(memory: WebAssembly.Memory, base: number) {
    this.#memory = memory;
    this.#base = base;
    this.#offset = base;
  }

  alloc(size: number, align = 8, tag?: string): number {
    if (size <= 0) throw new RangeError(`Invalid size ${size}`);
    if (align <= 0 || (align & (align - 1)) !== 0) throw new RangeError(`Invalid alignment ${align}`);
    const ptr = Math.ceil(this.#offset / align) * align;
    const end = ptr + size;
    const missing = end - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / 65536));
    this.#records.set(ptr, { ptr, size, align, tag, timestamp: Date.now() });
    this.#offset = end;
    this.#total += size;
    this.#peak = Math.max(this.#peak, end - this.#base);
    return ptr;
  }

  reset(): void {
    this.#offset = this.#base;
    this.#total = 0;
    this.#records.clear();
  }
}
