/**
 * Which granules of memory are live, one bit each: the overlap check at the price of a few words.
 *
 * The answer is exact when every block starts on a granule. Where a block starts inside one, a claim may be refused
 * that touches no live byte; the caller then looks at the live blocks themselves before it says so.
 */
export class RegionMap {
  readonly #shift: number;
  #words: Uint32Array = new Uint32Array(1024);

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
    if (last >>> 5 >= this.#words.length) this.#grow(last >>> 5);
    if (first >>> 5 === last >>> 5) return this.#claimWord(first >>> 5, between(first & 31, last & 31));
    return this.#claimWords(first, last);
  }

  /** Marks [start, end) as free. */
  release(start: number, end: number): void {
    const first = start >>> this.#shift;
    const last = (end - 1) >>> this.#shift;
    const words = this.#words;
    const from = first >>> 5;
    const to = last >>> 5;
    if (from === to) {
      words[from] = bitsAt(words, from) & ~between(first & 31, last & 31);
      return;
    }
    words[from] = bitsAt(words, from) & ~between(first & 31, 31);
    if (to > from + 1) words.fill(0, from + 1, to);
    words[to] = bitsAt(words, to) & ~between(0, last & 31);
  }

  #claimWord(word: number, mask: number): boolean {
    const bits = bitsAt(this.#words, word);
    if ((bits & mask) !== 0) return false;
    this.#words[word] = bits | mask;
    return true;
  }

  #claimWords(first: number, last: number): boolean {
    const words = this.#words;
    const from = first >>> 5;
    const to = last >>> 5;
    const head = between(first & 31, 31);
    const tail = between(0, last & 31);
    if ((bitsAt(words, from) & head) !== 0 || (bitsAt(words, to) & tail) !== 0) return false;
    for (let word = from + 1; word < to; word++) if (words[word] !== 0) return false;
    words[from] = bitsAt(words, from) | head;
    if (to > from + 1) words.fill(0xffffffff, from + 1, to);
    words[to] = bitsAt(words, to) | tail;
    return true;
  }

  #grow(word: number): void {
    const grown = new Uint32Array(Math.max(word + 1, this.#words.length * 2));
    grown.set(this.#words);
    this.#words = grown;
  }
}

/** The word at `index`, which lies inside: `claim` grows the map before it is read. */
function bitsAt(words: Uint32Array, index: number): number {
  return words[index] as number;
}

/** A mask of bits `low` to `high`, both included. */
function between(low: number, high: number): number {
  return ((0xffffffff >>> (31 - (high - low))) << low) >>> 0;
}
