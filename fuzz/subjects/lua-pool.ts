/**
 * The Lua module's own allocator as a subject, through one of its three faces: the `lua_` names, the plain C names, or
 * `lua_alloc`, the function that Lua itself calls. No Lua runs here; `lua-vm.ts` has that.
 */
import { bumpProfile } from '../../wasm/allocators/bump-profile.ts';
import type { Profile } from '../model/profile.ts';
import { growMemory } from './grow-memory.ts';
import { type Export, functionOf, HOST_SINK } from './lua-exports.ts';
import { Snapshot } from './snapshot.ts';
import type { Statistics, Subject } from './subject.ts';

/** Which exports a request goes through. */
export type PoolFace = 'lua' | 'c' | 'lua_alloc';

/** Lua passes the type of the new object as `osize` when there is no block yet: LUA_TTABLE here. */
const TYPE_TAG = 5;
/** Before every block, its size included. */
const HEADER_BYTES = 16;

export class LuaPoolSubject implements Subject {
  readonly name: string;
  readonly profile: Profile;
  readonly memory: WebAssembly.Memory;
  readonly restartsClean = true;
  readonly #heap: Heap;
  readonly #counters: Readonly<Record<'used' | 'remaining' | 'peak', Export>>;
  readonly #reset: Export;
  readonly #start: Snapshot;
  /** The end of the highest block since `restart`: what lies above is as it was at first, all zeroes. */
  #highestEnd = 0;

  /** `module` is the Lua module, or another with the same allocator and its names. */
  constructor(name: string, module: WebAssembly.Module, face: PoolFace) {
    const instance = new WebAssembly.Instance(module, { heaplaw: HOST_SINK });
    this.name = name;
    this.memory = instance.exports['memory'] as WebAssembly.Memory;
    const exported = (export_: string): Export => functionOf(instance, export_);
    this.#heap = face === 'lua_alloc' ? heapOfLuaAlloc(exported) : heapOfNames(exported, face === 'lua' ? 'lua_' : '');
    this.#reset = exported('malloc_reset');
    this.#counters = {
      used: exported('malloc_stats'),
      remaining: exported('malloc_remaining'),
      peak: exported('malloc_peak'),
    };
    const [start, size] = [exported('malloc_pool_base')() >>> 0, exported('malloc_pool_size')() >>> 0];
    this.profile = profileOf(face, start, start + size);
    const [low, high] = [global(instance, '__global_base', 0), global(instance, '__heap_base', start + size)];
    this.#start = Snapshot.of(this.memory, ...around([low, start], ioBuffer(instance)), [start + size, high]);
  }

  /** The I/O buffer's bytes may hold anything; the pool and all other static data are as they were at first. */
  restart(): void {
    const { arenaStart } = this.profile;
    if (this.#highestEnd > arenaStart) new Uint8Array(this.memory.buffer).fill(0, arenaStart, this.#highestEnd);
    this.#highestEnd = 0;
    this.#start.restore();
  }

  malloc(sizeBytes: number): number {
    return this.#given(this.#heap.malloc(sizeBytes), sizeBytes);
  }

  calloc(count: number, sizeBytes: number): number {
    return this.#given(this.#heap.calloc(count, sizeBytes), count * sizeBytes);
  }

  realloc(pointer: number, oldSizeBytes: number, _alignmentBytes: number, newSizeBytes: number): number {
    return this.#given(this.#heap.realloc(pointer, oldSizeBytes, newSizeBytes), newSizeBytes);
  }

  free(pointer: number, sizeBytes: number): void {
    this.#heap.free(pointer, sizeBytes);
  }

  alignedAlloc(alignmentBytes: number, sizeBytes: number): number {
    return this.#given(this.#heap.alignedAlloc(alignmentBytes, sizeBytes), sizeBytes);
  }

  mark(): void {}

  pop(): boolean {
    return false;
  }

  reset(): void {
    this.#reset();
  }

  /** The module's memory is fixed: growth must be refused. */
  grow(pages: number): boolean {
    return growMemory(this.memory, pages);
  }

  run(): void {}

  statistics(): Statistics {
    const { used, remaining, peak } = this.#counters;
    return { used: used() >>> 0, remaining: remaining() >>> 0, peak: peak() >>> 0 };
  }

  #given(pointer: number, sizeBytes: number): number {
    const end = (pointer >>> 0) + sizeBytes;
    if (pointer !== 0 && end > this.#highestEnd) this.#highestEnd = end;
    return pointer;
  }
}

/** The malloc family, whichever exports stand behind it. */
interface Heap {
  malloc(sizeBytes: number): number;
  calloc(count: number, sizeBytes: number): number;
  realloc(pointer: number, oldSizeBytes: number, newSizeBytes: number): number;
  free(pointer: number, sizeBytes: number): void;
  alignedAlloc(alignmentBytes: number, sizeBytes: number): number;
}

function heapOfNames(exported: (name: string) => Export, prefix: string): Heap {
  const realloc = exported(`${prefix}realloc`);
  return {
    malloc: exported(`${prefix}malloc`),
    calloc: exported(`${prefix}calloc`),
    realloc: (pointer, _oldSizeBytes, newSizeBytes) => realloc(pointer, newSizeBytes),
    free: exported(`${prefix}free`),
    alignedAlloc: exported('aligned_alloc'),
  };
}

function heapOfLuaAlloc(exported: (name: string) => Export): Heap {
  const alloc = exported('lua_alloc');
  return {
    malloc: (sizeBytes) => alloc(0, 0, TYPE_TAG, sizeBytes),
    calloc: () => 0,
    realloc: (pointer, oldSizeBytes, newSizeBytes) => alloc(0, pointer, oldSizeBytes, newSizeBytes),
    free: (pointer, sizeBytes) => alloc(0, pointer, sizeBytes, 0),
    alignedAlloc: () => 0,
  };
}

/** The I/O buffer, which no allocator touches: a third of all static data. An empty range where there is none. */
function ioBuffer(instance: WebAssembly.Instance): [number, number] {
  if (!('io_buffer_base' in instance.exports)) return [0, 0];
  const start = functionOf(instance, 'io_buffer_base')() >>> 0;
  return [start, start + functionOf(instance, 'io_buffer_length')()];
}

/** What is left of [start, end) without [holeStart, holeEnd). */
function around([start, end]: [number, number], [holeStart, holeEnd]: [number, number]): [number, number][] {
  if (holeEnd <= start || holeStart >= end) return [[start, end]];
  return [
    [start, Math.max(start, holeStart)],
    [Math.min(end, holeEnd), end],
  ];
}

/** The value of an exported constant address; `otherwise` where the module has none. */
function global(instance: WebAssembly.Instance, name: string, otherwise: number): number {
  const exported = instance.exports[name];
  return exported instanceof WebAssembly.Global ? Number(exported.value) : otherwise;
}

function profileOf(face: PoolFace, start: number, end: number): Profile {
  const operations = face === 'lua_alloc' ? LUA_ALLOC_OPERATIONS : ALL_OPERATIONS;
  return { ...bumpProfile(operations, start, end), capacityBytes: end - start - HEADER_BYTES, exact: 'pool-bump' };
}

const LUA_ALLOC_OPERATIONS = ['malloc', 'realloc', 'free', 'reset'] as const;
const ALL_OPERATIONS = ['malloc', 'calloc', 'realloc', 'free', 'aligned_alloc', 'reset', 'grow'] as const;
