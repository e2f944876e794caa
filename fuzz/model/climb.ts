/** How far up a heap reaches, round after round of one trace, and whether there is a leak to wait for. */

/** A heap that hands out its memory in turn reaches its end once and rises no more: so many turns show what is lost. */
const TURNS = 4;

/** A heap that settles late, as one that joins free blocks when nothing fits, may grow once or twice on its way. */
const GROWTHS_OF_A_LEAK = 3;
/**
 * A heap that keeps small blocks in caches crumbles for hundreds of rounds, and was seen to reach 1.6 times as far as
 * after the first. What is lost in every round goes on to any distance.
 */
const STRETCH_OF_A_LEAK = 3;

/** Rounds: of a heap whose operations walk too far for more, so many show a leak that goes on evenly. */
const FEWEST_EVEN_ROUNDS = 256;
/** Twice as many rounds rise twice as far in a leak; a heap that crumbles rises less and less. */
const EVEN_RISE = 1.8;

/** Where a heap stood after a round that is a power of two. */
interface Mark {
  readonly end: number;
  readonly growths: number;
}

export class Climb {
  /** How often memory grew after the first half of the rounds. */
  growths = 0;
  readonly #rounds: number;
  readonly #start: number;
  #end = 0;
  #settledEnd = 0;
  #lastRise = 1;
  #allGrowths = 0;
  readonly #marks: Mark[] = [];

  /** `rounds` are enough for a heap that settles, whose blocks lie from `start` on. */
  constructor(rounds: number, start: number) {
    this.#rounds = rounds;
    this.#start = start;
  }

  /** Notes that after `round`, counted from 1, the end of the highest block so far was `end`, and whether memory grew. */
  note(round: number, end: number, grew: boolean): void {
    if (grew) this.#allGrowths++;
    if (grew && round > this.#rounds / 2) this.growths++;
    if (end > this.#end) this.#lastRise = round;
    this.#end = end;
    if (round === this.#rounds >>> 1) this.#settledEnd = end;
    if (Number.isInteger(Math.log2(round))) this.#marks.push({ end, growths: this.#allGrowths });
  }

  /** Whether the rounds so far rose as evenly as a leak, for rounds that must end early. */
  get isEvenLeak(): boolean {
    const [first, second, third] = this.#marks.slice(-3);
    // The first mark is that of round 2.
    if (first === undefined || second === undefined || third === undefined) return false;
    if (2 ** this.#marks.length < FEWEST_EVEN_ROUNDS) return false;
    const isEven = third.end - second.end >= EVEN_RISE * (second.end - first.end);
    const stretch = (third.end - this.#start) / (first.end - this.#start);
    return isEven && stretch >= STRETCH_OF_A_LEAK && third.growths - second.growths >= GROWTHS_OF_A_LEAK;
  }

  /** Whether nothing explains how far the heap has come but that memory is lost in every round. */
  get isLeak(): boolean {
    const stretch = (this.#end - this.#start) / (this.#settledEnd - this.#start);
    return this.growths >= GROWTHS_OF_A_LEAK && stretch >= STRETCH_OF_A_LEAK;
  }

  /** Whether `round` is worth running. */
  goesOn(round: number): boolean {
    return round <= this.#rounds || (this.#end > this.#settledEnd && round <= TURNS * this.#lastRise);
  }
}
