/** The subject, called so that what is thrown meanwhile is known for its own doing. Pointers are unsigned. */
import type { Block } from '../model/heap-model.ts';
import type { Statistics, Subject } from '../subjects/subject.ts';

export class WatchedSubject {
  /** Whether a call is under way. */
  isRunning = false;
  readonly #subject: Subject;

  constructor(subject: Subject) {
    this.#subject = subject;
  }

  malloc(sizeBytes: number): number {
    this.isRunning = true;
    const pointer = this.#subject.malloc(sizeBytes) >>> 0;
    this.isRunning = false;
    return pointer;
  }

  calloc(count: number, sizeBytes: number): number {
    this.isRunning = true;
    const pointer = this.#subject.calloc(count, sizeBytes) >>> 0;
    this.isRunning = false;
    return pointer;
  }

  alignedAlloc(alignmentBytes: number, sizeBytes: number): number {
    this.isRunning = true;
    const pointer = this.#subject.alignedAlloc(alignmentBytes, sizeBytes) >>> 0;
    this.isRunning = false;
    return pointer;
  }

  realloc({ pointer: from, sizeBytes: oldBytes, alignmentBytes }: Block, sizeBytes: number): number {
    this.isRunning = true;
    const pointer = this.#subject.realloc(from, oldBytes, alignmentBytes, sizeBytes) >>> 0;
    this.isRunning = false;
    return pointer;
  }

  reallocNull(sizeBytes: number): number {
    this.isRunning = true;
    const pointer = this.#subject.realloc(0, 0, this.#subject.profile.alignmentBytes, sizeBytes) >>> 0;
    this.isRunning = false;
    return pointer;
  }

  /** What the subject says of the block at `pointer`; undefined when it says nothing. */
  usableSize(pointer: number): number | undefined {
    this.isRunning = true;
    const bytes = this.#subject.usableSize?.(pointer);
    this.isRunning = false;
    return bytes;
  }

  free({ pointer, sizeBytes, alignmentBytes }: Block): void {
    this.isRunning = true;
    this.#subject.free(pointer, sizeBytes, alignmentBytes);
    this.isRunning = false;
  }

  freeNull(): void {
    this.isRunning = true;
    this.#subject.free(0, 0, this.#subject.profile.alignmentBytes);
    this.isRunning = false;
  }

  mark(): void {
    this.isRunning = true;
    this.#subject.mark();
    this.isRunning = false;
  }

  pop(): boolean {
    this.isRunning = true;
    const popped = this.#subject.pop();
    this.isRunning = false;
    return popped;
  }

  reset(): void {
    this.isRunning = true;
    this.#subject.reset();
    this.isRunning = false;
  }

  grow(pages: number): boolean {
    this.isRunning = true;
    const grew = this.#subject.grow(pages);
    this.isRunning = false;
    return grew;
  }

  statistics(): Statistics | undefined {
    this.isRunning = true;
    const counters = this.#subject.statistics();
    this.isRunning = false;
    return counters;
  }

  run(script: number): void {
    this.isRunning = true;
    this.#subject.run(script);
    this.isRunning = false;
  }
}
