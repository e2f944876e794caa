/** Exact answers, for subjects that promise them. Written from the contract's text, not from the code under test. */

/** What the contract says the answer is. Pointers are absolute; 0 means refused. Each call also moves it on. */
export interface Predictor {
  /** Back to the first state, in a memory of `pages` pages. */
  restart(pages: number): void;
  malloc(sizeBytes: number): number;
  calloc(count: number, sizeBytes: number): number;
  realloc(pointer: number, oldSizeBytes: number, newSizeBytes: number): number;
  alignedAlloc(alignmentBytes: number, sizeBytes: number): number;
  mark(): void;
  pop(): void;
  reset(): void;
  /** The host grew memory to `pages` pages. */
  grown(pages: number): void;
  /** Every counter the contract fixes, by the names the subject reports. */
  statistics(): Readonly<Record<string, number>>;
}

/** `address` rounded up to a multiple of `alignmentBytes`, a power of two; exact beyond 2^32. */
export function alignUp(address: number, alignmentBytes: number): number {
  return address + ((alignmentBytes - (address & (alignmentBytes - 1))) & (alignmentBytes - 1));
}

/** True for 1, 2, 4, ... 2^31. */
export function isPowerOfTwo(word: number): boolean {
  return word !== 0 && (word & (word - 1)) === 0;
}
