/**
 * Makes a trace of what Lua asked its allocator for.
 *
 * Slots are used again as soon as their block is gone, the lowest first. When more than 256 blocks are live, the block
 * that is not needed for the longest time loses its handle: it stays live, as in C. Most of these are never needed again;
 * a free of one that is needed is left out, and a realloc of one becomes a malloc. Requests that were refused are left
 * out, for elsewhere they might be met, and nothing would free them.
 */
import type { Operation } from '../trace/operation.ts';
import { SLOTS, type Trace, traceOf } from '../trace/trace.ts';
import type { AllocationTap } from './tapped-lua.ts';

/** One call of lua_alloc that was met. `block` numbers the blocks in the order they came. */
interface Call {
  readonly kind: 'malloc' | 'realloc' | 'free';
  readonly block: number;
  readonly sizeBytes: number;
}

export interface Recording {
  readonly trace: Trace;
  /** Calls that were refused, and so left out. */
  readonly refused: number;
  /** Calls that came after their block had lost its handle. */
  readonly lost: number;
}

export class Recorder {
  readonly #calls: Call[] = [];
  readonly #blocks = new Map<number, number>();
  #made = 0;
  #refused = 0;

  /** Watches; blocks made before it was set are not known, so a free of one is left out and a realloc is a malloc. */
  readonly tap: AllocationTap = (pointer, oldBytes, newBytes, next) => {
    const block = this.#blocks.get(pointer);
    const answer = next(pointer, oldBytes, newBytes);
    if (newBytes > 0 && answer === 0) this.#refused += 1;
    else this.#note(pointer, block, newBytes, answer);
    return answer;
  };

  /** The first `maximumOperations` operations, or all. */
  recording(maximumOperations = Number.POSITIVE_INFINITY): Recording {
    const calls = this.#calls.slice(0, Math.min(this.#calls.length, maximumOperations));
    const slots = new SlotBook(calls);
    const operations = calls.flatMap((call, at) => slots.operation(call, at));
    return { trace: traceOf(operations), refused: this.#refused, lost: slots.lost };
  }

  #note(pointer: number, known: number | undefined, newBytes: number, answer: number): void {
    this.#blocks.delete(pointer);
    if (newBytes === 0) {
      if (known !== undefined) this.#calls.push({ kind: 'free', block: known, sizeBytes: 0 });
      return;
    }
    const block = known ?? this.#made++;
    this.#blocks.set(answer, block);
    this.#calls.push({ kind: known === undefined ? 'malloc' : 'realloc', block, sizeBytes: newBytes });
  }
}

/** Which slot holds which block, and when each is needed next. */
class SlotBook {
  /** Calls whose block had no handle any more. */
  lost = 0;
  readonly #uses = new Map<number, number[]>();
  readonly #slotOf = new Map<number, number>();
  readonly #free = Array.from({ length: SLOTS }, (_, index) => index);

  constructor(calls: readonly Call[]) {
    calls.forEach(({ block }, at) => {
      const uses = this.#uses.get(block);
      if (uses === undefined) this.#uses.set(block, [at]);
      else uses.push(at);
    });
  }

  /** Call number `at` as an operation; none when it frees a block that has no handle. */
  operation({ kind, block, sizeBytes }: Call, at: number): Operation[] {
    this.#uses.get(block)?.shift();
    const slot = this.#slotOf.get(block);
    if (kind !== 'malloc' && slot === undefined) this.lost += 1;
    if (kind === 'free') return slot === undefined ? [] : [this.#release(block, slot)];
    if (slot === undefined) return [{ kind: 'malloc', operands: [this.#take(block, at), sizeBytes] }];
    return [{ kind: 'realloc', operands: [slot, sizeBytes] }];
  }

  #release(block: number, slot: number): Operation {
    this.#slotOf.delete(block);
    this.#free.push(slot);
    this.#free.sort((a, b) => a - b);
    return { kind: 'free', operands: [slot] };
  }

  #take(block: number, at: number): number {
    const slot = this.#free.shift() ?? this.#spill(at);
    this.#slotOf.set(block, slot);
    return slot;
  }

  /** The slot of the block that is not needed for the longest time, which loses it. */
  #spill(at: number): number {
    const byNeed = [...this.#slotOf].map(([block, slot]) => ({ block, slot, next: this.#nextUse(block, at) }));
    const victim = byNeed.reduce((latest, other) => (other.next > latest.next ? other : latest));
    this.#slotOf.delete(victim.block);
    return victim.slot;
  }

  #nextUse(block: number, at: number): number {
    return this.#uses.get(block)?.find((use) => use > at) ?? Number.POSITIVE_INFINITY;
  }
}
