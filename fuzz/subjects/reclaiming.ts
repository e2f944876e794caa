/** The reclaiming allocator as a subject, under the Lua VM's module or alone, by the contract in `reclaiming.zig`. */
import { reclaimingProfile, usableBytes } from '../../wasm/allocators/reclaiming-profile.ts';
import type { Profile } from '../model/profile.ts';
import { Instance } from '../wasm/instance.ts';
import { PAGE_BYTES, type PreparedModule, prepareModule } from '../wasm/prepare.ts';
import { detect } from './abi/index.ts';
import { builtBytes } from './lua-exports.ts';
import { ModuleSubject } from './module-subject.ts';
import type { Statistics } from './subject.ts';

/** A module with the reclaiming allocator, prepared once for all subjects over it. */
interface ReclaimingModule {
  readonly prepared: PreparedModule;
  readonly profile: Profile;
}

const modules = new Map<string, ReclaimingModule>();

export class ReclaimingSubject extends ModuleSubject {
  /** Usable bytes beyond those asked for, over all live blocks: what the module's count has more than the trace's. */
  #roundingBytes = 0;
  /** Usable bytes of all live blocks, and the most there were after any operation since the last reset. */
  #usableBytes = 0;
  #peakBytes = 0;

  /** Over `wasm/dist/<file>.wasm`. Its memory may have the pages it is declared to have, and 1024 at the most. */
  constructor(name: string, file: string) {
    const { prepared, profile } = reclaimingModule(file);
    super(name, prepared, detect(prepared.module, { abi: 'c' }), profile);
  }

  override restart(): void {
    super.restart();
    this.#forget();
  }

  override malloc(sizeBytes: number): number {
    return this.#count(super.malloc(sizeBytes), 0, sizeBytes);
  }

  override calloc(count: number, sizeBytes: number): number {
    return this.#count(super.calloc(count, sizeBytes), 0, count * sizeBytes);
  }

  override realloc(pointer: number, oldSizeBytes: number, alignmentBytes: number, newSizeBytes: number): number {
    const answer = super.realloc(pointer, oldSizeBytes, alignmentBytes, newSizeBytes);
    if (pointer !== 0 && newSizeBytes === 0) this.#note(oldSizeBytes, 0);
    return this.#count(answer, oldSizeBytes, newSizeBytes);
  }

  override free(pointer: number, sizeBytes: number, alignmentBytes: number): void {
    super.free(pointer, sizeBytes, alignmentBytes);
    this.#note(sizeBytes, 0);
  }

  override alignedAlloc(alignmentBytes: number, sizeBytes: number): number {
    return this.#count(super.alignedAlloc(alignmentBytes, sizeBytes), 0, sizeBytes);
  }

  override reset(): void {
    super.reset();
    this.#forget();
  }

  override statistics(): Statistics {
    this.refuelForCounters();
    return {
      liveBlocks: this.#counter('heap_live_blocks'),
      liveBytes: this.#counter('heap_live_bytes') - this.#roundingBytes,
      peakDrift: this.#counter('heap_peak_bytes') - this.#peakBytes,
      // 0, or the number of the first inconsistency of the heap; 0 where the module was built without the check.
      inconsistency: this.#counter('heap_check'),
    };
  }

  #counter(name: string): number {
    return this.counter(name) ?? 0;
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
}

function rounding(sizeBytes: number): number {
  return sizeBytes === 0 ? 0 : usableBytes(sizeBytes) - sizeBytes;
}

function reclaimingModule(file: string): ReclaimingModule {
  const known = modules.get(file) ?? prepare(file);
  modules.set(file, known);
  return known;
}

function prepare(file: string): ReclaimingModule {
  const prepared = prepareModule(builtBytes(file));
  const heapBase = new Instance(prepared).globalValue('__heap_base') ?? 0;
  return { prepared, profile: reclaimingProfile(heapBase, prepared.capPages * PAGE_BYTES) };
}
