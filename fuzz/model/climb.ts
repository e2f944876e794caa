/** How far up a heap reaches, round after round of one trace, and whether there is a leak to wait for. */

/** A heap that hands out its memory in turn reaches its end once and rises no more: so many turns show what is lost. */
const TURNS = 4;

export class Climb {
  readonly #rounds: number;
  #end = 0;
  #settledEnd = 0;
  #lastRise = 1;

  /** `rounds` are enough for a heap that settles. */
  constructor(rounds: number) {
    this.#rounds = rounds;
  }

  /** Notes that after `round`, counted from 1, the end of the highest block so far was `end`. */
  note(round: number, end: number): void {
    if (end > this.#end) this.#lastRise = round;
    this.#end = end;
    if (round === this.#rounds >>> 1) this.#settledEnd = end;
  }

  /** Whether `round` is worth running. */
  goesOn(round: number): boolean {
    return round <= this.#rounds || (this.#end > this.#settledEnd && round <= TURNS * this.#lastRise);
  }
}
