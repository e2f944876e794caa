/** Requests of Lua that are refused on purpose, counted from the moment a famine begins. */
import type { AllocationTap } from './tapped-lua.ts';

/**
 * How long a famine lasts. `once`: one request, which Lua asks again after it has collected its garbage. `twice`: the
 * repeated request, too. `on`: every request from there to the end.
 */
export type FamineLength = 'once' | 'twice' | 'on';

export const FAMINE_LENGTHS: readonly FamineLength[] = ['once', 'twice', 'on'];

const REFUSALS: Readonly<Record<FamineLength, number>> = { once: 1, twice: 2, on: Number.POSITIVE_INFINITY };

/** Refuses allocations by number. Only what asks for more bytes counts: Lua relies on shrinking, and free has no answer. */
export class Famine {
  /** Requests for more bytes since `begin`. */
  requests = 0;
  #first = 0;
  #last = 0;

  /** Counts from here, and refuses the requests from number `first` (from 1) on, as many as `length` says. */
  begin(first: number, length: FamineLength): void {
    this.requests = 0;
    this.#first = first;
    this.#last = first + REFUSALS[length] - 1;
  }

  /** Counts from here, and refuses nothing. */
  end(): void {
    this.requests = 0;
    this.#first = 0;
    this.#last = 0;
  }

  readonly tap: AllocationTap = (pointer, oldBytes, newBytes, next) => {
    if (!asksForMore(pointer, oldBytes, newBytes)) return next(pointer, oldBytes, newBytes);
    this.requests += 1;
    const refused = this.requests >= this.#first && this.requests <= this.#last;
    return refused ? 0 : next(pointer, oldBytes, newBytes);
  };
}

/** Whether a call of lua_alloc asks for bytes that Lua does not have yet. */
export function asksForMore(pointer: number, oldBytes: number, newBytes: number): boolean {
  return newBytes > 0 && (pointer === 0 || newBytes > oldBytes);
}
