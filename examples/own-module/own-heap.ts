/** A heap that lives in a host's TypeScript: blocks of one size, free ones kept on a stack. */

const BLOCK_BYTES = 64;

export class OwnHeap {
  readonly memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  readonly #free: number[] = [];
  #top = BLOCK_BYTES;

  /** A block for `sizeBytes` bytes; 0 when there is none. */
  take(sizeBytes: number): number {
    if (sizeBytes > BLOCK_BYTES) return 0;
    const again = this.#free.pop();
    if (again !== undefined) return again;
    if (this.#top === this.memory.buffer.byteLength) return 0;
    this.#top += BLOCK_BYTES;
    return this.#top - BLOCK_BYTES;
  }

  give(pointer: number): void {
    this.#free.push(pointer);
  }

  clear(): void {
    this.#free.length = 0;
    this.#top = BLOCK_BYTES;
  }
}
