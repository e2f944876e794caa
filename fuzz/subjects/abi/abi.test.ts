import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ABI_MODULES, type AbiModule } from '../../../wasm/zoo/abi.ts';
import { type AssembledFunction, assemble } from '../../wasm/assemble.ts';
import { parseModule } from '../../wasm/module.ts';
import type { ValueType } from '../../wasm/types.ts';
import type { ModuleSubject } from '../module-subject.ts';
import { type ModuleDefinition, subjectFromModule } from '../wasm-module.ts';
import type { ModuleAccess, Names } from './abi.ts';
import { abiNamed, detect, detectAll } from './index.ts';
import { surfaceOf } from './surface.ts';

/** Our names for the ABIs of the zoo. */
const OURS: Readonly<Record<AbiModule['abi'], string>> = {
  c: 'c',
  'c++': 'c++',
  'lua-alloc': 'lua-alloc',
  'wasm-bindgen': 'wasm-bindgen',
  'component-model': 'cabi-realloc',
  assemblyscript: 'assemblyscript',
  tinygo: 'tinygo',
  'alloc-dealloc': 'pair',
  minified: 'c',
};

const bytesOf = (name: string) => readFileSync(new URL(`../../../wasm/dist/zoo/abi-${name}.wasm`, import.meta.url));

const definitions = new Map<string, ModuleDefinition>();

/** A fresh instance; its module is probed once for all tests. */
function open({ name, map }: Pick<AbiModule, 'name' | 'map'>): ModuleSubject {
  const definition = definitions.get(name) ?? subjectFromModule(bytesOf(name), map === undefined ? {} : { map });
  definitions.set(name, definition);
  return definition.create();
}

describe('a module of each ABI', () => {
  it.each(ABI_MODULES)('$name: $about', (module) => {
    const subject = open(module);
    const { profile } = subject;
    expect(subject.detection.abi).toBe(OURS[module.abi]);
    expect(profile.alignmentBytes).toBe(module.alignmentBytes);
    const [first, second] = [subject.malloc(100), subject.malloc(40)];
    expect(Math.abs(second - first)).toBeGreaterThanOrEqual(40);
    const bytes = new Uint8Array(subject.memory.buffer);
    bytes.fill(7, first, first + 100);
    if (profile.operations.includes('realloc')) {
      const moved = subject.realloc(first, 100, profile.alignmentBytes, 5000);
      expect(new Uint8Array(subject.memory.buffer, moved, 100).every((byte) => byte === 7)).toBe(true);
      subject.free(moved, 5000, profile.alignmentBytes);
    }
    subject.free(0, 0, profile.alignmentBytes);
    subject.free(second, 40, profile.alignmentBytes);
    expect(subject.malloc(0xfffffff0)).toBe(0);
    expect(subject.malloc(16)).not.toBe(0);
  });

  it('frees for real where it frees', () => {
    for (const module of ABI_MODULES) {
      const subject = open(module);
      if (!subject.profile.reclaims) continue;
      const pointers = Array.from({ length: 200 }, () => {
        const pointer = subject.malloc(1000);
        subject.free(pointer, 1000, subject.profile.alignmentBytes);
        return pointer;
      });
      expect(new Set(pointers).size).toBeLessThan(100);
    }
  });

  it('has what its names say and nothing else', () => {
    const full = open({ name: 'c-full' });
    expect(full.profile.operations).toEqual(['malloc', 'calloc', 'realloc', 'free', 'aligned_alloc', 'grow']);
    expect(full.usableSize(full.malloc(100))).toBeGreaterThanOrEqual(100);
    const cxx = open({ name: 'cxx' }).profile;
    expect([cxx.operations, cxx.leastAlignmentBytes]).toEqual([['malloc', 'free', 'aligned_alloc', 'grow'], 32]);
    expect([cxx.zeroMalloc, cxx.zeroOthers]).toEqual(['block', undefined]);
    expect(open({ name: 'component' }).profile.operations).toEqual(['malloc', 'realloc', 'aligned_alloc', 'grow']);
    const pair = open({ name: 'alloc-dealloc' });
    expect(pair.profile.operations).toEqual(['malloc', 'free', 'grow']);
    expect(() => pair.calloc(1, 2)).toThrow('module has no calloc');
    expect(pair.usableSize(16)).toBeUndefined();
  });
});

