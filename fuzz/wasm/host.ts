/** What the functions given to a module see of it: its memory, its growth, a clock and random bytes that repeat. */
import type { LinearMemory } from './linear-memory.ts';

/** Thrown by an import that never returns: exit, abort, throw. Its message names the import. */
export class ModuleAborted extends Error {
  override readonly name = 'ModuleAborted';
  /** The status an exit was asked with; undefined for other ways to end. */
  readonly exitStatus: number | undefined;

  constructor(message: string, exitStatus?: number) {
    super(message);
    this.exitStatus = exitStatus;
  }
}

/** What an instance lets its imports do. `memory` is undefined until the instance exists. */
export interface HostAccess {
  memory(): LinearMemory | undefined;
  table(): WebAssembly.Table | undefined;
  /** Grows memory as the module's own memory.grow would: counted, limited, refused on demand. */
  grow(pages: number): boolean;
  /** Tells that an import was called whose meaning is not known. */
  unknownCall(name: string): void;
}

/** Start of the pretended clock, in nanoseconds: 2020-01-01, late enough for every certificate and file system. */
const EPOCH_NANOSECONDS = 1_577_836_800_000_000_000n;
/** Every reading of the clock is a millisecond after the one before. */
const TICK_NANOSECONDS = 1_000_000n;
const RANDOM_START = 0x9e3779b9;

export class Host {
  readonly access: HostAccess;
  #ticks = 0n;
  #random = RANDOM_START;

  constructor(access: HostAccess) {
    this.access = access;
  }

  /** Back to the state of a fresh host, so that a module sees the same clock and random bytes again. */
  restart(): void {
    this.#ticks = 0n;
    this.#random = RANDOM_START;
  }

  nowNanoseconds(): bigint {
    this.#ticks += 1n;
    return EPOCH_NANOSECONDS + this.#ticks * TICK_NANOSECONDS;
  }

  nowMilliseconds(): number {
    return Number(this.nowNanoseconds() / 1_000_000n);
  }

  /** xorshift32: the bytes need to differ, not to be secret. */
  randomByte(): number {
    this.#random ^= this.#random << 13;
    this.#random ^= this.#random >>> 17;
    this.#random ^= this.#random << 5;
    return this.#random & 0xff;
  }

  /** The size of memory in bytes; 0 where there is none. */
  memoryBytes(): number {
    return this.access.memory()?.sizeBytes() ?? 0;
  }

  /** A view of [pointer, pointer + sizeBytes), known as written; undefined when it is not inside memory. */
  bytes(pointer: number, sizeBytes: number): Uint8Array | undefined {
    const memory = this.access.memory();
    const start = pointer >>> 0;
    const length = sizeBytes >>> 0;
    if (memory === undefined || start + length > memory.sizeBytes()) return undefined;
    memory.markWritten(start, length);
    return new Uint8Array(memory.raw.buffer, start, length);
  }

  readU32(pointer: number): number {
    const view = this.#view(pointer, 4);
    return view?.getUint32(0, true) ?? 0;
  }

  writeU32(pointer: number, value: number): void {
    this.#view(pointer, 4)?.setUint32(0, value, true);
  }

  writeU64(pointer: number, value: bigint): void {
    this.#view(pointer, 8)?.setBigUint64(0, value, true);
  }

  #view(pointer: number, sizeBytes: number): DataView | undefined {
    const bytes = this.bytes(pointer, sizeBytes);
    return bytes === undefined ? undefined : new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
}
