/** The zoo is what its tables say: every module is there, exports what it should, and its faults are where they belong. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseTrace } from '../../fuzz/trace/text.ts';
import { operationCount } from '../../fuzz/trace/trace.ts';
import { ABI_MODULES } from './abi.ts';
import { withFault } from './fault.ts';
import { ZOO_DIRECTORY, ZOO_MODULES } from './modules.ts';
import { SOUND_MODULES } from './sound.ts';
import { faultFile, ZOO_ALLOCATORS, ZOO_FAULTS } from './zoo.ts';

const C_NAMES = ['aligned_alloc', 'calloc', 'free', 'malloc', 'realloc'];

const bytesOf = (file: string): Uint8Array<ArrayBuffer> => Uint8Array.from(readFileSync(join(ZOO_DIRECTORY, file)));
const moduleOf = (file: string): WebAssembly.Module => new WebAssembly.Module(bytesOf(file));
const exportsOf = (file: string): string[] =>
  WebAssembly.Module.exports(moduleOf(file))
    .map(({ name }) => name)
    .filter((name) => name !== 'memory')
    .sort();
const importsOf = (file: string): string[] =>
  WebAssembly.Module.imports(moduleOf(file))
    .map(({ module, name }) => `${module}.${name}`)
    .sort();

/** The names of a Zig source's `Fault` enum, in kebab case, without `none`. */
function faultsInSource(allocator: string): string[] {
  const source = readFileSync(join(import.meta.dirname, `${allocator.replaceAll('-', '_')}.zig`), 'utf8');
  const names = /const Fault = enum\(u32\) \{([^}]*)\}/.exec(source)?.[1] ?? '';
  const [none, ...faults] = Array.from(names.matchAll(/(\w+),/g), ([, name = '']) => name.replaceAll('_', '-'));
  expect(none).toBe('none');
  return faults;
}

interface Heap {
  readonly memory: WebAssembly.Memory;
  /** Calls an export; throws TypeError where there is none of that name. */
  call(name: string, ...values: number[]): number;
}

function instantiate(file: string, imports: WebAssembly.Imports = {}): Heap {
  const exports = new WebAssembly.Instance(moduleOf(file), imports).exports;
  const functions = exports as Readonly<Record<string, (...values: number[]) => number>>;
  const call = (name: string, ...values: number[]): number => {
    const called = functions[name];
    if (called === undefined) throw new TypeError(`${file} exports no ${name}`);
    return called(...values);
  };
  return {
    memory: (exports as { memory?: WebAssembly.Memory }).memory ?? new WebAssembly.Memory({ initial: 0 }),
    call,
  };
}

test('there are at least 44 faults and 8 odd sound allocators, each with a name and a sentence of its own', () => {
  expect(ZOO_FAULTS.length).toBeGreaterThanOrEqual(44);
  expect(SOUND_MODULES.length).toBeGreaterThanOrEqual(8);
  const names = ZOO_MODULES.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  const sentences = [...ZOO_FAULTS, ...SOUND_MODULES].map(({ about }) => about);
  expect(sentences.every((about) => about.length > 10)).toBe(true);
});

test.each(ZOO_ALLOCATORS)('the faults of $name are numbered as in its source', ({ name, faults }) => {
  expect(faults.map(({ fault }) => fault)).toEqual(faultsInSource(name));
});

test.each(ZOO_ALLOCATORS)('each fault of $name is asked for in its source', ({ name }) => {
  const source = readFileSync(join(import.meta.dirname, `${name.replaceAll('-', '_')}.zig`), 'utf8');
  const unused = faultsInSource(name).filter((fault) => !source.includes(`has(.${fault.replaceAll('-', '_')})`));
  expect(unused).toEqual([]);
});

test.each(ZOO_ALLOCATORS)('$name is built, imports nothing and begins with the memory that the table says', (zoo) => {
  const file = `${zoo.name}.wasm`;
  expect(importsOf(file)).toEqual([]);
  expect(exportsOf(file)).toEqual(expect.arrayContaining(C_NAMES));
  const { memory } = instantiate(file);
  expect(memory.buffer.byteLength).toBe(zoo.initialPages * 65536);
  const more = zoo.maximumPages - zoo.initialPages;
  expect(() => memory.grow(more + 1)).toThrow(RangeError);
  expect(memory.grow(more)).toBe(zoo.initialPages);
});

