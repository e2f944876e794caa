/** Parts of a memory as they were at one moment, to be put back. */
export class Snapshot {
  readonly #memory: WebAssembly.Memory;
  readonly #pieces: readonly { readonly start: number; readonly bytes: Uint8Array }[];
  #view: Uint8Array;

  /** Keeps the bytes of each [start, end) of `memory`. */
  constructor(memory: WebAssembly.Memory, ...ranges: readonly (readonly [number, number])[]) {
    this.#memory = memory;
    this.#view = new Uint8Array(memory.buffer);
    this.#pieces = ranges.map(([start, end]) => ({ start, bytes: this.#view.slice(start, end) }));
  }

  /** Writes them back. */
  restore(): void {
    if (this.#view.length === 0) this.#view = new Uint8Array(this.#memory.buffer);
    for (const { start, bytes } of this.#pieces) this.#view.set(bytes, start);
  }
}
