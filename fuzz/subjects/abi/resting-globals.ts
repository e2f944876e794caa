/**
 * Puts the stack pointer back after a trap that only refused.
 *
 * A trap leaves the frames of the functions it ended on the module's own stack: their pointer, a global, stays low. It
 * is told from an allocator's state by never having had another value between two operations.
 */
type NumericGlobal = { value: number };

interface Resting {
  readonly global: NumericGlobal;
  readonly value: number;
}

export class RestingGlobals {
  #resting: Resting[];

  constructor(globals: readonly NumericGlobal[]) {
    this.#resting = globals.map((global) => ({ global, value: global.value }));
  }

  /** To be called between operations: what has changed by now is no stack pointer. */
  observe(): void {
    for (const resting of this.#resting) {
      if (!isAtRest(resting)) {
        this.#resting = this.#resting.filter(isAtRest);
        return;
      }
    }
  }

  putBack(): void {
    for (const { global, value } of this.#resting) global.value = value;
  }
}

/** No closure: this is asked after each operation, and making one takes longer than the operation itself. */
function isAtRest({ global, value }: Resting): boolean {
  return global.value === value;
}