test.each(ZOO_FAULTS)('$allocator with $fault differs from the sound module by its number alone', (fault) => {
  const sound = bytesOf(`${fault.allocator}.wasm`);
  const faulty = bytesOf(faultFile(fault));
  const changed = Array.from(sound.keys()).filter((at) => sound[at] !== faulty[at]);
  expect(faulty.length).toBe(sound.length);
  expect(changed.map((at) => [sound[at], faulty[at]])).toEqual([[0, fault.code]]);
});

test.each(ZOO_FAULTS)('the trace of $allocator with $fault can be read', ({ shortestTrace, leastOperations }) => {
  const { trace } = parseTrace(`# heaplaw trace 1 · subject zoo\n${shortestTrace}`);
  expect(operationCount(trace)).toBe(leastOperations);
});

test('a module without a fault number, or with two, is not copied', () => {
  const bump = bytesOf('bump.wasm');
  expect(() => withFault(bytesOf('abi-lua-alloc.wasm'), 1)).toThrow('no fault number');
  expect(() => withFault(Uint8Array.from([...bump, ...bump]), 1)).toThrow('two fault numbers');
});

test.each(SOUND_MODULES)('sound-$name exports what its profile lists', ({ name, profile }) => {
  const names = C_NAMES.filter((name) => (profile.operations as readonly string[]).includes(name));
  expect(exportsOf(`sound-${name}.wasm`)).toEqual([...names, 'malloc_usable_size'].sort());
});

test('the list of sound-globals is not in memory: its bytes put back do not bring it back', () => {
  const heap = instantiate('sound-globals.wasm');
  const before = Uint8Array.from(new Uint8Array(heap.memory.buffer));
  const first = heap.call('malloc', 100);
  new Uint8Array(heap.memory.buffer).set(before);
  expect(heap.call('malloc', 100)).not.toBe(first);
});

test('sound-scattered places blocks apart, and alike in every instance', () => {
  const pointersOf = (file: string): unknown[] => {
    const heap = instantiate(file);
    const pointers = Array.from({ length: 40 }, () => heap.call('malloc', 200));
    for (const pointer of pointers.filter((_, index) => index % 2 === 0)) heap.call('free', pointer);
    return Array.from({ length: 15 }, () => heap.call('malloc', 200));
  };
  const scattered = pointersOf('sound-scattered.wasm');
  expect(scattered).toEqual(pointersOf('sound-scattered.wasm'));
  expect(scattered).not.toEqual(pointersOf('sound-canaries.wasm'));
  expect(scattered).not.toEqual([...scattered].sort());
});

test('sound-canaries traps on a byte past the end, and on nothing else', () => {
  const heap = instantiate('sound-canaries.wasm');
  const [pointer, other] = [heap.call('malloc', 16), heap.call('malloc', 16)];
  new Uint8Array(heap.memory.buffer).fill(1, pointer, pointer + 16);
  heap.call('free', pointer);
  new Uint8Array(heap.memory.buffer).fill(1, other, other + 32);
  expect(() => heap.call('free', other)).toThrow(WebAssembly.RuntimeError);
});

test.each(ABI_MODULES)('abi-$name exports and imports what the table says', ({ name, exports, imports }) => {
  expect(exportsOf(`abi-${name}.wasm`)).toEqual([...exports].sort());
  expect(importsOf(`abi-${name}.wasm`)).toEqual([...imports].sort());
});

test('posix_memalign writes its pointer only where it succeeds', () => {
  const heap = instantiate('abi-c-full.wasm');
  const cell = heap.call('malloc', 16);
  const read = (): number => new DataView(heap.memory.buffer).getUint32(cell, true);
  expect(heap.call('posix_memalign', cell, 256, 100)).toBe(0);
  const pointer = read();
  expect(pointer % 256).toBe(0);
  expect(heap.call('posix_memalign', cell, 24, 100)).toBe(22);
  expect(heap.call('posix_memalign', cell, 256, 0x7fffffff)).toBe(12);
  expect(read()).toBe(pointer);
});

