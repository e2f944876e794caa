/** What C forbids and programs do all the same. */
import type { BenchBlock, Workbench } from './workbench.ts';

export interface Misuse {
  readonly name: string;
  /** Does it to `victim`, which has live blocks on both sides; nobody uses `victim` lawfully afterwards. */
  readonly commit: (bench: Workbench, victim: BenchBlock) => void;
}

/** What an overrun writes: a byte that is in no block, and that no size or flag of an allocator commonly is. */
const STRAY_BYTE = 0x5a;
/** Far below any heap, where static data and the stack of small modules lie. */
const FOREIGN_POINTER = 1040;
const LINK_BYTES = 8;

function freeAndForget(bench: Workbench, victim: BenchBlock): void {
  bench.forget(victim);
  bench.release(victim.pointer, victim.sizeBytes);
}

/** Writes where another block may lie, and puts that block's bytes back: the damage to allocator's data is what counts. */
function stray(bench: Workbench, address: number): void {
  bench.bytes()[address] = STRAY_BYTE;
  for (const block of bench.live) bench.fill(block);
}

export const MISUSES: readonly Misuse[] = [
  {
    name: 'double free, at once',
    commit: (bench, victim) => {
      freeAndForget(bench, victim);
      bench.release(victim.pointer, victim.sizeBytes);
    },
  },
  {
    name: 'double free, another between',
    commit: (bench, victim) => {
      freeAndForget(bench, victim);
      const other = bench.live[0];
      if (other !== undefined) bench.free(other);
      bench.release(victim.pointer, victim.sizeBytes);
    },
  },
  {
    name: 'free of an interior pointer',
    commit: (bench, victim) => {
      bench.forget(victim);
      const inside = bench.subject.profile.alignmentBytes;
      bench.release(victim.pointer + inside, victim.sizeBytes - inside);
    },
  },
  {
    name: 'free of a foreign pointer',
    commit: (bench, victim) => bench.release(FOREIGN_POINTER, victim.sizeBytes),
  },
  {
    name: 'free of a pointer beyond memory',
    commit: (bench, victim) => bench.release(bench.bytes().length + 65536, victim.sizeBytes),
  },
  {
    name: 'write after free',
    commit: (bench, victim) => {
      freeAndForget(bench, victim);
      for (let offset = 0; offset < LINK_BYTES; offset++) stray(bench, victim.pointer + offset);
    },
  },
  {
    name: 'one byte past the end',
    commit: (bench, victim) => stray(bench, victim.pointer + victim.sizeBytes),
  },
  {
    name: 'one byte before the start',
    commit: (bench, victim) => stray(bench, victim.pointer - 1),
  },
];
