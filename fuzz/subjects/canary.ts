/**
 * A bump allocator that breaks a law on purpose: with 64 blocks live, the next begins 8 bytes too early.
 *
 * The campaign must find it and shrink it, so that a pipeline that has gone silent is noticed.
 */
import { NO_PROMISES, type Profile } from '../model/profile.ts';
import type { Statistics, Subject } from './subject.ts';

const PAGE_BYTES = 65536;
const ALIGNMENT_BYTES = 8;
const LIVE_BEFORE_THE_FAULT = 64;
const ARENA_BYTES = 4 * PAGE_BYTES;

export class CanarySubject implements Subject {
  readonly name = 'canary';
  readonly memory = new WebAssembly.Memory({ initial: 5, maximum: 5 });
  readonly profile: Profile = {
    operations: ['malloc', 'free'],
    alignmentBytes: ALIGNMENT_BYTES,
    maximumAlignmentBytes: ALIGNMENT_BYTES,
    arenaStart: PAGE_BYTES,
    arenaEnd: PAGE_BYTES + ARENA_BYTES,
    ...NO_PROMISES,
    zeroMalloc: 'null',
    capacityBytes: ARENA_BYTES,
  };
  #top = PAGE_BYTES;
  #live = 0;

  restart(): void {
    this.#top = PAGE_BYTES;
    this.#live = 0;
  }

  malloc(sizeBytes: number): number {
    const end = this.#top + Math.ceil(sizeBytes / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
    if (sizeBytes === 0 || end > this.profile.arenaEnd) return 0;
    const pointer = this.#live === LIVE_BEFORE_THE_FAULT ? this.#top - ALIGNMENT_BYTES : this.#top;
    this.#live++;
    this.#top = end;
    return pointer;
  }

  free(pointer: number): void {
    if (pointer !== 0) this.#live--;
  }

  calloc(): number {
    return 0;
  }

  realloc(): number {
    return 0;
  }

  alignedAlloc(): number {
    return 0;
  }

  mark(): void {}

  pop(): boolean {
    return false;
  }

  reset(): void {}

  grow(): boolean {
    return false;
  }

  run(): void {}

  statistics(): Statistics | undefined {
    return undefined;
  }
}
