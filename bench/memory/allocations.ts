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

/**
 * A lifetime of the heap, from reset to the last block. All of it in one measurement, because a Map is paid for by the
 * doubling and by the collector, in bursts that a median over single blocks would never see.
 */
const BLOCKS = 16_384;

const WAYS: Readonly<Record<string, string>> = {
  heaplaw: lifetime('ours', 63),
  'Map with a clock': lifetime('clocked', 63),
  // Its region is 32 KiB, so it starts over on the way.
  'heaplaw stack': lifetime('stack', 0, '(block & 2047) === 0 && stack.reset();'),
};

/** Sizes vary by the bits of `sizeMask`. */
function lifetime(name: string, sizeMask: number, between = ''): string {
  const body = `for (let block = 0; block < ${BLOCKS}; block += 1) { ${between} last = ${name}.alloc(1 + (block & ${sizeMask})); }`;
  return `(() => { ${name}.reset(); let last = 0; ${body} return last; })()`;
}

/** Bump allocations a second, against a Map of records with a clock. */
export function allocationsBench(): BenchResult {
  const variants = Object.entries(WAYS).map(([name, expression]) => ({ name, run: compiledLoop(expression, SCOPE) }));
  const row = { work: `${BLOCKS} allocs`, timings: interleave(variants) };
  const claim = 'alloc against a Map with a clock';
  return {
    title: 'Allocations',
    rows: [row],
    targets: [{ claim, row, slow: 'Map with a clock', fast: 'heaplaw', atLeast: 20 }],
  };
}
