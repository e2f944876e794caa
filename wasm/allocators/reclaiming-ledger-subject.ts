/**
 * The reclaiming allocator as a subject that keeps its own ledger of what was asked for, so that every counter can be
 * held against it after every operation.
 */
import type { Profile } from '../../fuzz/model/profile.ts';
import type { Statistics, Subject } from '../../fuzz/subjects/subject.ts';
import { type ReclaimingExports, reclaimingInstance } from './reclaiming-instance.ts';
import { reclaimingProfile, usableBytes } from './reclaiming-profile.ts';

export class LedgerSubject implements Subject {
  readonly name = 'reclaiming';
  readonly profile: Profile;
  readonly #bytes: Uint8Array;
  readonly #sizes = new Map<number, number>();
  #exports: ReclaimingExports;
  #liveBytes = 0;
  #peakBytes = 0;
  #refusals = 0;

  constructor(bytes: Uint8Array, maximumBytes: number) {
    this.#bytes = bytes;
    this.#exports = reclaimingInstance(bytes);
    this.profile = reclaimingProfile(Number(this.#exports.__heap_base.value), maximumBytes);
  }

  get memory(): WebAssembly.Memory {
    return this.#exports.memory;
  }

  get exports(): ReclaimingExports {
    return this.#exports;
  }

  restart(): void {
    this.#exports = reclaimingInstance(this.#bytes);
    this.#clear();
  }

  malloc(sizeBytes: number): number {
    return this.#given(this.#exports.malloc(sizeBytes), sizeBytes);
  }

  calloc(count: number, sizeBytes: number): number {
    return this.#given(this.#exports.calloc(count, sizeBytes), count * sizeBytes);
  }

  alignedAlloc(alignmentBytes: number, sizeBytes: number): number {
    return this.#given(this.#exports.aligned_alloc(alignmentBytes, sizeBytes), sizeBytes);
  }

  realloc(pointer: number, _oldSizeBytes: number, _alignmentBytes: number, sizeBytes: number): number {
    const answer = this.#exports.realloc(pointer, sizeBytes) >>> 0;
    if (answer !== 0 || sizeBytes === 0) this.#taken(pointer);
    return this.#given(answer, sizeBytes);
  }

  free(pointer: number): void {
    this.#exports.free(pointer);
    this.#taken(pointer);
  }

  mark(): void {}

  pop(): boolean {
    return false;
  }

  reset(): void {
    this.#exports.malloc_reset();
    this.#clear();
  }

  grow(pages: number): boolean {
    try {
      this.memory.grow(pages);
      return true;
    } catch {
      return false;
    }
  }

  run(): void {}

  /** The live blocks; -1 when any other counter is not what the ledger says, or the heap is not in order. */
  statistics(): Statistics {
    const { heap_live_bytes, heap_peak_bytes, heap_failed_requests, heap_live_blocks, heap_check } = this.#exports;
    const agree =
      heap_live_bytes() >>> 0 === this.#liveBytes &&
      heap_peak_bytes() >>> 0 === this.#peakBytes &&
      heap_failed_requests() === this.#refusals &&
      (heap_check?.() ?? 0) === 0;
    return { liveBlocks: agree ? heap_live_blocks() : -1 };
  }

  #clear(): void {
    this.#sizes.clear();
    this.#liveBytes = 0;
    this.#peakBytes = 0;
    this.#refusals = 0;
  }

  #given(signedPointer: number, sizeBytes: number): number {
    const pointer = signedPointer >>> 0;
    if (pointer === 0) {
      if (sizeBytes !== 0) this.#refusals += 1;
      return 0;
    }
    this.#sizes.set(pointer, sizeBytes);
    this.#liveBytes += usableBytes(sizeBytes);
    this.#peakBytes = Math.max(this.#peakBytes, this.#liveBytes);
    return pointer;
  }

  #taken(pointer: number): void {
    this.#liveBytes -= usableBytes(this.#sizes.get(pointer) ?? 0);
    this.#sizes.delete(pointer);
  }
}
