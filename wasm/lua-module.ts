/**
 * How a Lua module is made: the VM and the C library are compiled once, and linked with one allocator each.
 *
 *     0 ........ stack, growing down, its lowest 1 KiB kept as the null page
 *     1.125 MiB  data of Lua and the C library, I/O buffer (64 KiB), pool (512 KiB), in an order the linker chooses
 *     ~1.7 MiB   __heap_base: free for the host's own allocators
 *     2 MiB      end
 */
import { join } from 'node:path';
import { type Artifact, zigSources } from './artifact.ts';
import {
  HOST_SOURCES,
  LUA_FLAGS,
  LUA_HEADERS,
  LUA_SOURCES,
  MUSL_FLAGS,
  MUSL_SOURCES,
  ZIG_C_LIBRARY,
  ZIG_COMPILER_RUNTIME,
} from './c-sources.ts';

/** `ReleaseSafe` keeps Zig's own checks, which trap. */
export type OptimizeMode = 'ReleaseSmall' | 'ReleaseFast' | 'ReleaseSafe';

const HERE = import.meta.dirname;

/** C objects throw WebAssembly exceptions for longjmp. The objects of Zig are compiled without: they never do. */
const C_TARGET = ['-target', 'wasm32-wasi', '-mcpu=generic+exception_handling+bulk_memory'];
const ZIG_TARGET = ['-target', 'wasm32-freestanding', '-mcpu=generic+bulk_memory'];
const SETJMP = ['-mllvm', '-wasm-enable-sjlj'];

/** `-lc` gives the C library's headers here, not its objects, which would take minutes. */
function cArchive(
  name: string,
  sources: readonly string[],
  headers: readonly string[],
  flags: readonly string[],
): Artifact {
  const archive = ['build-lib', '-static', ...C_TARGET, '-O', 'ReleaseFast', '-fstrip', '-fno-compiler-rt', '-lc'];
  const compile = ['-cflags', ...flags, ...SETJMP, '--', ...sources];
  return {
    name,
    inputs: [...sources, ...headers],
    command: (output) => [...archive, ...compile, `-femit-bin=${output}`],
  };
}

/** One object of Zig code for the Lua module, from `root` and what it imports. */
export function zigObject(name: string, root: string, mode: OptimizeMode): Artifact {
  return {
    name,
    inputs: zigSources(root),
    command: (output) => ['build-obj', ...ZIG_TARGET, '-O', mode, '-fstrip', root, `-femit-bin=${output}`],
  };
}

/** Parts of Zig's distribution: the compiler's version, which is in every fingerprint, stands for their sources. */
function zigLibraryObject(name: string, root: string): Artifact {
  return {
    name,
    inputs: [root],
    command: (output) => ['build-obj', ...C_TARGET, '-O', 'ReleaseSmall', '-fstrip', root, `-femit-bin=${output}`],
  };
}

const LIBRARIES: readonly Artifact[] = [
  cArchive('lua', LUA_SOURCES, LUA_HEADERS, LUA_FLAGS),
  cArchive('libc', [...MUSL_SOURCES, ...HOST_SOURCES], [], MUSL_FLAGS),
  zigLibraryObject('zig-libc', ZIG_C_LIBRARY),
  zigLibraryObject('compiler-rt', ZIG_COMPILER_RUNTIME),
];

/** What the bump allocator exports. A plain name and its lua_ name are the same function. */
export const BUMP_EXPORTS: readonly string[] = [
  ...['malloc', 'calloc', 'realloc', 'free', 'aligned_alloc'],
  ...['lua_malloc', 'lua_calloc', 'lua_realloc', 'lua_free', 'lua_alloc'],
  ...['malloc_stats', 'malloc_remaining', 'malloc_peak', 'malloc_reset', 'malloc_epoch'],
  ...['malloc_pool_base', 'malloc_pool_size'],
];

export const VM_EXPORTS: readonly string[] = [
  ...['lua_init', 'lua_run', 'lua_reset', 'lua_shutdown', 'lua_result_count', 'lua_result_type', 'lua_result_boolean'],
  ...['lua_result_integer', 'lua_result_number', 'lua_result_address', 'lua_result_length', 'lua_result_read'],
  ...['io_buffer_base', 'io_buffer_length'],
];

/** Symbols of the linker, exported as globals: the memory map, and the stack pointer to be set right after a trap. */
export const MAP_EXPORTS: readonly string[] = [
  ...['__global_base', '__data_end', '__heap_base', '__stack_low', '__stack_high', '__stack_pointer'],
];

/** The seed's picture: linear memory is 2 MiB and does not grow. */
const MEMORY_BYTES = 2 * 1024 * 1024;

/**
 * Lua allows 200 nested C calls (and 225 while it handles the error); the deepest frame is that of a library function
 * with a luaL_Buffer, which is 4 KiB: 225 frames take about 1.05 MiB.
 */
const STACK_BYTES = 18 * 65536;

const LINK: readonly string[] = [
  ...['wasm-ld', '--no-entry', '--gc-sections', '--strip-all', '--stack-first', '-z', `stack-size=${STACK_BYTES}`],
  ...[...VM_EXPORTS, ...MAP_EXPORTS].map((name) => `--export=${name}`),
];

export interface LuaModuleOptions {
  /** Kebab case; the file is wasm/dist/<name>.wasm. */
  readonly name: string;
  /** The allocator is wasm/allocators/<allocator>.zig. It must export lua_alloc and malloc_reset at least. */
  readonly allocator: string;
  /** Functions of the allocator that the module exports. */
  readonly exports: readonly string[];
  readonly mode: OptimizeMode;
  /** Default: `mode`. An allocator is small beside the VM, and its speed is the module's. */
  readonly allocatorMode?: OptimizeMode;
  /** Linear memory at the start and at most, multiples of 65536. Default: 2 MiB, fixed. */
  readonly memoryBytes?: { readonly initial: number; readonly maximum: number };
}

/** A Lua module over one allocator. */
export function luaModule(options: LuaModuleOptions): Artifact {
  const { name, allocator, mode, memoryBytes = { initial: MEMORY_BYTES, maximum: MEMORY_BYTES } } = options;
  const safety = mode === 'ReleaseSafe' ? '-safe' : '';
  const link = [
    ...[...LINK, `--initial-memory=${memoryBytes.initial}`, `--max-memory=${memoryBytes.maximum}`],
    ...options.exports.map((symbol) => `--export=${symbol}`),
  ];
  return {
    name,
    output: join(HERE, `dist/${name}.wasm`),
    inputs: [],
    needs: [
      zigObject(`vm${safety}`, join(HERE, 'lua/vm.zig'), mode),
      zigObject(`${allocator}${safety}`, join(HERE, `allocators/${allocator}.zig`), options.allocatorMode ?? mode),
      ...LIBRARIES,
    ],
    command: (output, needs) => [...link, ...needs, '-o', output],
  };
}
