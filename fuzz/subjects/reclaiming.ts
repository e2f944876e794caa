/** The reclaiming allocator as a subject, under the Lua VM's module or alone, by the contract in `reclaiming.zig`. */
import { reclaimingProfile, usableBytes } from '../../wasm/allocators/reclaiming-profile.ts';
import type { Profile } from '../model/profile.ts';
import { growMemory } from './grow-memory.ts';
import { type Export, functionOf, HOST_SINK } from './lua-exports.ts';
import { Snapshot } from './snapshot.ts';
import type { Statistics, Subject } from './subject.ts';

const PAGE_BYTES = 65536;

interface Calls {
  readonly malloc: Export;
  readonly calloc: Export;
  readonly realloc: Export;
  readonly free: Export;
  readonly alignedAlloc: Export;
  readonly reset: Export;
  readonly liveBlocks: Export;
  readonly liveBytes: Export;
  readonly peakBytes: Export;
  /** 0, or the number of the first inconsistency of the heap; 0 where the module was built without it. */
  readonly check: Export;
}

export class ReclaimingSubject implements Subject {
  readonly name: string;
  readonly profile: Profile;
  readonly restartsClean = true;
  readonly #module: WebAssembly.Module;
  #memory: WebAssembly.Memory;
  #calls: Calls;
  #start: Snapshot;
  #initialBytes: number;
  /** Usable bytes beyond those asked for, over all live blocks: what the module's count has more than the trace's. */
  #roundingBytes = 0;
  /** Usable bytes of all live blocks, and the most there were after any operation since the last reset. */
  #usableBytes = 0;
  #peakBytes = 0;

  /** `maximumPages` is the declared maximum of the module's memory. */
  constructor(name: string, module: WebAssembly.Module, maximumPages: number) {
    this.name = name;
    this.#module = module;
    const instance = this.#instantiate();
    this.#memory = instance.exports['memory'] as WebAssembly.Memory;
    this.#calls = callsOf(instance);
    this.#start = this.#snapshot(instance);
    this.#initialBytes = this.#memory.buffer.byteLength;
    const heapBase = Number((instance.exports['__heap_base'] as WebAssembly.Global).value);
    this.profile = reclaimingProfile(heapBase, maximumPages * PAGE_BYTES);
  }

  get memory(): WebAssembly.Memory {
    return this.#memory;
  }

  /** A memory that did not grow is put back byte for byte; one that did cannot shrink, and makes way for a fresh one. */
  restart(): void {
    this.#forget();
    if (this.#memory.buffer.byteLength === this.#initialBytes) return this.#start.restore();
    const instance = this.#instantiate();
    this.#memory = instance.exports['memory'] as WebAssembly.Memory;
    this.#calls = callsOf(instance);
    this.#start = this.#start.movedTo(this.#memory);
  }

  malloc(sizeBytes: number): number {
    return this.#count(this.#calls.malloc(sizeBytes) >>> 0, 0, sizeBytes);
  }

  calloc(count: number, sizeBytes: number): number {
    return this.#count(this.#calls.calloc(count, sizeBytes) >>> 0, 0, count * sizeBytes);
  }

  realloc(pointer: number, oldSizeBytes: number, _alignmentBytes: number, newSizeBytes: number): number {
    const answer = this.#calls.realloc(pointer, newSizeBytes) >>> 0;
    if (pointer !== 0 && newSizeBytes === 0) this.#note(oldSizeBytes, 0);
    return this.#count(answer, oldSizeBytes, newSizeBytes);
  }

  free(pointer: number, sizeBytes: number): void {
    this.#calls.free(pointer);
    this.#note(sizeBytes, 0);
  }

  alignedAlloc(alignmentBytes: number, sizeBytes: number): number {
    return this.#count(this.#calls.alignedAlloc(alignmentBytes, sizeBytes) >>> 0, 0, sizeBytes);
  }

  mark(): void {}

  pop(): boolean {
    return false;
  }

  reset(): void {
    this.#calls.reset();
    this.#forget();
  }

  grow(pages: number): boolean {
    return growMemory(this.#memory, pages);
  }

  run(): void {}

  statistics(): Statistics {
    return {
      liveBlocks: this.#calls.liveBlocks() >>> 0,
      liveBytes: (this.#calls.liveBytes() >>> 0) - this.#roundingBytes,
      peakDrift: (this.#calls.peakBytes() >>> 0) - this.#peakBytes,
      inconsistency: this.#calls.check() >>> 0,
    };
  }

  #count(pointer: number, oldSizeBytes: number, newSizeBytes: number): number {
    if (pointer !== 0) this.#note(oldSizeBytes, newSizeBytes);
    return pointer;
  }

  /** A block of `oldSizeBytes` became one of `newSizeBytes`; 0 stands for none. */
  #note(oldSizeBytes: number, newSizeBytes: number): void {
    this.#roundingBytes += rounding(newSizeBytes) - rounding(oldSizeBytes);
    this.#usableBytes += newSizeBytes + rounding(newSizeBytes) - oldSizeBytes - rounding(oldSizeBytes);
    this.#peakBytes = Math.max(this.#peakBytes, this.#usableBytes);
  }

  #forget(): void {
    this.#roundingBytes = 0;
    this.#usableBytes = 0;
    this.#peakBytes = 0;
  }

  #instantiate(): WebAssembly.Instance {
    return new WebAssembly.Instance(this.#module, { heaplaw: HOST_SINK });
  }

  /** Static data and the heap; the stack below them holds nothing between calls. */
  #snapshot(instance: WebAssembly.Instance): Snapshot {
    const low = instance.exports['__global_base'];
    const start = low instanceof WebAssembly.Global ? Number(low.value) : 0;
    return Snapshot.of(this.#memory, [start, this.#memory.buffer.byteLength]);
  }
}

function rounding(sizeBytes: number): number {
  return sizeBytes === 0 ? 0 : usableBytes(sizeBytes) - sizeBytes;
}

function callsOf(instance: WebAssembly.Instance): Calls {
  return {
    malloc: functionOf(instance, 'malloc'),
    calloc: functionOf(instance, 'calloc'),
    realloc: functionOf(instance, 'realloc'),
    free: functionOf(instance, 'free'),
    alignedAlloc: functionOf(instance, 'aligned_alloc'),
    reset: functionOf(instance, 'malloc_reset'),
    liveBlocks: functionOf(instance, 'heap_live_blocks'),
    liveBytes: functionOf(instance, 'heap_live_bytes'),
    peakBytes: functionOf(instance, 'heap_peak_bytes'),
    check: 'heap_check' in instance.exports ? functionOf(instance, 'heap_check') : () => 0,
  };
}
