/** The HostStackAllocator's contract (design.md): a fixed region, marks nest, pop returns to the innermost. */
import { alignUp, isPowerOfTwo, type Predictor } from './predictor.ts';

const DEFAULT_ALIGNMENT_BYTES = 8;

export class HostStackPredictor implements Predictor {
  readonly #base: number;
  readonly #end: number;
  #top = 0;
  #marks: number[] = [];

  constructor(base: number, end: number) {
    this.#base = base;
    this.#end = end;
  }

  restart(): void {
    this.reset();
  }

  malloc(sizeBytes: number): number {
    return this.alignedAlloc(DEFAULT_ALIGNMENT_BYTES, sizeBytes);
  }

  alignedAlloc(alignmentBytes: number, sizeBytes: number): number {
    if (sizeBytes === 0 || !isPowerOfTwo(alignmentBytes)) return 0;
    const pointer = alignUp(this.#top, alignmentBytes);
    if (pointer + sizeBytes > this.#end) return 0;
    this.#top = pointer + sizeBytes;
    return pointer;
  }

  calloc(): number {
    return 0;
  }

  realloc(): number {
    return 0;
  }

  mark(): void {
    this.#marks.push(this.#top);
  }

  pop(): void {
    this.#top = this.#marks.pop() ?? this.#top;
  }

  reset(): void {
    this.#top = this.#base;
    this.#marks = [];
  }

  grown(): void {}

  statistics(): Readonly<Record<string, number>> {
    return { top: this.#top, used: this.#top - this.#base, capacity: this.#end - this.#base };
  }
}
