/** A host allocator on a memory of its own, and what can be seen of it from outside. */

import type { HostImplementation } from '../../fuzz/subjects/implementation.ts';
import type { HostBumpAllocator, HostStackAllocator, WasmMemory } from '../../src/index.ts';
import { broken } from '../claim.ts';
import { show, showForeign } from '../show.ts';

export interface Heap {
  readonly raw: WebAssembly.Memory;
  readonly memory: WasmMemory;
  readonly allocator: HostBumpAllocator;
}

export interface Stack {
  readonly raw: WebAssembly.Memory;
  readonly memory: WasmMemory;
  readonly allocator: HostStackAllocator;
}

/** A bump allocator at the default base, on memory of 2 to `maximumPages` pages. */
export function heapOf({ WasmMemory, HostBumpAllocator }: HostImplementation, maximumPages = 8): Heap {
  const raw = new WebAssembly.Memory({ initial: 2, maximum: maximumPages });
  const memory = new WasmMemory(raw);
  return { raw, memory, allocator: new HostBumpAllocator(memory) };
}

/** A stack allocator in its default region, on memory of 2 pages. */
export function stackOf({ WasmMemory, HostStackAllocator }: HostImplementation): Stack {
  const raw = new WebAssembly.Memory({ initial: 2, maximum: 8 });
  const memory = new WasmMemory(raw);
  return { raw, memory, allocator: new HostStackAllocator(memory) };
}

/** Everything a bump allocator shows of its state, as text. */
export function heapState({ raw, allocator }: Heap): string {
  const { offset, base, used } = allocator;
  const records = allocator.getAllocations();
  return JSON.stringify({ offset, base, used, records, ...allocator.getStats(), bytes: raw.buffer.byteLength });
}

/** Everything a stack allocator shows of its state, as text. */
export function stackState({ raw, allocator }: Stack): string {
  const { top, used, capacity } = allocator;
  return JSON.stringify({ top, used, capacity, bytes: raw.buffer.byteLength });
}

/** The end of a request that follows a block of `size` bytes, where there is one. */
export function afterBlock(size: number): string {
  return size > 0 ? ` after alloc(${size}, 1)` : '';
}

/** Breaks the claim unless `call` throws the implementation's MemoryError. Returns the error. */
export function expectRefusal({ MemoryError }: HostImplementation, request: string, call: () => unknown): Error {
  const allowed = 'MemoryError';
  let answer: unknown;
  try {
    answer = call();
  } catch (error) {
    if (error instanceof MemoryError) return error;
    broken({ request, answer: showForeign(error), allowed });
  }
  broken({ request, answer: show(answer), allowed });
}

/** Breaks the claim unless `after` is `before`. */
export function expectUnchanged(request: string, before: string, after: string): void {
  if (before !== after) broken({ request, answer: after, allowed: `no change: ${before}` });
}

/** Breaks the claim unless the texts are equal; they are printed as they are. */
export function expectText(request: string, actual: string, wanted: string): void {
  if (actual !== wanted) broken({ request, answer: actual, allowed: wanted });
}

/** Breaks the claim unless `actual` is `wanted` by Object.is. */
export function expectSame(request: string, actual: unknown, wanted: unknown): void {
  if (!Object.is(actual, wanted)) broken({ request, answer: show(actual), allowed: show(wanted) });
}
