/**
 * Which granules of memory are live, one bit each: the overlap check at the price of a few words.
 *
 * The answer is exact when every block starts on a granule. Where a block starts inside one, a claim may be refused
 * that touches no live byte; the caller then looks at the live blocks themselves before it says so.
 */
export class RegionMap {
  readonly #shift: number;
  #words: Int32Array = new Int32Array(1024);

  /** `granuleBytes` is a power of two, from 1. */
  constructor(granuleBytes: number) {
    this.#shift = 31 - Math.clz32(granuleBytes);
  }

  /** Forgets every region. */
  clear(): void {
    this.#words.fill(0);
  }

  /** Marks [start, end) as live and returns true; returns false, marking nothing, when a granule is live already. */
  claim(start: number, end: number): boolean {
    const first = start >>> this.#shift;
    const last = (end - 1) >>> this.#shift;
    const from = first >>> 5;
    const to = last >>> 5;
    if (to >= this.#words.length) this.#grow(to);
    const words = this.#words;
    // Where both lie in one word, head and tail are the same.
    const head = headMask(first, last);
    const tail = tailMask(first, last);
    const low = words[from] as number;
    const high = words[to] as number;
    if (((low & head) | (high & tail)) !== 0) return false;
    if (to > from + 1 && !claimBetween(words, from, to)) return false;
    words[from] = low | head;
    words[to] = high | tail;
    return true;
  }

  /** Marks [start, end) as free. */
  release(start: number, end: number): void {
    const first = start >>> this.#shift;
    const last = (end - 1) >>> this.#shift;
    const from = first >>> 5;
    const to = last >>> 5;
    const words = this.#words;
    words[from] = (words[from] as number) & ~headMask(first, last);
    words[to] = (words[to] as number) & ~tailMask(first, last);
    if (to > from + 1) words.fill(0, from + 1, to);
  }

  #grow(word: number): void {
    const grown = new Int32Array(Math.max(word + 1, this.#words.length * 2));
    grown.set(this.#words);
    this.#words = grown;
  }
}

/** Marks the words between two as live; false, marking nothing, when a bit is set in one. */
function claimBetween(words: Int32Array, from: number, to: number): boolean {
  for (let word = from + 1; word < to; word++) if (words[word] !== 0) return false;
  words.fill(-1, from + 1, to);
  return true;
}

// A region lies in one word or ends in another as chance has it, so that no branch is taken on that. JavaScript shifts by
// a count modulo 32, and ~last is 31 - last then.

/** -1 where the granules `first` and `last` lie in words apart, 0 where in one. */
const apart = (first: number, last: number): number => ~(((last >>> 5) - (first >>> 5) - 1) >> 31);

/** The bits of the word of granule `first` that lie in the granules `first` to `last`. */
const headMask = (first: number, last: number): number => (-1 << first) & ((-1 >>> ~last) | apart(first, last));

/** The bits of the word of granule `last` that lie in the granules `first` to `last`. */
const tailMask = (first: number, last: number): number => (-1 >>> ~last) & ((-1 << first) | apart(first, last));