const types = (count: number): ValueType[] => new Array<ValueType>(count).fill('i32');

/** A module that exports functions of the given numbers of parameters and results; they give their first parameter. */
function surface(functions: Readonly<Record<string, readonly [params: number, results: number]>>, custom = {}) {
  const assembled = Object.entries(functions).map(
    ([name, [params, results]]): AssembledFunction => ({
      name,
      params: types(params),
      results: types(results),
      body: results === 1 ? 'local.get 0' : 'nop',
    }),
  );
  return parseModule(assemble({ memory: [0, 1], functions: assembled, custom }));
}

describe('detection', () => {
  it('takes the plain family before those with affixes, and needs a free for those', () => {
    const module = surface({
      lua_malloc: [1, 1],
      lua_free: [1, 0],
      malloc: [1, 1],
      my_malloc: [1, 1],
      malloc2: [1, 1],
      free2: [1, 0],
    });
    expect(detectAll(module).map(({ names }) => names['malloc'])).toEqual(['malloc', 'malloc2', 'lua_malloc']);
    expect(detect(module).why).toEqual(['malloc is exported with type (i32) -> i32']);
  });

  it('takes the more specific ABI, and the one that is asked for', () => {
    const module = surface({
      __wbindgen_malloc: [2, 1],
      __wbindgen_free: [3, 0],
      malloc: [1, 1],
      free: [1, 0],
      lua_alloc: [4, 1],
    });
    expect(detectAll(module).map(({ abi }) => abi)).toEqual(['wasm-bindgen', 'c', 'lua-alloc']);
    expect(detect(module, { abi: 'lua-alloc' }).names).toEqual({ alloc: 'lua_alloc' });
  });

  it('tells numbered exports by their types', () => {
    const old = surface({ __wbindgen_export_0: [2, 0], __wbindgen_export_1: [1, 1], __wbindgen_export_2: [3, 1] });
    expect(detect(old).names).toEqual({
      malloc: '__wbindgen_export_1',
      realloc: '__wbindgen_export_2',
      free: '__wbindgen_export_0',
    });
    expect(detectAll(surface({ __wbindgen_export_0: [1, 1] }))).toEqual([]);
  });

  it('takes for a stack only what is asked for, and by names that say so', () => {
    const module = surface({
      arena_alloc: [1, 1],
      arena_free: [1, 0],
      arena_release: [2, 0],
      arenaReset: [1, 0],
      arena_resetTo: [1, 0],
      arena_set_top: [1, 0],
      arena_top: [0, 1],
      rewind: [1, 0],
      malloc: [1, 1],
    });
    const names = { alloc: 'arena_alloc', mark: 'arena_top' };
    const found = abiNamed('stack').detect(surfaceOf(module));
    expect(found.map((stack) => stack.names)).toEqual([
      { ...names, release: 'arena_resetTo' },
      { alloc: 'arena_alloc', release: 'arena_resetTo' },
      { ...names, release: 'arena_set_top' },
      { alloc: 'arena_alloc', release: 'arena_set_top' },
    ]);
    expect(detectAll(module).map(({ abi }) => abi)).not.toContain('stack');
  });

  it('takes what a stack gives its blocks with for an alloc, but for that of the call stack', () => {
    const functions = { frame_push: [1, 1], frame_pop: [0, 0], stackAlloc: [1, 1], stackRestore: [1, 0] } as const;
    expect(detectAll(surface(functions)).map(({ abi, names }) => [abi, names])).toEqual([
      ['alloc', { alloc: 'frame_push' }],
    ]);
  });

  it('finds TinyGo by its producers', () => {
    const producers = Array.from(new TextEncoder().encode('processed-by TinyGo'));
    expect(detectAll(surface({ malloc: [1, 1], free: [1, 0] }, { producers })).map(({ abi }) => abi)).toEqual([
      'tinygo',
    ]);
  });

  it.each<[Readonly<Record<string, readonly [number, number]>>, Names]>([
    [
      { alloc: [1, 1], dealloc: [2, 0] },
      { alloc: 'alloc', dealloc: 'dealloc' },
    ],
    [
      { wasmAlloc: [1, 1], wasmFree: [1, 0] },
      { alloc: 'wasmAlloc', dealloc: 'wasmFree' },
    ],
    [
      { my_allocate: [2, 1], my_deallocate: [3, 0], my_reallocate: [3, 1] },
      { alloc: 'my_allocate', dealloc: 'my_deallocate', realloc: 'my_reallocate' },
    ],
    [
      { __rust_alloc: [2, 1], __rust_dealloc: [3, 0], __rust_realloc: [4, 1] },
      { alloc: '__rust_alloc', dealloc: '__rust_dealloc', realloc: '__rust_realloc' },
    ],
    [
      { __rust_alloc: [2, 1], __rust_dealloc: [3, 0], __rust_alloc_zeroed: [2, 1], other_alloc_zeroed: [2, 1] },
      { alloc: '__rust_alloc', dealloc: '__rust_dealloc', alloc_zeroed: '__rust_alloc_zeroed' },
    ],
    [
      { heapAllocate32: [1, 1], heapDeallocate32: [1, 0], heapAllocateZeroed32: [1, 1] },
      { alloc: 'heapAllocate32', dealloc: 'heapDeallocate32', alloc_zeroed: 'heapAllocateZeroed32' },
    ],
    [
      { malloc: [1, 1], free: [2, 0], realloc: [3, 1] },
      { alloc: 'malloc', dealloc: 'free', realloc: 'realloc' },
    ],
  ])('finds the pair %j', (functions, names) => {
    expect(detect(surface(functions))).toMatchObject({ abi: 'pair', names });
  });

  it('takes no function for an allocator that makes what other functions work on', () => {
    const isPair = (suffix: string, other: string) => {
      const module = surface({ [`allocate${suffix}`]: [1, 1], [`free${suffix}`]: [1, 0], [other]: [1, 1] });
      return detectAll(module).some(({ abi }) => abi === 'pair');
    };
    expect([isPair('_mappings', 'parse_mappings'), isPair('Parser', 'runParser')]).toEqual([false, false]);
    expect([isPair('', 'parse'), isPair('_small', 'allocate_large'), isPair('_small', 'reset_small')]).toEqual([
      true,
      true,
      true,
    ]);
    expect(isPair('_bytes', 'copy_bytes')).toBe(true);
  });

  it('finds every operator of C++ whose blocks it can delete, and says which goes with which size', () => {
    const module = surface({
      _Znwm: [1, 1],
      _ZdlPv: [1, 0],
      _ZdlPvm: [2, 0],
      _Znam: [1, 1],
      _ZdaPvm: [2, 0],
      _ZnwmSt11align_val_t: [2, 1],
      _ZdlPvSt11align_val_t: [2, 0],
      _ZnamSt11align_val_t: [2, 1],
      _ZdaPvSt11align_val_t: [1, 0],
    });
    const { abi, names, why } = detect(module);
    expect([abi, Object.keys(names)]).toEqual([
      'c++',
      ['new', 'delete', 'delete_sized', 'new_array', 'delete_array_sized', 'new_aligned', 'delete_aligned'],
    ]);
    expect(why.slice(7)).toEqual([
      'malloc by the remainder of the size by 3: 0 _Znwm, 1 _Znam, 2 _Znwm',
      'free of what _Znwm gave by the remainder of the size by 5: 0 _ZdlPv, 1 _ZdlPvm, 2 _ZdlPv, 3 _ZdlPvm, 4 _ZdlPv',
    ]);
    expect(detect(surface({ _Znwm: [1, 1], _ZdlPv: [1, 0] }))).toMatchObject({ abi: 'c++', why: { length: 2 } });
    expect(detectAll(surface({ _Znwm: [1, 1], _ZdaPv: [1, 0] }))).toEqual([]);
  });

  it('finds an alloc without a dealloc when there is nothing else', () => {
    expect(detect(surface({ alloc: [1, 1] }))).toMatchObject({ abi: 'alloc', names: { alloc: 'alloc' } });
    expect(detect(surface({ my_allocate: [2, 1] })).names).toEqual({ alloc: 'my_allocate' });
    const zeroed = { alloc: 'my_alloc', alloc_zeroed: 'my_allocZeroed' };
    expect(detect(surface({ my_alloc: [1, 1], my_allocZeroed: [1, 1] })).names).toEqual(zeroed);
    expect(detect(surface({ my_alloc: [1, 1], my_alloc_zeroed: [2, 1] })).names).toEqual({ alloc: 'my_alloc' });
    expect(detect(surface({ alloc: [1, 1], malloc: [1, 1] })).abi).toBe('c');
    expect(detectAll(surface({ _emscripten_stack_alloc: [1, 1] }))).toEqual([]);
  });

  it('takes an x before C names for functions that end the program instead of giving NULL', () => {
    const module = surface({ xmalloc: [1, 1], xfree: [1, 0], malloc: [1, 1] });
    expect(detectAll(module).map(({ abi }) => abi)).toEqual(['xmalloc', 'c']);
    expect(abiNamed('xmalloc').convention.refusesByTrap).toBe(true);
  });

  it.each<[string, Readonly<Record<string, readonly [number, number]>>, Parameters<typeof detect>[1], string]>([
    [
      'nothing',
      { a: [1, 1], b: [1, 0] },
      {},
      'no allocator among the exports a, b; name it with --map malloc=f,free=g',
    ],
    ['no exports', {}, {}, 'among the exports (none)'],
    [
      'many exports',
      Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`f${index}`, [1, 1] as const])),
      {},
      '(20 functions)',
    ],
    ['a wrong type', { malloc: [3, 1] }, {}, 'malloc has type (i32, i32, i32) -> i32, expected (i32) -> i32'],
    ['an unknown ABI', {}, { abi: 'pascal' }, 'unknown ABI "pascal"; known are assemblyscript, '],
    ['an ABI that is not there', { a: [1, 1] }, { abi: 'c' }, 'no allocator of ABI c among'],
    ['an unknown role', { f: [1, 1] }, { map: { mallok: 'f' } }, 'ABI c has no role "mallok"; it has malloc, free'],
    ['a name that is not exported', { f: [1, 1] }, { map: { malloc: 'g' } }, 'exports no function "g" for malloc'],
    [
      'a mapped function of a wrong type',
      { f: [1, 0] },
      { map: { malloc: 'f' } },
      'malloc=f has type (i32) -> (), expected (i32) -> i32',
    ],
  ])('says in a line: %s', (_, functions, options, message) => {
    expect(() => detect(surface(functions), options)).toThrow(message);
  });
});

