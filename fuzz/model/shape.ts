/**
 * The novelty of a heap's history: what kind of operation met what size class, how it ended, and how full the heap
 * was. A trace that shows a combination never seen before is worth keeping.
 */

/** How an operation ended. */
export const OUTCOME = { refused: 0, fresh: 1, reused: 2, inPlace: 3, moved: 4, grew: 5, done: 6 } as const;

export type Outcome = (typeof OUTCOME)[keyof typeof OUTCOME];

/** Kinds of operation are fewer than 32. */
const OPERATION_BITS = 5;
const SIZE_BITS = 6;
const OUTCOME_BITS = 3;
const CROWD_BITS = 3;

/** Number of different shapes. */
export const SHAPES = 1 << (OPERATION_BITS + SIZE_BITS + OUTCOME_BITS + CROWD_BITS);

/** The shape of one operation: its code, bytes asked for, how it ended, and live blocks before it. */
export function shapeOf(code: number, sizeBytes: number, outcome: Outcome, liveBlocks: number): number {
  const size = 32 - Math.clz32(sizeBytes);
  const crowd = Math.min(7, (32 - Math.clz32(liveBlocks)) >>> 1);
  return ((((code & 31) << SIZE_BITS) | size) << (OUTCOME_BITS + CROWD_BITS)) | (outcome << CROWD_BITS) | crowd;
}

/** Length of `ShapeMap.outcomes`. */
export const OUTCOMES_LENGTH = 1 << (OPERATION_BITS + OUTCOME_BITS);

/** Position of an operation's code and outcome in `ShapeMap.outcomes`. */
export function outcomeIndex(code: number, outcome: number): number {
  return (code << OUTCOME_BITS) | outcome;
}

/** The shapes seen so far, over many traces. */
export class ShapeMap {
  /** How often each kind of operation ended in each way, by `outcomeIndex`. Never taken back. */
  readonly outcomes = new Float64Array(OUTCOMES_LENGTH);
  readonly #seen = new Uint8Array(SHAPES);
  readonly #order: number[] = [];
  /** Shapes seen. */
  count = 0;

  /** Notes a shape. */
  see(shape: number): void {
    const code = shape >>> (SIZE_BITS + OUTCOME_BITS + CROWD_BITS);
    const index = (code << OUTCOME_BITS) | ((shape >>> CROWD_BITS) & 7);
    (this.outcomes[index] as number)++;
    if (this.#seen[shape] === 0) this.add(shape);
  }

  /** Takes in a shape that was seen elsewhere. True when it is new here. */
  add(shape: number): boolean {
    if (this.#seen[shape] !== 0) return false;
    this.#seen[shape] = 1;
    this.#order.push(shape);
    this.count++;
    return true;
  }

  /** The shapes first seen when `count` was that or more, in the order of first sight. */
  since(count: number): readonly number[] {
    return this.#order.slice(count);
  }

  /** Forgets the shapes first seen when `count` was that or more. */
  rewind(count: number): void {
    for (const shape of this.#order.splice(count)) this.#seen[shape] = 0;
    this.count = this.#order.length;
  }
}
