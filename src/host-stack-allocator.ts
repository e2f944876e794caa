import { blockStart } from './alignment.ts';
import { defaultBase } from './default-base.ts';
import { MemoryError } from './memory-error.ts';
import { MEMORY_LAYOUT } from './memory-layout.ts';
import type { WasmMemory } from './wasm-memory.ts';

/**
 * Temporary memory: hands out a fixed region from its base upwards, and takes back everything since a mark at once.
 *
 * It never grows memory. Unless told otherwise its region is the STACK_SIZE bytes below HEAP_BASE.
 */
export class HostStackAllocator {
  readonly #base: number;
  readonly #end: number;
  #top: number;
  /** The tops to return to, innermost last. */
  readonly #marks: number[] = [];

  /** The region is the `size` bytes at `base`. Throws MemoryError unless it lies inside memory as it is now. */
  constructor(
    memory: WasmMemory,
    base: number = defaultBase(memory, MEMORY_LAYOUT.HEAP_BASE - MEMORY_LAYOUT.STACK_SIZE),
    size: number = MEMORY_LAYOUT.STACK_SIZE,
  ) {
    memory.isValidRange(base, size);
    this.#base = base + 0; // Makes -0 a 0.
    this.#end = base + size;
    this.#top = this.#base;
  }

  /**
   * The address of `size` new bytes, a multiple of `align` (a power of two). They hold whatever lay there. Throws
   * MemoryError, and changes nothing, when size or alignment is invalid or the region has no room ("Stack overflow").
   */
  alloc(size: number, align: number = 8): number {
    const ptr = blockStart(this.#top, size, align);
    const end = ptr + size;
    if (end > this.#end) throw this.#overflow(ptr, size);
    this.#top = end;
    return ptr;
  }

  /** Remembers the top for `pop`. Marks nest. */
  mark(): void {
    this.#marks.push(this.#top);
  }

  /** Takes back everything since the innermost mark, and the mark. Throws MemoryError when there is none. */
  pop(): void {
    const top = this.#marks.pop();
    if (top === undefined) throw new MemoryError('Nothing to pop: call mark() first, once for each pop()', this.#top);
    this.#top = top;
  }

  /** Takes everything back, and forgets every mark. */
  reset(): void {
    this.#top = this.#base;
    this.#marks.length = 0;
  }

  /** Bytes in use above the base, padding included. */
  get used(): number {
    return this.#top - this.#base;
  }

  /** Bytes of the region. */
  get capacity(): number {
    return this.#end - this.#base;
  }

  /** Address of the first byte not in use. */
  get top(): number {
    return this.#top;
  }

  #overflow(ptr: number, size: number): MemoryError {
    const neededBytes = ptr + size - this.#top;
    const availableBytes = this.#end - this.#top;
    const padding = `padding of ${ptr - this.#top} included`;
    return new MemoryError(
      `Stack overflow: needed ${neededBytes} bytes (${padding}), available ${availableBytes} of ${this.capacity}`,
      ptr,
      size,
    );
  }
}
