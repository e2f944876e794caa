/**
 * The novelty of a heap's history: what kind of operation met what size class, how it ended, and how full the heap
 * was. A trace that shows a combination never seen before is worth keeping.
 */

/** How an operation ended. */
export const OUTCOME = { refused: 0, fresh: 1, reused: 2, inPlace: 3, moved: 4, grew: 5, done: 6 } as const;

export type Outcome = (typeof OUTCOME)[keyof typeof OUTCOME];

const OPERATION_BITS = 4;
const SIZE_BITS = 6;
const OUTCOME_BITS = 3;
const CROWD_BITS = 3;

/** Number of different shapes. */
export const SHAPES = 1 << (OPERATION_BITS + SIZE_BITS + OUTCOME_BITS + CROWD_BITS);

/** The shape of one operation: its code, bytes asked for, how it ended, and live blocks before it. */
export function shapeOf(code: number, sizeBytes: number, outcome: Outcome, liveBlocks: number): number {
  const size = 32 - Math.clz32(sizeBytes);
  const crowd = Math.min(7, (32 - Math.clz32(liveBlocks)) >>> 1 || 0);
  return ((((code & 15) << SIZE_BITS) | size) << (OUTCOME_BITS + CROWD_BITS)) | (outcome << CROWD_BITS) | crowd;
}

/** The shapes seen so far, over many traces. */
export class ShapeMap {
  readonly #seen = new Uint8Array(SHAPES);
  /** Shapes seen. */
  count = 0;

  /** Notes a shape. */
  see(shape: number): void {
    if (this.#seen[shape] === 0) {
      this.#seen[shape] = 1;
      this.count++;
    }
  }
}
