/** Probing runs on a subject that may be faulty: what traps or hangs ends a probe, and says nothing more. */
import type { ModuleSubject } from '../module-subject.ts';
import { FuelExhausted } from '../subject.ts';

/** More blocks than a trace can make. */
export const MOST_BLOCKS = 2100;

/** A heap is filled by blocks from this size down: larger than any gap that would be left untouched. */
export const LARGEST_FILLER_BYTES = 4 * 1024 * 1024;

/** A block as a probe holds it. */
export interface ProbeBlock {
  readonly pointer: number;
  readonly sizeBytes: number;
}

/** A module that hangs may do so in every probe; what its other operations take is a small share of the fuel. */
const LEAST_PATIENCE = 1 / 32;

/**
 * The answer of `body` on a fresh instance; `fallback` when it traps, hangs or throws. A defect seen here is no reason
 * to fail: the campaign will find it and show it better.
 */
export function attempt<Answer>(
  subject: ModuleSubject,
  fallback: Answer,
  body: (subject: ModuleSubject) => Answer,
): Answer {
  try {
    subject.restart();
    return body(subject);
  } catch (error) {
    if (error instanceof FuelExhausted) subject.patience = Math.max(subject.patience / 2, LEAST_PATIENCE);
    return fallback;
  }
}

/** A block of `sizeBytes`; undefined when it is refused or does not lie in memory, which is no block at all. */
export function allocate(subject: ModuleSubject, sizeBytes: number): ProbeBlock | undefined {
  const pointer = subject.malloc(sizeBytes);
  if (pointer === 0 || pointer + sizeBytes > subject.memoryBytes()) return undefined;
  return { pointer, sizeBytes };
}

/** Blocks of `sizeBytes` until one is refused, at most `count`. */
export function allocateMany(subject: ModuleSubject, sizeBytes: number, count: number): ProbeBlock[] {
  const blocks: ProbeBlock[] = [];
  while (blocks.length < count) {
    const block = allocate(subject, sizeBytes);
    if (block === undefined) break;
    blocks.push(block);
  }
  return blocks;
}

export function release(subject: ModuleSubject, block: ProbeBlock): void {
  subject.free(block.pointer, block.sizeBytes, subject.profile.alignmentBytes);
}

/** Orders in which blocks are freed. Only the first is what a stack, or a bump allocator that takes back its last, can use. */
export const ORDERS = {
  lifo: (blocks: readonly ProbeBlock[]) => [...blocks].reverse(),
  fifo: (blocks: readonly ProbeBlock[]) => [...blocks],
  comb: (blocks: readonly ProbeBlock[]) => [
    ...blocks.filter((_, index) => index % 2 === 0),
    ...blocks.filter((_, index) => index % 2 === 1),
  ],
  strides: (blocks: readonly ProbeBlock[]) =>
    [0, 3, 1, 4, 2].flatMap((rest) => blocks.filter((_, index) => index % 5 === rest)),
} as const;

export type Order = keyof typeof ORDERS;

export const ORDER_NAMES = Object.keys(ORDERS) as readonly Order[];

/** The share of `values` that pass, from 0 to 1; 0 of none. */
export function share<Value>(values: readonly Value[], passes: (value: Value) => boolean): number {
  return values.length === 0 ? 0 : values.filter(passes).length / values.length;
}
