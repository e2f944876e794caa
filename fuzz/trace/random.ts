/** Seeded random numbers: sfc32 (Doty-Humphrey, PractRand), 32-bit integers only, so every machine draws the same. */

/** The seed of stream number `stream` of `seed`: streams of one seed are unrelated. */
export function streamSeed(seed: number, stream: number): number {
  return mix(mix(seed >>> 0) ^ Math.imul(stream + 1, 0x9e3779b9));
}

/** Scrambles a word (the finaliser of MurmurHash3). */
export function mix(word: number): number {
  let mixed = word | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

export class Random {
  #a = 0;
  #b = 0;
  #c = 0;
  #counter = 1;

  /** A generator whose whole stream follows from `seed`, an unsigned word. */
  constructor(seed: number) {
    this.#a = mix(seed);
    this.#b = mix(seed ^ 0x5bd1e995);
    this.#c = mix(seed ^ 0x1b873593);
    for (let round = 0; round < 12; round++) this.word();
  }

  /** The next unsigned 32-bit word. */
  word(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** A whole number from 0 to `bound` - 1; `bound` is 1 to 2^32. */
  below(bound: number): number {
    return Math.floor((this.word() / 2 ** 32) * bound);
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** True once in `n` draws. */
  oneIn(n: number): boolean {
    return this.below(n) === 0;
  }

  /** One of `items`. Throws RangeError when there are none. */
  pick<Item>(items: ArrayLike<Item>): Item {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new RangeError('nothing to pick from');
    return item;
  }
}
