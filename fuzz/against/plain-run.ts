/** Runs a trace on a subject with no judge, and notes what two allocators can be compared by. */

import { isPowerOfTwo } from '../model/predictor.ts';
import type { Profile } from '../model/profile.ts';
import { memoryBytesOf, type Subject } from '../subjects/subject.ts';
import { CODE, OPERATION_KINDS } from '../trace/operation.ts';
import { SLOTS, STRIDE, type Trace } from '../trace/trace.ts';

/** How a step ended. `none`: it asks for nothing that could be refused, or was left out. */
export const ANSWER = { none: 0, granted: 1, refused: 2, trapped: 3 } as const;

export type Answer = (typeof ANSWER)[keyof typeof ANSWER];

const PAGE_BYTES = 65536;

interface Held {
  readonly pointer: number;
  readonly sizeBytes: number;
  readonly alignmentBytes: number;
}

/** What a run amounted to. */
export interface Run {
  /** One answer a step; the steps after a trap are missing. */
  readonly answers: readonly Answer[];
  /** Bytes that a request may find taken, before each step: those never given back, and pages that others grew. */
  readonly takenBytes: readonly number[];
  readonly peakLiveBytes: number;
  /** From the lowest block's first byte to the highest block's end. */
  readonly footprintBytes: number;
  readonly grownPages: number;
  readonly refusals: number;
  readonly operations: number;
}

export class PlainRunner {
  readonly #subject: Subject;
  readonly #policy: Profile;
  readonly #slots: (Held | undefined)[] = [];
  #live = 0;
  #ever = 0;
  #foreign = 0;
  #peak = 0;
  #lowest = Number.POSITIVE_INFINITY;
  #highest = 0;

  /** `policy` says which requests are legal, for this subject and the one that it is compared with. */
  constructor(subject: Subject, policy: Profile) {
    this.#subject = subject;
    this.#policy = policy;
  }

  run(trace: Trace): Run {
    this.#begin();
    const pages = this.#pages();
    const answers: Answer[] = [];
    const takenBytes: number[] = [];
    for (let at = 0; at < trace.length && answers.at(-1) !== ANSWER.trapped; at += STRIDE) {
      takenBytes.push((this.#policy.reclaims ? this.#live : this.#ever) + this.#foreign);
      answers.push(this.#step(trace.subarray(at, at + STRIDE)));
    }
    return {
      answers,
      takenBytes,
      peakLiveBytes: this.#peak,
      footprintBytes: Math.max(0, this.#highest - this.#lowest),
      grownPages: this.#pages() - pages,
      refusals: answers.filter((answer) => answer === ANSWER.refused).length,
      operations: answers.length,
    };
  }

  #begin(): void {
    this.#subject.restart();
    this.#slots.length = 0;
    this.#live = 0;
    this.#ever = 0;
    this.#foreign = 0;
    this.#peak = 0;
    this.#lowest = Number.POSITIVE_INFINITY;
    this.#highest = 0;
  }

  #pages(): number {
    return memoryBytesOf(this.#subject) / PAGE_BYTES;
  }

  #step([code = 0, first = 0, second = 0, third = 0]: Trace): Answer {
    const kind = OPERATION_KINDS[code];
    if (kind === undefined || !this.#policy.operations.includes(kind)) return ANSWER.none;
    try {
      return this.#operate(code, first, second, third);
    } catch {
      return ANSWER.trapped;
    }
  }

  #operate(code: number, slot: number, second: number, third: number): Answer {
    const { alignmentBytes } = this.#policy;
    switch (code) {
      case CODE.malloc:
        return this.#hold(slot, this.#subject.malloc(second), second, alignmentBytes);
      case CODE.calloc:
        return this.#hold(slot, this.#subject.calloc(second, third), second * third, alignmentBytes);
      case CODE.aligned_alloc:
        return this.#alignedAlloc(slot, second, third);
      case CODE.realloc:
        return this.#realloc(slot, second);
      case CODE.free:
        return this.#free(slot);
      default:
        return this.#manage(code, slot);
    }
  }

  #manage(code: number, operand: number): Answer {
    if (code === CODE.grow) this.#grow(operand);
    if (code === CODE.reset) this.#reset();
    return ANSWER.none;
  }

  #grow(pages: number): void {
    const sizeBytes = (this.#pages() + pages) * PAGE_BYTES;
    if (sizeBytes <= this.#subject.profile.arenaEnd && this.#subject.grow(pages)) this.#foreign += pages * PAGE_BYTES;
  }

  #reset(): void {
    this.#subject.reset();
    this.#slots.length = 0;
    this.#live = 0;
    this.#ever = 0;
  }

  #alignedAlloc(slot: number, alignmentBytes: number, sizeBytes: number): Answer {
    const { leastAlignmentBytes = 1, maximumAlignmentBytes } = this.#policy;
    const isGranted = alignmentBytes >= leastAlignmentBytes && alignmentBytes <= maximumAlignmentBytes;
    if (!isPowerOfTwo(alignmentBytes) || !isGranted) return ANSWER.none;
    return this.#hold(slot, this.#subject.alignedAlloc(alignmentBytes, sizeBytes), sizeBytes, alignmentBytes);
  }

  #realloc(slot: number, sizeBytes: number): Answer {
    const held = this.#slots[slot];
    const { alignmentBytes, zeroRealloc } = this.#policy;
    if (held === undefined) {
      return this.#hold(slot, this.#subject.realloc(0, 0, alignmentBytes, sizeBytes), sizeBytes, alignmentBytes);
    }
    if (sizeBytes === 0 && zeroRealloc === 'unspecified') return ANSWER.none;
    const pointer = this.#subject.realloc(held.pointer, held.sizeBytes, held.alignmentBytes, sizeBytes) >>> 0;
    if (pointer === 0 && sizeBytes > 0) return ANSWER.refused;
    this.#drop(slot);
    if (pointer === 0) return ANSWER.refused;
    return this.#hold(slot, pointer, sizeBytes, alignmentBytes);
  }

  #free(slot: number): Answer {
    const held = this.#slots[slot];
    this.#drop(slot);
    this.#subject.free(held?.pointer ?? 0, held?.sizeBytes ?? 0, held?.alignmentBytes ?? this.#policy.alignmentBytes);
    return ANSWER.none;
  }

  #drop(slot: number): void {
    this.#live -= this.#slots[slot]?.sizeBytes ?? 0;
    this.#slots[slot] = undefined;
  }

  /** As in C the block of a full slot stays live, and nobody can free it any more. */
  #hold(slot: number, answer: number, sizeBytes: number, alignmentBytes: number): Answer {
    const pointer = answer >>> 0;
    if (slot >= SLOTS) return ANSWER.none;
    this.#slots[slot] = pointer === 0 ? undefined : { pointer, sizeBytes, alignmentBytes };
    if (pointer === 0) return ANSWER.refused;
    this.#live += sizeBytes;
    this.#ever += sizeBytes + alignmentBytes;
    this.#peak = Math.max(this.#peak, this.#live);
    this.#lowest = Math.min(this.#lowest, pointer);
    this.#highest = Math.max(this.#highest, pointer + sizeBytes);
    return ANSWER.granted;
  }
}
