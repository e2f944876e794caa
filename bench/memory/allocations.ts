/** Handing out one block, and remembering it. */
import { HostBumpAllocator, HostStackAllocator, MEMORY_LAYOUT, WasmMemory } from '../../src/index.ts';
import type { BenchResult } from '../bench.ts';
import { compiledLoop } from '../compiled-loop.ts';
import { interleave } from '../interleave.ts';
import { ClockedBumpAllocator } from './peers/clocked-bump-allocator.ts';

const { HEAP_BASE } = MEMORY_LAYOUT;
const raw = new WebAssembly.Memory({ initial: 256 });
const memory = new WasmMemory(raw);

const SCOPE = {
  ours: new HostBumpAllocator(memory),
  stack: new HostStackAllocator(memory),
  clocked: new ClockedBumpAllocator(raw, HEAP_BASE),
};

/** Sizes vary, and everything is taken back every 262,144 blocks, so that memory never has to grow. */
const WAYS: Readonly<Record<string, string>> = {
  heaplaw: '((i & 262143) === 0 && ours.reset(), ours.alloc(1 + (i & 63)))',
  'Map with a clock': '((i & 262143) === 0 && clocked.reset(), clocked.alloc(1 + (i & 63)))',
  'heaplaw stack': '((i & 511) === 0 && stack.reset(), stack.alloc(1 + (i & 31)))',
};

/** Bump allocations a second, against a Map of records with a clock. */
export function allocationsBench(): BenchResult {
  const variants = Object.entries(WAYS).map(([name, expression]) => ({ name, run: compiledLoop(expression, SCOPE) }));
  const row = { work: 'alloc', timings: interleave(variants) };
  const claim = 'alloc against a Map with a clock';
  return {
    title: 'Allocations',
    rows: [row],
    targets: [{ claim, row, slow: 'Map with a clock', fast: 'heaplaw', atLeast: 20 }],
  };
}
