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
    const head = headMask(first, from, to, last);
    const tail = tailMask(first, from, to, last);
    if (((wordAt(words, from) & head) | (wordAt(words, to) & tail)) !== 0) return false;
    if (to > from + 1 && !claimBetween(words, from, to)) return false;
    words[from] = wordAt(words, from) | head;
    words[to] = wordAt(words, to) | tail;
    return true;
  }

  /** Marks [start, end) as free. */
  release(start: number, end: number): void {
    const first = start >>> this.#shift;
    const last = (end - 1) >>> this.#shift;
    const from = first >>> 5;
    const to = last >>> 5;
    const words = this.#words;
    words[from] = wordAt(words, from) & ~headMask(first, from, to, last);
    words[to] = wordAt(words, to) & ~tailMask(first, from, to, last);
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

/** The word at `index`, which lies inside: `claim` grows the map before it is read. */
function wordAt(words: Int32Array, index: number): number {
  return words[index] as number;
}

// A region lies in one word or ends in another as chance has it, so that no branch is taken on that: -1 where it is one.
const isOneWord = (from: number, to: number): number => (to - from - 1) >> 31;

/** The bits of the word `from` that lie in the granules `first` to `last`. */
function headMask(first: number, from: number, to: number, last: number): number {
  return (-1 << (first & 31)) & ((-1 >>> (31 - (last & 31))) | ~isOneWord(from, to));
}

/** The bits of the word `to` that lie in the granules `first` to `last`. */
function tailMask(first: number, from: number, to: number, last: number): number {
  return (-1 >>> (31 - (last & 31))) & ((-1 << (first & 31)) | ~isOneWord(from, to));
}
