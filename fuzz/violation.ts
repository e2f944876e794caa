/** A law broken at a step, in the words of a report. */
import type { LawId } from './laws.ts';
import type { OperationKind } from './trace/operation.ts';

/** How the region an answer gave lies to the region it harms, as a finding's bucket names it. */
export type Relation = 'none' | 'same-start' | 'inside' | 'around' | 'before' | 'after';

export interface Violation {
  readonly law: LawId;
  /** The operation at which it showed, from 1; 0 where it showed before any. */
  readonly step: number;
  /** The kind of operation that broke it; `free` where that was one of those that end the blocks a trace leaves. */
  readonly kind: OperationKind;
  /** `%2 = aligned_alloc 16 24` */
  readonly request: string;
  /** What the subject answered, as text: a region, NULL, a trap's message. */
  readonly answer: string;
  /** What the law allows. */
  readonly allowed: string;
  /** Why the answer is not allowed, where that says more than `allowed`. */
  readonly but?: string;
  readonly relation: Relation;
}

/** The request of a violation that no operation has caused: the subject was wrong when it was made. */
export const NO_REQUEST = 'none yet: as it was made';

/** Thrown inside the judge when a law is broken; never leaves it. */
export class Broken extends Error {
  readonly violation: Violation;

  constructor(violation: Violation) {
    super(violation.law);
    this.violation = violation;
  }
}

/**
 * What was thrown where a MemoryError might have been. An error that has only its name is said to, or the report would ask for
 * what it shows.
 */
export function foreignErrorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const text = `${error.name}: ${error.message}`;
  return error.name === 'MemoryError' ? `${text} (no instance of the exported MemoryError)` : text;
}

/** `1 page`, `2 pages`. */
export const pagesText = (pages: number): string => `${pages} page${pages === 1 ? '' : 's'}`;

/** `0x10000..0x10018`, end excluded. */
export function regionText(pointer: number, sizeBytes: number): string {
  return `0x${pointer.toString(16)}..0x${(pointer + sizeBytes).toString(16)}`;
}

/** How [pointer, pointer + sizeBytes) lies to the region of `other`. */
export function relationOf(
  pointer: number,
  sizeBytes: number,
  other: { readonly pointer: number; readonly sizeBytes: number },
): Relation {
  const [end, otherEnd] = [pointer + sizeBytes, other.pointer + other.sizeBytes];
  if (pointer === other.pointer) return 'same-start';
  if (pointer > other.pointer && end <= otherEnd) return 'inside';
  if (pointer < other.pointer && end >= otherEnd) return 'around';
  return pointer < other.pointer ? 'before' : 'after';
}
