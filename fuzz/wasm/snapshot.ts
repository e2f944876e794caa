/**
 * The state of an instance, to be put back: the pages of memory that were written since, its size, and every mutable
 * global.
 *
 * Restoring is exact or refused. It is refused when tables or dropped segments were touched, which the instrumented
 * code reports in a flag.
 */
import type { PreparedModule } from './prepare.ts';
import { PRIVATE } from './private-names.ts';
import type { MemoryImage, VirtualMemory } from './virtual-memory.ts';

interface SavedGlobal {
  readonly global: WebAssembly.Global;
  readonly value: unknown;
}

export class Snapshot {
  readonly image: MemoryImage;
  readonly #memory: VirtualMemory;
  readonly #globals: readonly SavedGlobal[];
  readonly #otherState: { value: unknown };

  /**
   * Of the instance with these `exports`, as it is now. `known` are the bytes of memory of an earlier instance at this
   * point: initialising is deterministic, so they hold for this one too, and large memories are read only once.
   */
  constructor(
    { instrumented }: PreparedModule,
    exports: WebAssembly.Exports,
    memory: VirtualMemory,
    known: Uint8Array | undefined,
  ) {
    this.#memory = memory;
    this.#globals = instrumented.mutableGlobals.flatMap(({ name }) => savedGlobal(exports[name]));
    this.#otherState = exports[PRIVATE.otherState] as WebAssembly.Global;
    this.#otherState.value = 0;
    this.image = memory.image(known);
  }

  /** Puts everything back. False, with nothing changed, when that would not be exact. */
  restore(): boolean {
    if (this.#otherState.value !== 0) return false;
    this.#memory.restore(this.image);
    for (const { global, value } of this.#globals) global.value = value;
    return true;
  }
}

function savedGlobal(value: unknown): SavedGlobal[] {
  return value instanceof WebAssembly.Global ? [{ global: value, value: value.value }] : [];
}
