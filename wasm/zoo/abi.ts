/** One small sound module for every allocator ABI in use, for the tests of the adapters. */

export type Abi =
  | 'c'
  | 'c++'
  | 'lua-alloc'
  | 'wasm-bindgen'
  | 'component-model'
  | 'assemblyscript'
  | 'tinygo'
  | 'alloc-dealloc'
  | 'minified';

export interface AbiModule {
  /** Kebab case; the source is `abi/<name>.zig`, the module `abi-<name>.wasm`. */
  readonly name: string;
  readonly abi: Abi;
  readonly about: string;
  /** Every export but the memory, sorted. */
  readonly exports: readonly string[];
  /** Every import as `module.name`, sorted. */
  readonly imports: readonly string[];
  readonly importsMemory: boolean;
  /** The smallest alignment of its blocks, in bytes. */
  readonly alignmentBytes: number;
  /** Whether a request that cannot be met traps, as the ABI has it, instead of answering NULL. */
  readonly trapsWhenRefusing: boolean;
  /** The toolchain that the producers section names, where that is how it is recognised. */
  readonly producer?: string;
  /** For `--map`: what names stand for, where they say nothing. */
  readonly map?: Readonly<Record<string, string>>;
}

const SOUND = { imports: [], importsMemory: false, alignmentBytes: 16, trapsWhenRefusing: false } as const;
const BINDGEN = { ...SOUND, abi: 'wasm-bindgen', alignmentBytes: 8, trapsWhenRefusing: true } as const;

const C_NAMES = ['aligned_alloc', 'calloc', 'free', 'malloc', 'malloc_usable_size', 'realloc'];
const withPrefix = (prefix: string): string[] => C_NAMES.map((name) => prefix + name);

export const ABI_MODULES: readonly AbiModule[] = [
  {
    ...SOUND,
    name: 'c-full',
    abi: 'c',
    about: 'every C name, memalign and posix_memalign among them',
    exports: [...C_NAMES, 'memalign', 'posix_memalign'].sort(),
  },
  { ...SOUND, name: 'c-underscore', abi: 'c', about: 'C names with an underscore', exports: withPrefix('_') },
  { ...SOUND, name: 'c-lua-prefix', abi: 'c', about: 'C names behind lua_', exports: withPrefix('lua_') },
  {
    ...SOUND,
    name: 'cxx',
    abi: 'c++',
    about: 'every new and delete of C++; a delete of another form is a trap',
    exports: ['', 'St11align_val_t'].flatMap((aligned) =>
      ['_Znwm', '_Znam', '_ZdlPv', '_ZdaPv', '_ZdlPvm', '_ZdaPvm'].map((name) => name + aligned),
    ),
    trapsWhenRefusing: true,
  },
  { ...SOUND, name: 'lua-alloc', abi: 'lua-alloc', about: 'nothing but lua_Alloc', exports: ['lua_alloc'] },
  {
    ...BINDGEN,
    name: 'bindgen-old',
    about: 'wasm-bindgen without alignments',
    exports: ['__wbindgen_free', '__wbindgen_malloc', '__wbindgen_realloc'],
  },
  {
    ...BINDGEN,
    name: 'bindgen-new',
    about: 'wasm-bindgen with alignments',
    exports: ['__wbindgen_free', '__wbindgen_malloc', '__wbindgen_realloc'],
  },
  {
    ...BINDGEN,
    name: 'bindgen-numbered',
    about: 'wasm-bindgen with alignments and numbers for names: malloc, realloc, free',
    exports: ['__wbindgen_export_0', '__wbindgen_export_1', '__wbindgen_export_2'],
  },
  {
    ...BINDGEN,
    name: 'component',
    abi: 'component-model',
    about: 'cabi_realloc alone',
    exports: ['cabi_realloc'],
  },
  {
    ...SOUND,
    name: 'assemblyscript',
    abi: 'assemblyscript',
    about: 'objects: what is not pinned is collected',
    exports: ['__collect', '__new', '__pin', '__rtti_base', '__unpin'],
    trapsWhenRefusing: true,
  },
  {
    ...SOUND,
    name: 'tinygo',
    abi: 'tinygo',
    about: 'C names that trap before _initialize and where memory is out, imports of WASI',
    trapsWhenRefusing: true,
    producer: 'TinyGo',
    exports: ['_initialize', 'calloc', 'free', 'malloc', 'realloc'],
    imports: [
      'wasi_snapshot_preview1.fd_write',
      'wasi_snapshot_preview1.proc_exit',
      'wasi_snapshot_preview1.random_get',
    ],
  },
  {
    ...SOUND,
    name: 'alloc-dealloc',
    abi: 'alloc-dealloc',
    about: 'alloc(size), dealloc(pointer)',
    exports: ['alloc', 'dealloc'],
  },
  {
    ...SOUND,
    name: 'alloc-dealloc-sized',
    abi: 'alloc-dealloc',
    about: 'alloc(size), alloc_zeroed(size), dealloc(pointer, size); a wrong size is a trap',
    exports: ['alloc', 'alloc_zeroed', 'dealloc'],
    alignmentBytes: 8,
  },
  {
    ...SOUND,
    name: 'minified',
    abi: 'minified',
    about: 'Emscripten with one-letter exports, imported memory and emscripten_resize_heap',
    exports: ['a', 'b', 'c', 'd', 'e', 'f'],
    imports: ['env.emscripten_resize_heap', 'env.memory'],
    importsMemory: true,
    map: { malloc: 'b', free: 'c', realloc: 'd', calloc: 'e', aligned_alloc: 'f' },
  },
  {
    ...SOUND,
    name: 'emscripten-standalone',
    abi: 'c',
    about: 'grows its own memory and calls emscripten_notify_memory_growth',
    exports: ['_initialize', ...C_NAMES],
    imports: ['env.emscripten_notify_memory_growth'],
  },
];
