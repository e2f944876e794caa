/** The marks of a stack that have not been popped, what it is to be told to return to each, and what was made since. */

/** A mark, as it is popped. */
export interface Mark {
  /** Where it was set; undefined where the stack has no mark of its own and no block was made since. */
  readonly place: number | undefined;
  /** How many blocks are to end with it. */
  readonly blocks: number;
}

export class Marks {
  readonly #marks: Mark[] = [];

  get isEmpty(): boolean {
    return this.#marks.length === 0;
  }

  clear(): void {
    this.#marks.length = 0;
  }

  /** Sets a mark at `place`; undefined: at the block that is made next. */
  set(place: number | undefined): void {
    this.#marks.push({ place, blocks: 0 });
  }

  /** A block was made at `pointer`. */
  made(pointer: number): void {
    const last = this.#marks.pop();
    if (last !== undefined) this.#marks.push({ place: last.place ?? pointer, blocks: last.blocks + 1 });
  }

  /** The innermost mark, which is one no longer; undefined when there is none. */
  pop(): Mark | undefined {
    return this.#marks.pop();
  }
}
