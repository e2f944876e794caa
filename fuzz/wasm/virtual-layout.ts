/**
 * Where things lie in a memory whose size is pretended.
 *
 * A real memory cannot shrink, so an instance that grew could not be put back. Here memory has its largest size from
 * the start; the module sees a smaller one, which starts and grows as the real one would. Beyond what it can ever see
 * lie a word that says by how much it grew, and a map of the pages that were written.
 */
import { activeDataEnd } from './data-segments.ts';
import type { WasmModule } from './module.ts';

const PAGE_BYTES = 65536;
const MOST_PAGES = 65536;
/** Written memory is put back in pieces of this many bytes, as a power of two: what the machine itself calls a page. */
export const DIRTY_SHIFT = 12;
/** Room for the word, on a cache line of its own. */
const CONTROL_BYTES = 64;

export interface VirtualLayout {
  /** Bytes the module sees at first. */
  readonly minimumBytes: number;
  /** Bytes it sees at the most; the word for the bytes that it grew by lies here. */
  readonly capBytes: number;
  /** A byte for every 4 KiB below `capBytes`: 1 when they were written. */
  readonly mapAddress: number;
  /** Pages the real memory has. */
  readonly physicalPages: number;
}

/**
 * The layout for `module`, whose only memory may grow to `capPages`. Undefined where the size cannot be pretended: the
 * module has other memories or 64-bit addresses, there is no room behind the cap, or a data segment may lie outside of
 * the memory that the module starts with, which the engine must refuse.
 */
export function virtualLayout(module: WasmModule, capPages: number): VirtualLayout | undefined {
  const [memory, ...others] = module.memories;
  if (memory === undefined || others.length > 0 || memory.is64) return undefined;
  const capBytes = capPages * PAGE_BYTES;
  const mapAddress = capBytes + CONTROL_BYTES;
  const physicalPages = Math.ceil((mapAddress + capBytes / 2 ** DIRTY_SHIFT) / PAGE_BYTES);
  const minimumBytes = memory.minimum * PAGE_BYTES;
  // The last page stays out of reach, so that address 2^32 - 1 traps.
  if (physicalPages >= MOST_PAGES || !(activeDataEnd(module) <= minimumBytes)) return undefined;
  return { minimumBytes, capBytes, mapAddress, physicalPages };
}
