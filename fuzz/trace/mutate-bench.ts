/** Where a trace lies while it is mutated: packed words that may grow up to a limit, edited in place. */
import type { Profile } from '../model/profile.ts';
import { slotPosition, wordAt } from './operand-positions.ts';
import { CODE } from './operation.ts';
import type { Random } from './random.ts';
import type { SizeClasses } from './size-classes.ts';
import { SLOTS, STRIDE, type Trace } from './trace.ts';

/** Filling, verifying and growing make such blocks cost as much as a hundred operations. */
const COSTLY_BYTES = 65536;
/** An arena that is filled in no time. */
const MODEST_ARENA_BYTES = 2 ** 21;

export class Bench {
  readonly random: Random;
  readonly profile: Profile;
  readonly classes: SizeClasses;
  /** Another trace of the corpus, to take from. */
  readonly other: Trace;
  readonly #maximumOperations: number;
  #words: Trace;

  constructor(
    random: Random,
    trace: Trace,
    other: Trace,
    profile: Profile,
    classes: SizeClasses,
    maximumOperations: number,
  ) {
    this.random = random;
    this.profile = profile;
    this.classes = classes;
    this.other = other;
    this.#maximumOperations = maximumOperations;
    this.#words = trace.slice(0, maximumOperations * STRIDE);
  }

  /** The trace as it is now; its words may be changed. */
  get words(): Trace {
    return this.#words;
  }

  get count(): number {
    return this.#words.length / STRIDE;
  }

  /** Operations that may still be added. */
  get room(): number {
    return this.#maximumOperations - this.count;
  }

  /** Replaces the operations from `first` up to `end` by `packed`, as much of it as there is room for. */
  replace(first: number, end: number, packed: Trace): void {
    const taken = packed.subarray(0, (this.room + end - first) * STRIDE);
    const result = new Uint32Array(this.#words.length - (end - first) * STRIDE + taken.length);
    result.set(this.#words.subarray(0, first * STRIDE));
    result.set(taken, first * STRIDE);
    result.set(this.#words.subarray(end * STRIDE), first * STRIDE + taken.length);
    this.#words = result;
  }

  /** Puts `packed` before operation `index`. */
  insert(index: number, packed: Trace): void {
    this.replace(index, index, packed);
  }

  /** A window of 1 to `longest` operations of `trace`, which has some: the first and the end. */
  window(trace: Trace, longest: number): [first: number, end: number] {
    const count = trace.length / STRIDE;
    const first = this.random.below(count);
    return [first, Math.min(count, first + 1 + this.random.below(longest))];
  }

  /** The position of the code of some operation. */
  anyAt(): number {
    return this.random.below(this.count) * STRIDE;
  }

  /** The slots that hold a block after `end` operations, as far as assignments and frees tell, the newest first. */
  fullSlots(end: number): number[] {
    const words = this.#words;
    const seen = new Uint8Array(SLOTS);
    const full: number[] = [];
    for (let at = (end - 1) * STRIDE; at >= 0; at -= STRIDE) {
      const position = slotPosition(words, at);
      const slot = wordAt(words, position);
      if (position < 0 || seen[slot] === 1) continue;
      seen[slot] = 1;
      if (words[at] !== CODE.free) full.push(slot);
    }
    return full;
  }

  /** `sizeBytes`, but a block of more than 64 KiB that may be had only once in 8, in an arena of over 2 MiB in 64. */
  temper(sizeBytes: number): number {
    const { arenaBytes } = this.classes;
    const costly = sizeBytes > COSTLY_BYTES && sizeBytes <= arenaBytes;
    if (!costly || this.random.oneIn(arenaBytes > MODEST_ARENA_BYTES ? 64 : 8)) return sizeBytes;
    return sizeBytes % COSTLY_BYTES;
  }
}
