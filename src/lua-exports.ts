/** What a Lua module exports and imports. The sources are wasm/lua/vm.zig, wasm/libc/host.c and the allocators. */
import { MemoryError } from './memory-error.ts';

/** The exports that LuaModule calls. Addresses and sizes come out signed, as every i32 does. */
export interface LuaExports extends WebAssembly.Exports {
  readonly memory: WebAssembly.Memory;
  readonly __stack_high: WebAssembly.Global<'i32'>;
  readonly __stack_pointer: WebAssembly.Global<'i32'>;
  readonly malloc: (sizeBytes: number) => number;
  readonly calloc: (count: number, sizeBytes: number) => number;
  readonly realloc: (pointer: number, sizeBytes: number) => number;
  readonly free: (pointer: number) => void;
  readonly aligned_alloc: (alignmentBytes: number, sizeBytes: number) => number;
  readonly malloc_stats: () => number;
  readonly malloc_peak: () => number;
  readonly lua_init: () => number;
  readonly lua_reset: () => void;
  readonly lua_shutdown: () => void;
  readonly lua_run: (script: number, lengthBytes: number, name: number, nameBytes: number) => number;
  readonly lua_result_count: () => number;
  readonly lua_result_type: (index: number) => number;
  readonly lua_result_boolean: (index: number) => number;
  readonly lua_result_integer: (index: number) => bigint;
  readonly lua_result_number: (index: number) => number;
  readonly lua_result_address: (index: number) => number;
  readonly lua_result_length: (index: number) => number;
  readonly lua_result_read: (index: number, offset: number) => number;
  readonly io_buffer_base: () => number;
  readonly io_buffer_length: () => number;
}

/** What the host gives a Lua module. */
export interface LuaImports extends WebAssembly.Imports {
  readonly heaplaw: {
    readonly write: (stream: number, pointer: number, lengthBytes: number) => void;
    readonly time: () => number;
    readonly clock: () => number;
  };
}

const FUNCTIONS = ['malloc', 'realloc', 'lua_init', 'lua_run', 'lua_reset', 'lua_result_read', 'io_buffer_base'];

/** The exports of a Lua module. Throws MemoryError for a module that is none. */
export function luaExportsOf(instance: WebAssembly.Instance): LuaExports {
  const { exports } = instance;
  const missing = FUNCTIONS.filter((name) => typeof exports[name] !== 'function');
  if (missing.length === 0) return exports as LuaExports;
  throw new MemoryError(
    `Not a Lua module: it does not export ${missing.join(', ')}. Give it a module of wasm/dist/lua-*`,
  );
}
