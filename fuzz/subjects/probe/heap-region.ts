/** Where there is room for a heap that has to be told its place. */
import { Instance } from '../../wasm/instance.ts';
import { type HeapRegion, PAGE_BYTES, type PreparedModule } from '../../wasm/prepare.ts';

/** What the host adds where too little room is left: a MiB. */
const GROWN_PAGES = 16;
/** Less room than this behind the static data shows too little of an allocator. */
const LEAST_ROOM_BYTES = PAGE_BYTES / 2;
/** What malloc promises on wasm32, so that a heap need not align the place it is given. */
export const ALIGNMENT_BYTES = 16;

export interface Room {
  readonly region: HeapRegion;
  /** Pages that the host has to add to memory before. */
  readonly grownPages: number;
}

/**
 * From `__heap_base` to the end of memory; pages that the host adds there where the module does not export it, or where
 * they are needed. Undefined when memory is full and nobody says where it is free. Throws CannotInstantiate.
 */
export function roomForHeap(prepared: PreparedModule): Room | undefined {
  const instance = new Instance(prepared);
  const memoryBytes = instance.memoryBytes();
  const heapBase = instance.globalValue('__heap_base') ?? memoryBytes;
  const start = Math.min(memoryBytes, Math.ceil(heapBase / ALIGNMENT_BYTES) * ALIGNMENT_BYTES);
  const isRoomy = memoryBytes - start >= LEAST_ROOM_BYTES;
  const grownPages = isRoomy ? 0 : Math.min(GROWN_PAGES, prepared.capPages - memoryBytes / PAGE_BYTES);
  const end = memoryBytes + grownPages * PAGE_BYTES;
  return end > start ? { region: { start, end }, grownPages } : undefined;
}