test('what AssemblyScript objects are not pinned is collected, and what is pinned stays', () => {
  const heap = instantiate('abi-assemblyscript.wasm');
  const object = (): number => heap.call('__new', 64, 1);
  const pinned = heap.call('__pin', object());
  const loose = object();
  heap.call('__collect');
  expect(object()).toBe(loose);
  heap.call('__unpin', pinned);
  heap.call('__collect');
  expect(object()).toBe(pinned);
  expect(() => heap.call('__unpin', pinned)).toThrow(WebAssembly.RuntimeError);
});

test('TinyGo is signed, and traps before it is started and where memory is out', () => {
  const [section] = WebAssembly.Module.customSections(moduleOf('abi-tinygo.wasm'), 'producers');
  expect(new TextDecoder().decode(section)).toContain('TinyGo');
  const wasi = { fd_write: () => 0, proc_exit: () => undefined, random_get: () => 0 };
  const heap = instantiate('abi-tinygo.wasm', { wasi_snapshot_preview1: wasi });
  expect(() => heap.call('malloc', 16)).toThrow(WebAssembly.RuntimeError);
  heap.call('_initialize');
  expect(heap.call('malloc', 16)).toBeGreaterThan(0);
  expect(() => heap.call('malloc', 0x7fffffff)).toThrow(WebAssembly.RuntimeError);
});

test('the minified module asks the glue for memory and believes its refusal', () => {
  const memory = new WebAssembly.Memory({ initial: 2, maximum: 64 });
  const asked: number[] = [];
  const resize = (sizeBytes: number): number => {
    asked.push(sizeBytes);
    if (sizeBytes > 1 << 20) return 0;
    memory.grow((sizeBytes - memory.buffer.byteLength) / 65536);
    return 1;
  };
  const heap = instantiate('abi-minified.wasm', { env: { memory, emscripten_resize_heap: resize } });
  expect(heap.call('b', 200_000)).toBeGreaterThan(0);
  expect(asked).toEqual([6 * 65536]);
  expect(heap.call('b', 2_000_000)).toBe(0);
  expect(memory.buffer.byteLength).toBe(6 * 65536);
});

test('the standalone module notifies the glue each time that memory has grown', () => {
  let notified = 0;
  const env = {
    emscripten_notify_memory_growth: () => {
      notified += 1;
    },
  };
  const heap = instantiate('abi-emscripten-standalone.wasm', { env });
  heap.call('malloc', 200_000);
  heap.call('malloc', 0x7fffffff);
  expect(notified).toBe(1);
});

type Resize = (heap: Heap, pointer: number, oldSize: number, alignment: number, newSize: number) => number;

const RESIZES: readonly (readonly [string, Resize])[] = [
  ['component', (heap, ...values) => heap.call('cabi_realloc', ...values)],
  [
    'bindgen-new',
    (heap, pointer, oldSize, alignment, newSize) =>
      pointer === 0
        ? heap.call('__wbindgen_malloc', newSize, alignment)
        : heap.call('__wbindgen_realloc', pointer, oldSize, newSize, alignment),
  ],
];

test.each(RESIZES)('abi-%s moves, keeps bytes, and traps where memory is out', (name, resize) => {
  const heap = instantiate(`abi-${name}.wasm`);
  const pointer = resize(heap, 0, 0, 8, 32);
  new Uint8Array(heap.memory.buffer).fill(7, pointer, pointer + 32);
  const moved = resize(heap, pointer, 32, 64, 3000);
  expect(moved % 64).toBe(0);
  expect(Array.from(new Uint8Array(heap.memory.buffer, moved, 32))).toEqual(Array(32).fill(7));
  expect(() => resize(heap, moved, 3000, 64, 0x7fff0000)).toThrow(WebAssembly.RuntimeError);
});
