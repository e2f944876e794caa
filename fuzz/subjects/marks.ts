/** The marks of a stack that have not been popped, and what it is to be told to return to each. */

/** Where no block was made since, and the stack has no mark of its own. */
const UNKNOWN = -1;

export class Marks {
  readonly #places: number[] = [];

  get isEmpty(): boolean {
    return this.#places.length === 0;
  }

  clear(): void {
    this.#places.length = 0;
  }

  /** Sets a mark at `place`; undefined: at the block that is made next. */
  set(place: number | undefined): void {
    this.#places.push(place ?? UNKNOWN);
  }

  /** A block was made at `pointer`. */
  made(pointer: number): void {
    const last = this.#places.length - 1;
    if (this.#places[last] === UNKNOWN) this.#places[last] = pointer;
  }

  /** The place of the innermost mark, which is one no longer; undefined when no block was made since. */
  pop(): number | undefined {
    const place = this.#places.pop();
    return place === UNKNOWN ? undefined : place;
  }
}
