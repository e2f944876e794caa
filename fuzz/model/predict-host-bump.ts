/** The HostBumpAllocator's contract (design.md): sequential, aligned in absolute terms, grows by exactly what it needs. */
import { alignUp, isPowerOfTwo, type Predictor } from './predictor.ts';

const PAGE_BYTES = 65536;
const DEFAULT_ALIGNMENT_BYTES = 8;

export class HostBumpPredictor implements Predictor {
  readonly #base: number;
  readonly #maximumBytes: number;
  #memoryBytes = 0;
  #offset = 0;
  #requestedBytes = 0;
  #allocations = 0;
  #peakBytes = 0;
  #growths = 0;

  constructor(base: number, maximumBytes: number) {
    this.#base = base;
    this.#maximumBytes = maximumBytes;
  }

  restart(pages: number): void {
    this.#memoryBytes = pages * PAGE_BYTES;
    this.#peakBytes = 0;
    this.#growths = 0;
    this.reset();
  }

  malloc(sizeBytes: number): number {
    return this.alignedAlloc(DEFAULT_ALIGNMENT_BYTES, sizeBytes);
  }

  alignedAlloc(alignmentBytes: number, sizeBytes: number): number {
    if (sizeBytes === 0 || !isPowerOfTwo(alignmentBytes)) return 0;
    const pointer = alignUp(this.#offset, alignmentBytes);
    const end = pointer + sizeBytes;
    if (end > this.#maximumBytes) return 0;
    if (end > this.#memoryBytes) this.#growTo(end);
    this.#record(end, sizeBytes);
    return pointer;
  }

  calloc(): number {
    return 0;
  }

  realloc(): number {
    return 0;
  }

  mark(): void {}

  pop(): void {}

  /** Reclaims everything; `peakUsage` and `growthCount` are lifetime figures. */
  reset(): void {
    this.#offset = this.#base;
    this.#requestedBytes = 0;
    this.#allocations = 0;
  }

  grown(pages: number): void {
    this.#memoryBytes = pages * PAGE_BYTES;
  }

  statistics(): Readonly<Record<string, number>> {
    return {
      currentOffset: this.#offset,
      offset: this.#offset,
      base: this.#base,
      used: this.#offset - this.#base,
      totalAllocated: this.#requestedBytes,
      activeAllocations: this.#allocations,
      peakUsage: this.#peakBytes,
      growthCount: this.#growths,
      pages: this.#memoryBytes / PAGE_BYTES,
    };
  }

  #growTo(end: number): void {
    this.#memoryBytes = alignUp(end, PAGE_BYTES);
    this.#growths++;
  }

  #record(end: number, sizeBytes: number): void {
    this.#offset = end;
    this.#requestedBytes += sizeBytes;
    this.#allocations++;
    this.#peakBytes = Math.max(this.#peakBytes, end - this.#base);
  }
}
