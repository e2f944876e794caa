/** What the two host allocators have in common as subjects: a memory of their own, and errors that mean refused. */
import type { Profile } from '../model/profile.ts';
import { growMemory } from './grow-memory.ts';
import type { HostImplementation } from './implementation.ts';
import type { Statistics, Subject } from './subject.ts';

const PAGE_BYTES = 65536;

export abstract class HostSubject implements Subject {
  abstract readonly name: string;
  abstract readonly profile: Profile;
  protected readonly implementation: HostImplementation;
  readonly #initialPages: number;
  readonly #maximumPages: number;
  #memory: WebAssembly.Memory;

  constructor(implementation: HostImplementation, initialPages: number, maximumPages: number) {
    this.implementation = implementation;
    this.#initialPages = initialPages;
    this.#maximumPages = maximumPages;
    this.#memory = this.#newMemory();
  }

  get memory(): WebAssembly.Memory {
    return this.#memory;
  }

  /** A memory that did not grow serves again: nothing of what these allocators promise depends on its bytes. */
  restart(): void {
    if (this.#memory.buffer.byteLength !== this.#initialPages * PAGE_BYTES) this.#memory = this.#newMemory();
    this.rebuild();
  }

  abstract malloc(sizeBytes: number): number;
  abstract alignedAlloc(alignmentBytes: number, sizeBytes: number): number;
  abstract free(pointer: number): void;
  abstract reset(): void;
  abstract statistics(): Statistics;

  calloc(): number {
    return 0;
  }

  realloc(): number {
    return 0;
  }

  mark(): void {}

  pop(): boolean {
    return false;
  }

  grow(pages: number): boolean {
    return growMemory(this.#memory, pages);
  }

  run(): void {}

  /** A new allocator over `memory`. */
  protected abstract rebuild(): void;

  /** What `request` answers; 0 when it throws MemoryError. Any other error is the subject's own fault. */
  protected refusable(request: () => number): number {
    try {
      return request();
    } catch (error) {
      if (error instanceof this.implementation.MemoryError) return 0;
      throw error;
    }
  }

  #newMemory(): WebAssembly.Memory {
    return new WebAssembly.Memory({ initial: this.#initialPages, maximum: this.#maximumPages });
  }
}
