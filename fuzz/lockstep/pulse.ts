/** A sign of life of a run, so that one which takes long is not taken for one which hangs. */

/** Few enough for a heap that checks each of its bytes in every call, and so many that they cost nothing. */
const OPERATIONS_A_BEAT = 64;

export class Pulse {
  /** Called once every 64 operations that ended. */
  onBeat: () => void = () => {};
  #left = OPERATIONS_A_BEAT;

  /** An operation has ended. */
  tick(): void {
    if (--this.#left > 0) return;
    this.#left = OPERATIONS_A_BEAT;
    this.onBeat();
  }
}
