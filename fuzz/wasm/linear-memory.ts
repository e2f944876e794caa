/** The memory of an instance as the module sees it. */

export interface LinearMemory {
  readonly raw: WebAssembly.Memory;
  /** The size the module sees now. `raw` may be longer. */
  sizeBytes(): number;
  /** Adds `pages`. False when the engine refuses; limits are the caller's to keep. */
  grow(pages: number): boolean;
  /** Tells that the host wrote [pointer, pointer + sizeBytes), give or take 16 bytes. */
  markWritten(pointer: number, sizeBytes: number): void;
}

/** A memory that is as large as it seems. Nobody puts it back, so what was written need not be known. */
export class PlainMemory implements LinearMemory {
  readonly raw: WebAssembly.Memory;

  constructor(raw: WebAssembly.Memory) {
    this.raw = raw;
  }

  sizeBytes(): number {
    return this.raw.buffer.byteLength;
  }

  grow(pages: number): boolean {
    try {
      this.raw.grow(pages);
      return true;
    } catch {
      return false;
    }
  }

  markWritten(): void {}
}