/** Binds an ABI to functions that write down how they were called and give `answer`. */
function recorded(
  abi: string,
  names: Names,
  typeOf: (name: string) => string = () => '',
  answer = 4096,
  { alignmentFirst = [], zeroIsABlock = false, spareWord = () => 4 }: Partial<ModuleAccess> = {},
) {
  const calls: string[] = [];
  const functionOf =
    (name: string) =>
    (...values: number[]) => {
      calls.push(`${name}(${values.join(', ')})`);
      return answer;
    };
  const access: ModuleAccess = {
    functionOf,
    typeOf,
    readU32: () => 1234,
    writeU32: (pointer, value) => void calls.push(`write(${pointer}, ${value})`),
    spareWord,
    alignmentBytes: 8,
    alignmentFirst,
    zeroIsABlock,
  };
  return { calls, access, allocator: abiNamed(abi).bind(names, access) };
}

/** Every role of C++, each played by a function with a short name. */
const CXX: Names = {
  new: 'n',
  delete: 'd',
  delete_sized: 'ds',
  new_array: 'an',
  delete_array: 'ad',
  delete_array_sized: 'ads',
  new_aligned: 'nA',
  delete_aligned: 'dA',
  delete_sized_aligned: 'dsA',
  new_array_aligned: 'anA',
  delete_array_aligned: 'adA',
  delete_array_sized_aligned: 'adsA',
};

