interface Piece {
  readonly start: number;
  readonly bytes: Uint8Array;
}

/** Parts of a memory as they were at one moment, to be put back. */
export class Snapshot {
  readonly #memory: WebAssembly.Memory;
  readonly #pieces: readonly Piece[];
  #view: Uint8Array;

  private constructor(memory: WebAssembly.Memory, pieces: readonly Piece[]) {
    this.#memory = memory;
    this.#view = new Uint8Array(memory.buffer);
    this.#pieces = pieces;
  }

  /** Keeps the bytes of each [start, end) of `memory`. */
  static of(memory: WebAssembly.Memory, ...ranges: readonly (readonly [number, number])[]): Snapshot {
    const bytes = new Uint8Array(memory.buffer);
    const pieces = ranges.map(([start, end]) => ({ start, bytes: bytes.slice(start, end) }));
    return new Snapshot(memory, pieces);
  }

  /** Writes them back. */
  restore(): void {
    if (this.#view.length === 0) this.#view = new Uint8Array(this.#memory.buffer);
    for (const { start, bytes } of this.#pieces) this.#view.set(bytes, start);
  }
}
