/**
 * The state of an instance, to be put back: memory by granules that were written since, and every mutable global.
 *
 * Restoring is exact or refused. It is refused when memory has grown (it cannot shrink), or when tables, dropped
 * segments or other memories were touched, which the instrumented code reports in a flag.
 */
import type { PreparedModule } from './prepare.ts';
import { PRIVATE } from './private-names.ts';

const GRANULES = 64;

/** A store is marked by its first byte, and reaches at most this far beyond it (v128 has 16 bytes). */
const REACH_BYTES = 16;

interface SavedGlobal {
  readonly global: WebAssembly.Global;
  readonly value: unknown;
}

/**
 * Undefined when the module cannot be restored, only instantiated again. `image` is the memory of an earlier instance
 * at this point: initialising is deterministic, so it holds for this one too, and large memories are read only once.
 */
export function takeSnapshot(
  prepared: PreparedModule,
  exports: WebAssembly.Exports,
  image: Uint8Array | undefined,
): Snapshot | undefined {
  const memory = exports[PRIVATE.memory];
  const mask = exports[PRIVATE.writtenGranules];
  const otherState = exports[PRIVATE.otherState];
  if (!prepared.restorable || !(memory instanceof WebAssembly.Memory)) return undefined;
  if (!(mask instanceof WebAssembly.Global) || !(otherState instanceof WebAssembly.Global)) return undefined;
  const globals = prepared.instrumented.mutableGlobals.flatMap(({ name }) => savedGlobal(exports[name]));
  return new Snapshot({ memory, granuleShift: prepared.granuleShift, mask, otherState, globals, image });
}

interface SnapshotParts {
  readonly memory: WebAssembly.Memory;
  readonly granuleShift: number;
  readonly mask: WebAssembly.Global;
  readonly otherState: WebAssembly.Global;
  readonly globals: readonly SavedGlobal[];
  readonly image: Uint8Array | undefined;
}

function savedGlobal(value: unknown): SavedGlobal[] {
  return value instanceof WebAssembly.Global ? [{ global: value, value: value.value }] : [];
}

export class Snapshot {
  /** The bytes of memory up to the last that is not zero. */
  readonly image: Uint8Array;
  readonly #parts: SnapshotParts;
  readonly #bytes: Uint8Array;
  /** Granules the host wrote. */
  readonly #written = new Uint8Array(GRANULES);

  constructor(parts: SnapshotParts) {
    this.#parts = parts;
    this.#bytes = new Uint8Array(parts.memory.buffer);
    this.image = parts.image ?? this.#bytes.slice(0, usedLength(this.#bytes));
    parts.mask.value = 0n;
    parts.otherState.value = 0;
  }

  markWritten(pointer: number, sizeBytes: number): void {
    const { granuleShift } = this.#parts;
    const first = pointer >>> granuleShift;
    const last = Math.min(GRANULES - 1, Math.floor((pointer + Math.max(0, sizeBytes - 1)) / 2 ** granuleShift));
    for (let granule = first; granule <= last; granule += 1) this.#written[granule] = 1;
  }

  /** Puts everything back. False, with nothing changed, when that would not be exact. */
  restore(): boolean {
    const { memory, otherState, globals } = this.#parts;
    // A detached view has length 0, and that of a grown shared memory is too short.
    if (this.#bytes.length !== memory.buffer.byteLength || otherState.value !== 0) return false;
    this.#restoreMemory();
    for (const { global, value } of globals) global.value = value;
    return true;
  }

  #restoreMemory(): void {
    const mask: unknown = this.#parts.mask.value;
    const written = typeof mask === 'bigint' ? mask : 0n;
    const low = Number(BigInt.asUintN(32, written));
    const high = Number(BigInt.asUintN(32, written >> 32n));
    for (let granule = 0; granule < GRANULES; granule += 1) {
      const bit = ((granule < 32 ? low : high) >>> (granule & 31)) & 1;
      if (bit === 1 || this.#written[granule] === 1) this.#restoreGranule(granule);
    }
    this.#written.fill(0);
    this.#parts.mask.value = 0n;
  }

  #restoreGranule(granule: number): void {
    const size = 2 ** this.#parts.granuleShift;
    const start = Math.max(0, granule * size - REACH_BYTES);
    const end = Math.min(this.#bytes.length, (granule + 1) * size + REACH_BYTES);
    const imageEnd = Math.min(end, this.image.length);
    if (start < imageEnd) this.#bytes.set(this.image.subarray(start, imageEnd), start);
    if (imageEnd < end) this.#bytes.fill(0, Math.max(start, imageEnd), end);
  }
}

/** The length up to the last byte that is not zero. */
function usedLength(bytes: Uint8Array): number {
  const words = new BigUint64Array(bytes.buffer, 0, bytes.length >>> 3);
  let word = words.length;
  while (word > 0 && words[word - 1] === 0n) word -= 1;
  return word * 8;
}
