import { blockStart } from './alignment.ts';
import { type AllocationRecord, AllocationRecords } from './allocation-records.ts';
import { defaultBase } from './default-base.ts';
import { MemoryError } from './memory-error.ts';
import { MEMORY_LAYOUT } from './memory-layout.ts';
import type { WasmMemory } from './wasm-memory.ts';

/** The counters of a HostBumpAllocator, as they were when asked for. */
export interface AllocationStats {
  /** Bytes asked for since the last reset, padding excluded. */
  totalAllocated: number;
  /** Blocks handed out since the last reset. */
  activeAllocations: number;
  /** The most bytes above the base that were ever in use, padding included; a reset does not lower it. */
  peakUsage: number;
  /** Address of the first byte not yet in use. */
  currentOffset: number;
  /** Times this allocator grew memory; a reset does not lower it. */
  growthCount: number;
}

/** What is reserved for each UTF-16 unit of a string: the most that UTF-8 takes for any character. */
const STRING_BYTES_PER_UNIT = 4;

/**
 * Hands out memory from `base` upwards, and never takes a block back before `reset`.
 *
 * It owns every byte from its base to the end of memory and grows memory by the pages a block needs. Do not use one
 * where a module's own malloc takes memory above the same base.
 */
export class HostBumpAllocator {
  readonly #memory: WasmMemory;
  readonly #base: number;
  readonly #records = new AllocationRecords();
  #offset: number;
  /** The most bytes in use that a reset took back. Between resets the offset only rises, so it need not be watched. */
  #peakBeforeReset = 0;
  /** The bytes memory is known to have. It may have more, as memory grows behind our back, but never fewer. */
  #knownSizeBytes: number;
  #totalAllocated = 0;
  #growthCount = 0;

  /** `base` is the lowest address to hand out, from 0 to 2^32 - 1; it may lie past the end of memory. The default is HEAP_BASE. */
  constructor(memory: WasmMemory, base: number = defaultBase(memory, MEMORY_LAYOUT.HEAP_BASE)) {
    if (base >>> 0 !== base) {
      throw new MemoryError(`Invalid heap base ${String(base)}: give a whole number from 0 to 2^32 - 1`, base);
    }
    this.#memory = memory;
    this.#base = base + 0; // Makes -0 a 0.
    this.#offset = this.#base;
    this.#knownSizeBytes = memory.size();
  }

  /**
   * The address of `size` new bytes (1 to 2^32), a multiple of `align`: a power of two up to 2^32, and 8, the widest number
   * there is, unless given. They hold whatever lay there. Throws MemoryError, and changes nothing, when size or alignment
   * is invalid or memory cannot grow so far.
   */
  alloc(size: number, align: number = 8, tag?: string): number {
    const top = this.#offset;
    // Spelled out: V8 does not always inline the call, which costs a third of an alloc.
    const isOrdinary =
      (size | 0) === size && size > 0 && (align | 0) === align && align > 0 && (align & (align - 1)) === 0;
    const ptr = isOrdinary ? top + (-top & (align - 1)) : blockStart(top, size, align);
    const end = ptr + size;
    if (end > this.#knownSizeBytes) this.#makeRoom(ptr, size);
    this.#records.append(ptr, size, align, tag);
    this.#offset = end;
    this.#totalAllocated += size;
    return ptr;
  }

  /**
   * The address of a new block, 4-aligned, that begins with the UTF-8 of `str`, without a terminator. Its size is 4 bytes
   * a UTF-16 unit, and 4 bytes for the empty string, so that every string has an address of its own. Throws as `alloc`.
   */
  allocString(str: string, tag?: string): number {
    const ptr = this.alloc(Math.max(str.length, 1) * STRING_BYTES_PER_UNIT, STRING_BYTES_PER_UNIT, tag);
    this.#memory.writeString(ptr, str);
    return ptr;
  }

  /** Does nothing, whatever it is given: only `reset` takes memory back. */
  free(_ptr: number): void {}

  /** Takes every block back. `peakUsage` and `growthCount` are lifetime figures and stay. */
  reset(): void {
    this.#peakBeforeReset = this.#peak();
    this.#offset = this.#base;
    this.#totalAllocated = 0;
    this.#records.clear();
  }

  /** A copy of the counters. */
  getStats(): AllocationStats {
    return {
      totalAllocated: this.#totalAllocated,
      activeAllocations: this.#records.count,
      peakUsage: this.#peak(),
      currentOffset: this.#offset,
      growthCount: this.#growthCount,
    };
  }

  /** Address of the first byte not yet in use. */
  get offset(): number {
    return this.#offset;
  }

  /** The lowest address it hands out. */
  get base(): number {
    return this.#base;
  }

  /** Bytes in use above the base, padding included. */
  get used(): number {
    return this.#offset - this.#base;
  }

  /** Copies of the records of every block since the last reset, in allocation order. */
  getAllocations(): AllocationRecord[] {
    return this.#records.all();
  }

  /** A copy of the record of the block that begins at `ptr`; undefined when none does. */
  getAllocationInfo(ptr: number): AllocationRecord | undefined {
    return this.#records.find(ptr);
  }

  #peak(): number {
    return Math.max(this.#peakBeforeReset, this.used);
  }

  #makeRoom(ptr: number, size: number): void {
    const missingBytes = ptr + size - this.#memory.size();
    if (missingBytes > 0) this.#growBy(Math.ceil(missingBytes / MEMORY_LAYOUT.PAGE_SIZE), ptr, size);
    this.#knownSizeBytes = this.#memory.size();
  }

  #growBy(pages: number, ptr: number, size: number): void {
    try {
      this.#memory.grow(pages);
    } catch (error) {
      throw new MemoryError(`Out of memory: no room for ${size} bytes at ${ptr}: ${String(error)}`, ptr, size);
    }
    this.#growthCount += 1;
  }
}
