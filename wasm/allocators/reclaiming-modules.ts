/** The reclaiming allocator's modules: under the Lua VM, and alone. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { allocatorModule } from '../allocator-module.ts';
import type { Artifact } from '../artifact.ts';
import { luaModule, type OptimizeMode } from '../lua-module.ts';
import { withFault } from '../zoo/fault.ts';
import { RECLAIMING_FAULTS, type ReclaimingFault } from './reclaiming-faults.ts';

const HERE = import.meta.dirname;
const KIB = 1024;
const MIB = 1024 * KIB;

/** What every build exports; `heap_check` besides, where Zig's own checks are on. */
export const RECLAIMING_EXPORTS: readonly string[] = [
  ...['malloc', 'calloc', 'realloc', 'free', 'aligned_alloc', 'malloc_usable_size'],
  ...['lua_malloc', 'lua_calloc', 'lua_realloc', 'lua_free', 'lua_alloc'],
  ...['malloc_stats', 'malloc_peak', 'malloc_reset', 'malloc_epoch'],
  ...['heap_live_bytes', 'heap_live_blocks', 'heap_peak_bytes', 'heap_largest_free', 'heap_free_bytes'],
  ...['heap_growths', 'heap_failed_requests'],
];
const CHECKED_EXPORTS = [...RECLAIMING_EXPORTS, 'heap_check'];

/** Stack and VM data take 1.25 MiB; the heap begins in what is left of the first 1.5 and grows from there. */
const LUA_START_BYTES = (3 * MIB) / 2;
/** A Lua stack of a million slots, which is where Lua says "stack overflow", takes 80 MiB with its call records. */
const LUA_MEMORY = { initial: LUA_START_BYTES, maximum: 256 * MIB };
/** What the suite fuzzes; a trace that fills it ends in a second. */
const SAFE_LUA_MEMORY = { initial: LUA_START_BYTES, maximum: 64 * MIB };
/** Room for the largest traces of the benches. */
const BENCH_MEMORY = { initial: 128 * KIB, maximum: 64 * MIB };
/** It takes powers of two and never gives them back to another size. */
const ZIG_HEAP_MEMORY = { initial: 128 * KIB, maximum: 256 * MIB };
/** The pool is static. */
const BUMP_MEMORY = { initial: MIB, maximum: MIB };
/** Small enough for a fuzzed trace to fill. */
const FUZZ_MEMORY = { initial: 128 * KIB, maximum: 4 * MIB };

function alone(name: string, mode: OptimizeMode, source = 'reclaiming', memoryBytes = FUZZ_MEMORY): Artifact {
  return allocatorModule({ name, root: join(HERE, `${source}.zig`), mode, memoryBytes });
}

/** Compiled once; each faulty module is a copy with its number in it. */
const FAULTY = alone('reclaiming-faulty', 'ReleaseSmall', 'reclaiming_faulty');

const faultModule = ({ fault }: ReclaimingFault, index: number): Artifact => ({
  name: `reclaiming-${fault}`,
  output: join(HERE, `../dist/faults/reclaiming-${fault}.wasm`),
  inputs: [join(HERE, '../zoo/fault.ts')],
  needs: [FAULTY],
  derive: ([faulty = '']) => withFault(readFileSync(faulty), index + 1),
});

export const RECLAIMING_MODULES: readonly Artifact[] = [
  luaModule({
    name: 'lua-reclaiming',
    allocator: 'reclaiming',
    exports: RECLAIMING_EXPORTS,
    mode: 'ReleaseSmall',
    allocatorMode: 'ReleaseFast',
    memoryBytes: LUA_MEMORY,
  }),
  luaModule({
    name: 'lua-reclaiming-safe',
    allocator: 'reclaiming',
    exports: CHECKED_EXPORTS,
    mode: 'ReleaseSafe',
    memoryBytes: SAFE_LUA_MEMORY,
  }),
  alone('reclaiming', 'ReleaseFast', 'reclaiming', BENCH_MEMORY),
  alone('reclaiming-safe', 'ReleaseSafe'),
  FAULTY,
  ...RECLAIMING_FAULTS.map(faultModule),
  { ...alone('peer-bump', 'ReleaseFast', 'bump', BUMP_MEMORY), onDemand: true },
  { ...alone('peer-zig-heap', 'ReleaseFast', 'peers/zig_heap', ZIG_HEAP_MEMORY), onDemand: true },
];