describe('calls', () => {
  it('asks those that align in turn, by the size, and aligned_alloc again, rounded up, when it refuses', () => {
    const all = recorded('c', { malloc: 'm', memalign: 'a', aligned_alloc: 'b', posix_memalign: 'p' });
    for (const size of [9, 10, 11, 0]) all.allocator.alignedAlloc?.(2, size);
    expect(all.calls.filter((call) => !call.startsWith('write'))).toEqual([
      'a(4, 9)',
      'b(4, 10)',
      'p(4, 4, 11)',
      'a(4, 0)',
    ]);
    const two = recorded('c', { malloc: 'm', memalign: 'a', posix_memalign: 'p' });
    for (const size of [9, 10, 11]) two.allocator.alignedAlloc?.(32, size);
    expect(two.calls).toEqual(['a(32, 9)', 'p(4, 32, 10)', 'write(4, 1234)', 'a(32, 11)']);
    const aligned = recorded('c', { malloc: 'm', aligned_alloc: 'b' }, undefined, 0);
    aligned.allocator.alignedAlloc?.(16, 10);
    aligned.allocator.alignedAlloc?.(16, 0xffffffff);
    expect(aligned.calls).toEqual(['b(16, 10)', 'b(16, 16)', 'b(16, 4294967295)']);
  });

  it('reads what posix_memalign wrote to a spare word, which is put back, or to a block where none is spare', () => {
    const names = { malloc: 'm', posix_memalign: 'p' };
    const spare = recorded('c', names, undefined, 0);
    expect([spare.allocator.alignedAlloc?.(64, 10), spare.calls]).toEqual([1234, ['p(4, 64, 10)', 'write(4, 1234)']]);
    expect(recorded('c', names).allocator.alignedAlloc?.(64, 10)).toBe(0);
    const block = recorded('c', names, undefined, 0, { spareWord: () => undefined });
    expect([block.allocator.alignedAlloc?.(64, 10), block.calls.slice(0, 2)]).toEqual([1234, ['m(4)', 'p(0, 64, 10)']]);
  });

  it('says which function that aligns is asked for which sizes, where there are several', () => {
    const functions = { malloc: [1, 1], memalign: [2, 1], posix_memalign: [3, 1] } as const;
    const said = 'aligned_alloc by the remainder of its size by 3: 0 memalign, 1 posix_memalign, 2 memalign';
    expect(detect(surface(functions)).why.at(-1)).toBe(said);
    const map = { malloc: 'malloc', memalign: 'memalign', posix_memalign: 'posix_memalign' };
    expect(detect(surface(functions), { map }).why.at(-1)).toBe(said);
    expect(detect(surface({ malloc: [1, 1], memalign: [2, 1] })).why).toHaveLength(2);
  });

  it('creates and deletes with each operator of C++, by the size and the alignment', () => {
    const { calls, allocator } = recorded('c++', CXX);
    const sizes = [0, 1, 6, 13];
    for (const size of sizes) allocator.malloc(size);
    for (const size of sizes) allocator.free?.(64, size, 8);
    expect(calls).toEqual(['n(0)', 'an(1)', 'n(6)', 'an(13)', 'd(64)', 'ads(64, 1)', 'ds(64, 6)', 'ads(64, 13)']);
    calls.length = 0;
    for (const size of sizes) allocator.alignedAlloc?.(16, size);
    for (const size of [...sizes, 10]) allocator.free?.(64, size, 16);
    expect(calls.slice(0, 4)).toEqual(['nA(0, 16)', 'anA(1, 16)', 'nA(6, 16)', 'anA(13, 16)']);
    expect(calls.slice(4)).toEqual([
      'dA(64, 16)',
      'adsA(64, 1, 16)',
      'dsA(64, 6, 16)',
      'adsA(64, 13, 16)',
      'adA(64, 16)',
    ]);
  });

  it('asks C++ for no alignment that new promises anyway, and deletes no NULL', () => {
    const { calls, allocator, access } = recorded('c++', CXX);
    expect([allocator.alignedAlloc?.(8, 6), allocator.alignsAboveMalloc]).toEqual([0, true]);
    allocator.free?.(0, 6, 8);
    expect(calls).toEqual([]);
    const held = abiNamed('c++').bind(CXX, { ...access, alignmentBytes: 32 });
    held.alignedAlloc?.(32, 6);
    held.free?.(64, 6, 32);
    expect(calls).toEqual(['n(6)', 'ds(64, 6)']);
    expect(recorded('c++', { new: 'n', delete: 'd', new_aligned: 'nA' }).allocator.alignedAlloc).toBeUndefined();
    expect(() => recorded('c++', { new: 'n' })).toThrow('no new has a delete');
  });

  it('gives lua_Alloc a type for NULL and the old size for a block', () => {
    const { calls, allocator } = recorded('lua-alloc', { alloc: 'l' });
    allocator.malloc(10);
    allocator.realloc?.(0, 0, 16, 11);
    allocator.realloc?.(64, 10, 16, 20);
    allocator.free?.(64, 20, 16);
    expect(calls).toEqual(['l(0, 0, 7, 10)', 'l(0, 0, 8, 11)', 'l(0, 64, 10, 20)', 'l(0, 64, 20, 0)']);
  });

  it('gives wasm-bindgen sizes and alignments, in its order, and never a NULL or a size of 0 to resize', () => {
    const names = { malloc: 'm', realloc: 'r', free: 'f' };
    const { calls, allocator } = recorded('wasm-bindgen', names, () => '(i32, i32) -> i32');
    allocator.malloc(10);
    allocator.alignedAlloc?.(64, 10);
    allocator.realloc?.(0, 0, 8, 10);
    allocator.realloc?.(64, 10, 16, 20);
    allocator.free?.(0, 0, 8);
    allocator.free?.(64, 20, 16);
    expect(calls).toEqual(['m(10, 8)', 'm(10, 64)', 'm(10, 8)', 'r(64, 10, 20, 16)', 'f(64, 20, 16)']);
    const old = recorded('wasm-bindgen', names, () => '(i32) -> i32');
    old.allocator.malloc(10);
    old.allocator.realloc?.(64, 0, 8, 10);
    old.allocator.realloc?.(64, 10, 8, 20);
    expect(allocator.realloc?.(64, 10, 16, 2 ** 31 - 15)).toBe(0);
    expect(old.allocator.realloc?.(64, 10, 8, 2 ** 31)).toBe(0);
    old.allocator.free?.(0, 0, 8);
    old.allocator.free?.(64, 20, 8);
    expect(old.calls).toEqual(['m(10)', 'm(10)', 'r(64, 10, 20)', 'f(64, 20)']);
  });

  it('frees what wasm-bindgen gave for 0 bytes at once, as the glue does, and says where that traps', () => {
    const names = { malloc: 'm', free: 'f' };
    const { calls, allocator } = recorded('wasm-bindgen', names, () => '(i32, i32) -> i32', 8);
    expect(allocator.alignedAlloc?.(8, 0)).toBe(0);
    const old = recorded('wasm-bindgen', names, () => '(i32) -> i32', 4);
    expect(old.allocator.malloc(0)).toBe(0);
    expect([calls, old.calls]).toEqual([
      ['m(0, 8)', 'f(8, 0, 8)'],
      ['m(0)', 'f(4, 0)'],
    ]);
    const functionOf = (name: string) => () => {
      if (name === 'f') throw new WebAssembly.RuntimeError('unreachable');
      return 8;
    };
    const { access } = recorded('wasm-bindgen', names, () => '(i32, i32) -> i32');
    const trapping = abiNamed('wasm-bindgen').bind(names, { ...access, functionOf });
    expect(() => trapping.malloc(0)).toThrow('unreachable, in the free of its 0 bytes');
  });

  it('takes the dangling pointer of an empty request for NULL', () => {
    const bindgen = recorded('wasm-bindgen', { malloc: 'm' }, () => '(i32, i32) -> i32', 8);
    expect([bindgen.allocator.malloc(0), bindgen.allocator.malloc(1)]).toEqual([0, 8]);
    expect([bindgen.allocator.realloc, bindgen.allocator.free]).toEqual([undefined, undefined]);
    expect(recorded('wasm-bindgen', { malloc: 'm' }).allocator.free).toBeUndefined();
    expect(recorded('cabi-realloc', { realloc: 'r' }, undefined, 8).allocator.malloc(0)).toBe(0);
    const blocks = recorded('pair', { alloc: 'a' }, () => '(i32, i32) -> i32', 4096, { zeroIsABlock: true });
    expect(blocks.allocator.alignedAlloc?.(4096, 0)).toBe(4096);
  });

  it('frees with what is exported beside cabi_realloc', () => {
    const module = surface({ cabi_realloc: [4, 1], cabi_free: [3, 0], free: [1, 1] });
    expect(detect(module).names).toEqual({ realloc: 'cabi_realloc', free: 'cabi_free' });
    expect(detect(surface({ cabi_realloc: [4, 1], free: [1, 1] })).names).toEqual({ realloc: 'cabi_realloc' });
    const { calls, allocator } = recorded('cabi-realloc', { realloc: 'r', free: 'f' });
    allocator.free?.(64, 10, 8);
    expect([calls, recorded('cabi-realloc', { realloc: 'r' }).allocator.free]).toEqual([['f(64, 10, 8)'], undefined]);
  });

  it('keeps the order of cabi_realloc', () => {
    const { calls, allocator } = recorded('cabi-realloc', { realloc: 'r' });
    allocator.malloc(10);
    allocator.realloc?.(0, 0, 4, 5);
    allocator.realloc?.(64, 10, 4, 20);
    expect(calls).toEqual(['r(0, 0, 8, 10)', 'r(0, 0, 4, 5)', 'r(64, 10, 4, 20)']);
  });

  it('pins what AssemblyScript makes, and unpins what is freed', () => {
    const { calls, allocator } = recorded('assemblyscript', { new: 'n', pin: 'p', unpin: 'u' });
    allocator.malloc(10);
    allocator.free?.(0, 0, 16);
    allocator.free?.(64, 10, 16);
    expect(calls).toEqual(['n(10, 1)', 'p(4096)', 'u(64)']);
    expect(allocator.collect?.()).toBe(false);
  });

  it('clears with AssemblyScript’s __new, and asks it for no more than there can be', () => {
    const { calls, allocator } = recorded('assemblyscript', { new: 'n', pin: 'p', unpin: 'u' });
    expect([allocator.calloc?.(3, 10), allocator.calloc?.(65536, 65536)]).toEqual([4096, 0]);
    expect(calls).toEqual(['n(30, 1)', 'p(4096)']);
  });

  it('collects what AssemblyScript was given back: at once in a small heap, later in a large one', () => {
    const { calls, allocator } = recorded('assemblyscript', { new: 'n', pin: 'p', unpin: 'u', collect: 'c' });
    const frees = (count: number) => {
      calls.length = 0;
      for (let freed = 0; freed < count; freed++) allocator.free?.(64, 10, 16);
      return calls.join(' ');
    };
    for (let made = 0; made < 18; made++) allocator.malloc(10);
    expect(frees(4)).toBe('u(64) u(64) c() u(64) u(64) c()');
    expect(frees(5)).toBe('u(64) u(64) c() u(64) u(64) c() u(64)');
    expect([allocator.collect?.(), allocator.collect?.(), calls.at(-1)]).toEqual([true, false, 'c()']);
    expect(frees(2)).toBe('u(64) c() u(64) c()');
  });

  it('resizes with a pair’s realloc, with the old size or without', () => {
    const names = { alloc: 'a', dealloc: 'd', realloc: 'r' };
    const sized = recorded('pair', names, (name) => (name === 'r' ? '(i32, i32, i32) -> i32' : '(i32, i32) -> i32'));
    sized.allocator.realloc?.(0, 0, 8, 5);
    sized.allocator.realloc?.(64, 10, 8, 20);
    sized.allocator.alignedAlloc?.(32, 6);
    sized.allocator.free?.(64, 20, 8);
    expect(sized.calls).toEqual(['a(5, 8)', 'r(64, 10, 20)', 'a(6, 32)', 'd(64, 20, 8)']);
    const rust = recorded('pair', names, () => '(i32, i32, i32, i32) -> i32');
    rust.allocator.realloc?.(64, 10, 8, 20);
    expect(rust.calls).toEqual(['r(64, 10, 8, 20)']);
    const plain = recorded('pair', { alloc: 'a', realloc: 'r' }, () => '(i32, i32) -> i32');
    plain.allocator.realloc?.(64, 10, 8, 20);
    expect([plain.calls, plain.allocator.free]).toEqual([['r(64, 20)'], undefined]);
  });

  it('clears with alloc_zeroed, in the order of alloc, and asks for no product that does not fit', () => {
    const names = { alloc: 'a', alloc_zeroed: 'z' };
    const { calls, allocator } = recorded('pair', names, () => '(i32, i32) -> i32');
    expect([allocator.calloc?.(3, 10), allocator.calloc?.(65536, 65536)]).toEqual([4096, 0]);
    allocator.calloc?.(1, 0xffffffff);
    expect(calls).toEqual(['z(30, 8)', 'z(4294967295, 8)']);
    const first = recorded('alloc', names, () => '(i32, i32) -> i32', 8, { alignmentFirst: ['alloc'] });
    expect([first.allocator.calloc?.(3, 0), first.allocator.calloc?.(3, 1), first.calls]).toEqual([
      0,
      8,
      ['z(8, 0)', 'z(8, 3)'],
    ]);
    expect(recorded('pair', { alloc: 'a' }).allocator.calloc).toBeUndefined();
  });

  it('marks where a stack says it is, or says nothing, and releases to there', () => {
    const { calls, allocator } = recorded('stack', { alloc: 'a', release: 'r', mark: 'm' }, () => '(i32) -> i32');
    expect([allocator.mark?.(), allocator.malloc(10)]).toEqual([4096, 4096]);
    allocator.release?.(64);
    expect([calls, allocator.free]).toEqual([['m()', 'a(10, 8)', 'r(64)'], undefined]);
    expect(recorded('stack', { alloc: 'a', release: 'r' }, () => '(i32) -> ()').allocator.mark).toBeUndefined();
    const own = recorded('stack', { alloc: 'a', release: 'r', mark: 'm' }, () => '() -> ()');
    expect(own.allocator.mark?.()).toBe(0);
    own.allocator.release?.(0);
    const single = recorded('stack', { alloc: 'a', release: 'r' }, () => '() -> i32');
    single.allocator.popLast?.();
    expect([own.calls, single.calls, single.allocator.release]).toEqual([['m()', 'r()'], ['r()'], undefined]);
  });
});
