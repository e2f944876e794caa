/**
 * The Lua module with its VM running: raw requests of the host and scripts by turns, on one pool.
 *
 * Lua allocates in between, so no exact answer is promised; the host's blocks must survive any script, and a script that
 * finds no memory must end in a Lua memory error.
 */
import { bumpProfile } from '../../wasm/allocators/bump-profile.ts';
import type { Profile } from '../model/profile.ts';
import { builtModule, type Export } from './lua-exports.ts';
import { LuaError, LuaModule } from './lua-implementation.ts';
import type { Statistics, Subject } from './subject.ts';

/** What `run N` runs: script N modulo their number. Each is deterministic and small beside the pool. */
const SCRIPTS: readonly string[] = [
  'local t = {} for i = 1, 200 do t[i] = i * i end return #t',
  "local s = '' for i = 1, 60 do s = s .. string.char(65 + i % 26) end return s",
  'local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end return fib(12)',
  "return pcall(error, { code = 7 }), select('#', pcall(string.rep))",
  'local co = coroutine.wrap(function() for i = 1, 20 do coroutine.yield(i) end end) local n = 0 for i = 1, 20 do n = n + co() end return n',
  "local t = setmetatable({}, { __index = function(_, k) return k .. '!' end }) return t.a, t.b",
  "local t = {} for w in string.gmatch('the quick brown fox', '%a+') do t[#t + 1] = w end table.sort(t) return table.concat(t, ' ')",
  'kept = kept or {} for i = 1, 50 do kept[#kept + 1] = { i, tostring(i) } end return #kept',
  "kept = nil collectgarbage() return collectgarbage('count') > 0",
  "return string.rep('x', 20000):len()",
];

export class LuaVmSubject implements Subject {
  readonly name = 'lua-vm';
  readonly profile: Profile;
  readonly memory: WebAssembly.Memory;
  readonly #lua: LuaModule;

  constructor() {
    const silent = { write: () => {}, time: () => 0, clock: () => 0 };
    this.#lua = new LuaModule(builtModule('lua-bump'), silent);
    this.memory = this.#lua.memory.getRawMemory();
    const start = (this.#lua.exports['malloc_pool_base'] as Export)() >>> 0;
    this.profile = bumpProfile(OPERATIONS, start, start + ((this.#lua.exports['malloc_pool_size'] as Export)() >>> 0));
  }

  restart(): void {
    this.#lua.reset();
  }

  malloc(sizeBytes: number): number {
    return this.#lua.exports.malloc(sizeBytes) >>> 0;
  }

  calloc(count: number, sizeBytes: number): number {
    return this.#lua.exports.calloc(count, sizeBytes) >>> 0;
  }

  realloc(pointer: number, _oldSizeBytes: number, _alignmentBytes: number, newSizeBytes: number): number {
    return this.#lua.exports.realloc(pointer, newSizeBytes) >>> 0;
  }

  free(pointer: number): void {
    this.#lua.exports.free(pointer);
  }

  alignedAlloc(alignmentBytes: number, sizeBytes: number): number {
    return this.#lua.exports.aligned_alloc(alignmentBytes, sizeBytes) >>> 0;
  }

  mark(): void {}

  pop(): boolean {
    return false;
  }

  reset(): void {
    this.#lua.reset();
  }

  grow(): boolean {
    return false;
  }

  /** A script that runs out of memory ends in a Lua memory error, which is an answer; nothing else may be thrown. */
  run(script: number): void {
    try {
      this.#lua.run(SCRIPTS[script % SCRIPTS.length] ?? '');
    } catch (error) {
      if (!(error instanceof LuaError) || error.kind !== 'memory') throw error;
    }
  }

  statistics(): Statistics | undefined {
    return undefined;
  }
}

const OPERATIONS = ['malloc', 'calloc', 'realloc', 'free', 'aligned_alloc', 'reset', 'run'] as const;
