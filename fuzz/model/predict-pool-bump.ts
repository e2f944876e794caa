/**
 * The Lua module's bump pool (the contract at the head of `wasm/allocators/bump.zig`): a 16-byte header before every
 * block, the last block grows and shrinks in place, nothing comes back before reset.
 */
import { alignUp, isPowerOfTwo, type Predictor } from './predictor.ts';

const HEADER_BYTES = 16;
const ALIGNMENT_BYTES = 16;

export class PoolBumpPredictor implements Predictor {
  readonly #base: number;
  readonly #end: number;
  #top = 0;
  #peak = 0;
  #last = 0;

  constructor(base: number, end: number) {
    this.#base = base;
    this.#end = end;
  }

  restart(): void {
    this.reset();
  }

  malloc(sizeBytes: number): number {
    return this.alignedAlloc(ALIGNMENT_BYTES, sizeBytes);
  }

  calloc(count: number, sizeBytes: number): number {
    const product = count * sizeBytes;
    return product >= 2 ** 32 ? 0 : this.malloc(product);
  }

  alignedAlloc(alignmentBytes: number, sizeBytes: number): number {
    if (sizeBytes === 0 || !isPowerOfTwo(alignmentBytes)) return 0;
    const pointer = alignUp(this.#top + HEADER_BYTES, Math.max(alignmentBytes, ALIGNMENT_BYTES));
    if (!this.#extendTo(pointer, sizeBytes)) return 0;
    this.#last = pointer;
    return pointer;
  }

  realloc(pointer: number, oldSizeBytes: number, newSizeBytes: number): number {
    if (pointer === 0) return this.malloc(newSizeBytes);
    if (newSizeBytes === 0) return 0;
    if (pointer === this.#last) return this.#extendTo(pointer, newSizeBytes) ? pointer : 0;
    return newSizeBytes <= oldSizeBytes ? pointer : this.malloc(newSizeBytes);
  }

  mark(): void {}

  pop(): void {}

  reset(): void {
    this.#top = this.#base;
    this.#peak = this.#base;
    this.#last = 0;
  }

  grown(): void {}

  statistics(): Readonly<Record<string, number>> {
    return {
      used: this.#top - this.#base,
      remaining: this.#end - this.#top,
      peak: this.#peak - this.#base,
    };
  }

  /** The top is kept as an address here; the contract counts it from the base. */
  #extendTo(pointer: number, sizeBytes: number): boolean {
    const top = pointer + alignUp(sizeBytes, ALIGNMENT_BYTES);
    if (top > this.#end) return false;
    this.#top = top;
    this.#peak = Math.max(this.#peak, top);
    return true;
  }
}
