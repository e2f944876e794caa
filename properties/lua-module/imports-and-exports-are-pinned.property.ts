/** imports-and-exports-are-pinned: the ABI of the Lua modules is a list in this file; malloc and free are no imports. */
import { describe, expect, it } from 'vitest';
import { BUMP_MODULE_NAMES, compiledModule, LUA_MODULE_NAMES } from './machine.ts';

const VM = [
  ...['__data_end', '__global_base', '__heap_base', '__stack_high', '__stack_low', '__stack_pointer'],
  ...['io_buffer_base', 'io_buffer_length', 'lua_init', 'lua_reset', 'lua_result_address', 'lua_result_boolean'],
  ...['lua_result_count', 'lua_result_integer', 'lua_result_length', 'lua_result_number', 'lua_result_read'],
  ...['lua_result_type', 'lua_run', 'lua_shutdown', 'memory'],
];

const BUMP = [
  ...['aligned_alloc', 'calloc', 'free', 'lua_alloc', 'lua_calloc', 'lua_free', 'lua_malloc', 'lua_realloc', 'malloc'],
  ...['malloc_epoch', 'malloc_peak', 'malloc_pool_base', 'malloc_pool_size', 'malloc_remaining', 'malloc_reset'],
  ...['malloc_stats', 'realloc'],
];

const IMPORTS = ['heaplaw.clock', 'heaplaw.time', 'heaplaw.write'];

describe.each(LUA_MODULE_NAMES)('%s', (name) => {
  it('imports a sink and two clocks, all functions', () => {
    const imports = WebAssembly.Module.imports(compiledModule(name));
    expect(imports.map((entry) => `${entry.module}.${entry.name}`).sort()).toEqual(IMPORTS);
    expect(new Set(imports.map((entry) => entry.kind))).toEqual(new Set(['function']));
  });

  it('exports the machine', () => {
    const exported = WebAssembly.Module.exports(compiledModule(name)).map((entry) => entry.name);
    expect(exported).toEqual(expect.arrayContaining(VM));
  });
});

describe.each(BUMP_MODULE_NAMES)('%s', (name) => {
  it('exports the machine and its allocator, nothing else', () => {
    const exported = WebAssembly.Module.exports(compiledModule(name)).map((entry) => entry.name);
    expect(exported.sort()).toEqual([...VM, ...BUMP].sort());
  });
});
