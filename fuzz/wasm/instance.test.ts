import { describe, expect, it } from 'vitest';
import { type AssembledFunction, type AssembledImport, type Assembly, assemble } from './assemble.ts';
import { Instance } from './instance.ts';
import { instrument } from './instrument.ts';
import { type PrepareOptions, prepareModule } from './prepare.ts';

const make = (assembly: Assembly, options: PrepareOptions = {}) =>
  new Instance(prepareModule(assemble(assembly), options));

/** An instance of one memory and some functions. */
function instanceOf(
  functions: AssembledFunction[],
  imports: AssembledImport[] = [],
  more: Partial<Assembly> = {},
): Instance {
  return make({ memory: [0, 1], functions, imports, ...more });
}

function call(instance: Instance, name: string, ...values: number[]): unknown {
  const found = instance.function(name);
  if (found === undefined) throw new Error(`no export ${name}`);
  return found(...values);
}

const imported = (module: string, name: string, params: number, results: 0 | 1 = 1): AssembledImport => ({
  module,
  name,
  type: { params: new Array(params).fill('i32'), results: results === 1 ? ['i32'] : [] },
});

/** A function `f` that passes its parameters on to import 0. */
function forwarding(module: string, name: string, params: number, results: 0 | 1 = 1): Instance {
  const gets = Array.from({ length: params }, (_, index) => `local.get ${index}`).join(' ');
  const entry = imported(module, name, params, results);
  const { params: types, results: answers } = entry.type as { params: 'i32'[]; results: 'i32'[] };
  return instanceOf([{ name: 'f', params: types, results: answers, body: `${gets} call 0` }], [entry]);
}

const word = (instance: Instance, pointer: number) => new DataView(instance.memory.buffer).getUint32(pointer, true);

describe('imports', () => {
  it('supplies every kind from its type', () => {
    const imports: AssembledImport[] = [
      { module: 'm', name: 'long', type: { params: [], results: ['i64'] } },
      { module: 'm', name: 'pair', type: { params: [], results: ['i32', 'f64'] } },
      { module: 'm', name: 'reference', type: { params: [], results: ['externref'] } },
      { module: 'm', name: 'memory', type: [2, 3, 1, 2] },
      { module: 'm', name: 'table', type: [1, 0x70, 1, 1, 9] },
      { module: 'm', name: 'objects', type: [1, 0x6f, 0, 1] },
      { module: 'm', name: '__stack_pointer', type: [3, 0x7f, 1] },
      { module: 'm', name: 'i64', type: [3, 0x7e, 0] },
      { module: 'm', name: 'function', type: [3, 0x70, 1] },
      { module: 'm', name: 'object', type: [3, 0x6f, 0] },
      { module: 'm', name: 'tag', type: [4, 0, 3] },
    ];
    const functions: AssembledFunction[] = [
      { body: 'nop' },
      { name: 'long', results: ['i64'], body: 'call 0' },
      { name: 'pair', results: ['i32', 'f64'], body: 'call 1' },
      { name: 'reference', results: ['externref'], body: 'call 2' },
      { name: 'stack', results: ['i32'], body: 'global.get 0' },
    ];
    const instance = make({ imports, functions });
    expect(['long', 'pair', 'reference', 'stack'].map((name) => call(instance, name))).toEqual([
      0n,
      [0, 0],
      null,
      65536,
    ]);
    expect(instance.memory.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect([...instance.unknownCalls].sort()).toEqual(['m.long', 'm.pair', 'm.reference'].sort());
  });

  it('says in a line what it cannot supply', () => {
    const imports: AssembledImport[] = [{ module: 'm', name: 'any', type: [3, 0x6e, 0] }];
    expect(() => make({ imports })).toThrow(/import m\.any|the module is invalid/);
    const vector: AssembledImport[] = [{ module: 'm', name: 'vector', type: [3, 0x7b, 0] }];
    expect(() => make({ imports: vector })).toThrow('import m.vector (global) cannot be supplied: ');
    expect(() => prepareModule(assemble({ functions: [{ body: 'i32.add' }] }))).toThrow('the module is invalid');
    expect(() => make({ functions: [{ body: 'unreachable' }], start: 0 })).toThrow('the module does not start');
    expect(() => make({ functions: [] }).memory).toThrow('no memory');
  });

  it('caps imported memory, and the module’s own', () => {
    const grow: AssembledFunction = {
      name: 'grow',
      params: ['i32'],
      results: ['i32'],
      body: 'local.get 0 memory.grow',
    };
    const own = make({ memory: [0, 1], functions: [grow] }, { memoryCapBytes: 3 * 65536 });
    expect([call(own, 'grow', 3), call(own, 'grow', 2), own.grow(1), own.growCalls]).toEqual([-1, 1, false, 3]);
    const imports: AssembledImport[] = [{ module: 'env', name: 'memory', type: [2, 1, 1, 100] }];
    const given = make({ imports, functions: [grow] }, { memoryCapBytes: 3 * 65536 });
    expect([given.grow(3), given.grow(2), call(given, 'grow', 1)]).toEqual([false, true, -1]);
  });

  it('grows the heap as emscripten_resize_heap promises, and no further than it may', () => {
    const instance = forwarding('env', 'emscripten_resize_heap', 1);
    expect(call(instance, 'f', 100_000)).toBe(1);
    expect(instance.memoryBytes()).toBe(131072);
    expect(call(instance, 'f', 2 ** 30)).toBe(0);
    instance.refuseGrowth(2);
    expect([call(instance, 'f', 200_000), call(instance, 'f', 300_000), call(instance, 'f', 300_000)]).toEqual([
      1, 0, 1,
    ]);
  });

  it.each(['abort', '_abort_js', 'exit', '__wbindgen_throw', '__cxa_throw'])('does not return from %s', (name) => {
    expect(() => call(forwarding('env', name, 1, 0), 'f', 3)).toThrow(`the module called ${name}(3)`);
  });

  it('answers what is known by name', () => {
    expect(call(forwarding('env', '__syscall_openat', 4), 'f', 0, 0, 0, 0)).toBe(-52);
    expect(call(forwarding('env', 'emscripten_notify_memory_growth', 1, 0), 'f', 0)).toBeUndefined();
    expect(call(forwarding('env', 'emscripten_get_heap_max', 0), 'f')).toBe(65536);
    expect(call(forwarding('env', '_tzset_js', 1), 'f', 0)).toBe(0);
    expect(call(forwarding('env', 'emscripten_date_now', 0), 'f')).toEqual(expect.any(Number));
    const unknown = forwarding('env', 'mystery', 1);
    expect([call(unknown, 'f', 5), [...unknown.unknownCalls]]).toEqual([0, ['env.mystery']]);
  });

  it('copies for emscripten_memcpy_js, and traps outside of memory', () => {
    const instance = forwarding('env', '_emscripten_memcpy_js', 3, 0);
    new Uint8Array(instance.memory.buffer).fill(7, 100, 110);
    call(instance, 'f', 500, 100, 10);
    expect(word(instance, 504)).toBe(0x07070707);
    expect(() => call(instance, 'f', 65530, 100, 10)).toThrow('outside of memory');
  });

  it('knows minified imports by what they are given', () => {
    const copy = forwarding('a', 'b', 3);
    new Uint8Array(copy.memory.buffer).fill(7, 2000, 2600);
    expect(call(copy, 'f', 3000, 2000, 600)).toBe(3000);
    expect(word(copy, 3596)).toBe(0x07070707);
    expect([call(copy, 'f', 3, 2000, 4), [...copy.unknownCalls]]).toEqual([0, ['a.b']]);
    const resize = forwarding('a', 'b', 1);
    expect([call(resize, 'f', 70_000), call(resize, 'f', 5), resize.memoryBytes()]).toEqual([1, 0, 131072]);
  });

  it('calls the table for emscripten’s invoke functions', () => {
    const instance = instanceOf(
      [
        { name: 'f', params: ['i32'], results: ['i32'], body: 'local.get 0 i32.const 20 call 0' },
        { params: ['i32'], results: ['i32'], body: 'local.get 0 i32.const 1 i32.add' },
      ],
      [imported('env', 'invoke_ii', 2)],
      { sections: { 4: [1, 0x70, 0, 2], 9: [1, 0, 0x41, 0, 0x0b, 1, 2] } },
    );
    expect(call(instance, 'f', 0)).toBe(21);
    expect(() => call(instance, 'f', 1)).toThrow('table entry 1, which holds no function');
  });
});

describe('WASI', () => {
  const wasi = (name: string, params: number) => forwarding('wasi_snapshot_preview1', name, params);

  it('has no arguments, no files, and standard output that takes everything', () => {
    const sizes = wasi('args_sizes_get', 2);
    new Uint8Array(sizes.memory.buffer).fill(9, 0, 16);
    expect([call(sizes, 'f', 0, 8), word(sizes, 0), word(sizes, 8)]).toEqual([0, 0, 0]);
    expect(call(wasi('environ_get', 2), 'f', 0, 0)).toBe(0);
    expect(call(wasi('path_open', 9), 'f', ...new Array(9).fill(0))).toBe(44);
    expect(call(wasi('fd_prestat_get', 2), 'f', 3, 0)).toBe(8);
    expect(call(wasi('sock_accept', 3), 'f', 0, 0, 0)).toBe(52);
    const write = wasi('fd_write', 4);
    new Uint32Array(write.memory.buffer).set([0, 5, 0, 6], 4);
    expect([call(write, 'f', 1, 16, 2, 64), word(write, 64), call(write, 'f', 5, 16, 2, 64)]).toEqual([0, 11, 8]);
    const read = wasi('fd_read', 4);
    expect([call(read, 'f', 0, 16, 1, 64), call(read, 'f', 9, 16, 1, 64)]).toEqual([0, 8]);
    const stat = wasi('fd_fdstat_get', 2);
    expect([call(stat, 'f', 1, 16), word(stat, 16), call(stat, 'f', 7, 16)]).toEqual([0, 2, 8]);
    expect(() => call(wasi('proc_exit', 1), 'f', 3)).toThrow('proc_exit(3)');
  });

  it('survives pointers outside of memory', () => {
    const outside = 0xfffffff0;
    expect(call(wasi('args_sizes_get', 2), 'f', outside, outside)).toBe(0);
    expect(call(wasi('fd_write', 4), 'f', 1, outside, 1, outside)).toBe(0);
    expect(call(wasi('fd_fdstat_get', 2), 'f', 1, outside)).toBe(0);
    expect(call(wasi('clock_res_get', 2), 'f', 0, outside)).toBe(0);
  });

  it('has a clock and random bytes that repeat after a restart', () => {
    const clock = instanceOf(
      [{ name: 'f', params: ['i32'], results: ['i32'], body: 'i32.const 0 i64.const 0 local.get 0 call 0' }],
      [{ module: 'wasi_unstable', name: 'clock_time_get', type: { params: ['i32', 'i64', 'i32'], results: ['i32'] } }],
    );
    const random = wasi('random_get', 2);
    const seen = [clock, random].map((instance) => {
      const once = () => [call(instance, 'f', 64, 8), word(instance, 64), word(instance, 68)];
      const first = [once(), once()];
      instance.restart();
      expect([once(), once()]).toEqual(first);
      return first;
    });
    for (const [first, second] of seen) expect(second).not.toEqual(first);
    expect(call(random, 'f', 65530, 100)).toBe(21);
    expect(call(wasi('clock_res_get', 2), 'f', 0, 8)).toBe(0);
  });
});

/** Adds 1 to global 0 and to the word at 4096. */
const step: AssembledFunction = {
  name: 'step',
  results: ['i32'],
  body: `global.get 0 i32.const 1 i32.add global.set 0
    i32.const 0 i32.const 0 i32.load 2 4096 i32.const 1 i32.add i32.store 2 4096
    global.get 0 i32.const 100 i32.mul i32.const 0 i32.load 2 4096 i32.add`,
};
const counter = { type: 'i32', mutable: true, value: 'i32.const 0' } as const;

describe('a module without memory', () => {
  it('gives its imports nothing to read, and nothing to grow', () => {
    const withoutMemory = (name: string, params: number) => {
      const entry = imported('env', name, params);
      const gets = Array.from({ length: params }, (_, index) => `local.get ${index}`).join(' ');
      const types = new Array<'i32'>(params).fill('i32');
      return make({
        imports: [entry],
        functions: [{ name: 'f', params: types, results: ['i32'], body: `${gets} call 0` }],
      });
    };
    expect(call(withoutMemory('emscripten_get_heap_max', 0), 'f')).toBe(0);
    expect(() => call(withoutMemory('emscripten_memcpy_js', 3), 'f', 0, 0, 4)).toThrow('outside of memory');
    expect(() => call(withoutMemory('invoke_i', 1), 'f', 0)).toThrow('table entry 0');
    expect(() => call(withoutMemory('emscripten_resize_heap', 1), 'f', 9)).toThrow('no memory');
    const bare = withoutMemory('x', 0);
    bare.restart();
    bare.markWritten(0, 4);
    expect(bare.takeCoverage(new Int32Array(1))).toBe(false);
  });

  it('gives minified imports no copy and no growth either', () => {
    const functions = [
      { name: 'copy', results: ['i32'], body: 'i32.const 2000 i32.const 9000 i32.const 600 call 0' },
      { name: 'size', results: ['i32'], body: 'i32.const 0 call 1' },
    ] as const;
    const instance = make({ imports: [imported('a', 'a', 3), imported('a', 'b', 1)], functions });
    expect([call(instance, 'copy'), call(instance, 'size'), [...instance.unknownCalls]]).toEqual([
      0,
      0,
      ['a.a', 'a.b'],
    ]);
  });
});

describe('restart', () => {
  it('restores memory, globals and what the host wrote, in the same memory', () => {
    const instance = instanceOf([step], [], { globals: [counter], sections: { 11: [1, 0, 0x41, 8, 0x0b, 1, 0xee] } });
    const { memory } = instance;
    expect([call(instance, 'step'), call(instance, 'step')]).toEqual([101, 202]);
    new Uint8Array(memory.buffer).fill(0xff, 0, 20_000);
    instance.markWritten(0, 20_000);
    instance.restart();
    expect(instance.memory).toBe(memory);
    const bytes = new Uint8Array(memory.buffer);
    expect([bytes[8], bytes.filter((byte) => byte !== 0).length, call(instance, 'step')]).toEqual([0xee, 1, 101]);
  });

  it('shrinks memory that has grown, and clears what it grew by', () => {
    const grown = instanceOf([step], [], { globals: [counter] });
    const { memory } = grown;
    grown.grow(2);
    new Uint8Array(memory.buffer).fill(0xff, 70_000, 150_000);
    grown.markWritten(70_000, 80_000);
    expect([grown.memoryBytes(), call(grown, 'step')]).toEqual([3 * 65536, 101]);
    grown.restart();
    expect([grown.memory === memory, grown.memoryBytes(), call(grown, 'step')]).toEqual([true, 65536, 101]);
    grown.grow(2);
    expect(new Uint8Array(memory.buffer, 0, 3 * 65536).filter((byte) => byte !== 0).length).toBe(1);
  });

  it('makes a new instance when other state was touched', () => {
    const tables = instanceOf([{ name: 'f', body: 'i32.const 0 0xd0 0x70 table.set 0' }], [], {
      sections: { 4: [1, 0x70, 0, 1] },
    });
    const first = tables.memory;
    call(tables, 'f');
    tables.restart();
    expect(tables.memory).not.toBe(first);
  });

  it('always makes a new instance when a global cannot be read', () => {
    const vector = { type: 'v128', mutable: true, value: `0xfd 0x0c ${'0x00 '.repeat(16)}` } as const;
    const instance = instanceOf([step], [], { globals: [counter, vector] });
    const { memory } = instance;
    call(instance, 'step');
    instance.restart();
    expect([instance.memory === memory, call(instance, 'step')]).toEqual([false, 101]);
  });

  it('brings back fuel, growth counts and coverage', () => {
    const bytes = assemble({ memory: [0, 1], functions: [{ name: 'f', body: 'loop void br 0 end' }] });
    const instance = new Instance(prepareModule(bytes, { coverageRoots: ['f'] }));
    const bits = new Int32Array(1);
    instance.refuel(10);
    expect(() => call(instance, 'f')).toThrow('unreachable');
    expect([instance.isOutOfFuel, instance.takeCoverage(bits), bits[0], instance.takeCoverage(bits)]).toEqual([
      true,
      true,
      3,
      false,
    ]);
    instance.freezeGrowth();
    expect(instance.grow(1)).toBe(false);
    instance.restart();
    expect([instance.isOutOfFuel, instance.growCalls, instance.grow(1)]).toEqual([false, 0, true]);
  });
});

describe('a module whose code could not be rewritten', () => {
  const bytes = assemble({ memory: [0, 1], functions: [step], globals: [counter] });

  it('restarts by a new instance, and has neither fuel nor coverage', () => {
    const prepared = prepareModule(bytes);
    const nothing = { fuel: 0, growLimitPages: undefined, virtualLayout: undefined, coverageRoots: undefined };
    const instrumented = { ...instrument(prepared.module, nothing), untouchedBecause: 'an unknown instruction' };
    const compiled = new WebAssembly.Module(instrumented.bytes);
    const instance = new Instance({ ...prepared, instrumented, compiled, layout: undefined });
    const { memory } = instance;
    expect(call(instance, 'step')).toBe(101);
    instance.refuel(-1);
    instance.markWritten(0, 10);
    instance.restart();
    expect([instance.memory === memory, call(instance, 'step'), instance.isOutOfFuel]).toEqual([false, 101, false]);
    expect([instance.grow(1), instance.growCalls]).toEqual([true, 1]);
  });
});

describe('initialisers', () => {
  const adds = (amount: number): string => `global.get 0 i32.const 10 i32.mul i32.const ${amount} i32.add global.set 0`;
  const value: AssembledFunction = { name: 'value', results: ['i32'], body: 'global.get 0' };

  it('calls each once and in order, and the constructors only where _initialize does not', () => {
    const named = (name: string, amount: number) => ({ name, body: adds(amount) });
    const all = [
      value,
      named('__wbindgen_start', 4),
      named('__wasm_call_ctors', 3),
      named('_initialize', 2),
      named('emscripten_stack_init', 1),
    ];
    expect(call(instanceOf(all, [], { globals: [counter] }), 'value')).toBe(124);
    const without = all.filter(({ name }) => name !== '_initialize');
    const instance = instanceOf(without, [], { globals: [counter] });
    instance.restart();
    expect(call(instance, 'value')).toBe(134);
  });

  it('tells the start of a module with threads to take the usual stack', () => {
    const start: AssembledFunction = { name: '__wbindgen_start', params: ['i32'], body: 'local.get 0 global.set 0' };
    const globals = [{ ...counter, value: 'i32.const 5' }] as const;
    expect(call(instanceOf([value, start], [], { globals }), 'value')).toBe(0);
  });

  it('refuses a module whose constructors fail, and does without an optional one', () => {
    expect(() => instanceOf([{ name: '_initialize', body: 'unreachable' }])).toThrow(
      'the initialiser _initialize fails without its environment: unreachable',
    );
    const start = { name: '__wbindgen_start', body: `${adds(1)} unreachable` };
    const instance = instanceOf([value, start], [], { globals: [counter] });
    expect([call(instance, 'value'), instance.notes]).toEqual([
      0,
      ['__wbindgen_start was not run: it fails without its environment (unreachable)'],
    ]);
  });

  describe('of a heap', () => {
    const init: AssembledFunction = {
      name: 'init',
      params: ['i32', 'i32'],
      results: ['i32'],
      body: `${adds(1)} local.get 0 local.get 1 i32.store 2 0 local.get 0`,
    };
    const heapInitialiser = { name: 'init', values: [65536, 77], grownPages: 2 };
    const heap = (more: AssembledFunction[] = [], sections = {}) => {
      const functions = [value, init, ...more];
      const prepared = prepareModule(assemble({ memory: [0, 1], functions, globals: [counter], sections }));
      return new Instance({ ...prepared, heapInitialiser });
    };
    const seen = (instance: Instance) => [
      instance.memoryBytes() / 65536,
      word(instance, 65536),
      call(instance, 'value'),
    ];

    it('are given what they want, in memory that has grown for them, after every restart', () => {
      const instance = heap();
      const { memory } = instance;
      expect([...seen(instance), instance.growCalls]).toEqual([3, 77, 1, 0]);
      instance.grow(1);
      new Uint8Array(memory.buffer).fill(0xff, 65536, 65600);
      instance.markWritten(65536, 64);
      instance.restart();
      expect([instance.memory === memory, ...seen(instance)]).toEqual([true, 3, 77, 1]);
      expect(word(instance, 65540)).toBe(0);
    });

    it('are called again where only a new instance will do', () => {
      const touch = { name: 'touch', body: 'i32.const 0 0xd0 0x70 table.set 0' };
      const instance = heap([touch], { 4: [1, 0x70, 0, 1] });
      const { memory } = instance;
      call(instance, 'touch');
      instance.restart();
      expect([instance.memory === memory, ...seen(instance)]).toEqual([false, 3, 77, 1]);
    });

    it('are called once, too, where another initialiser failed', () => {
      const instance = heap([{ name: '__wbindgen_start', body: `${adds(1)} unreachable` }]);
      expect([...seen(instance), instance.notes.length]).toEqual([3, 77, 1, 1]);
    });
  });

  it('calls the constructors of Emscripten whose name was shortened: the first function, where all names are short', () => {
    const named = (name: string, amount: number) => ({ name, body: adds(amount) });
    const read = { ...value, name: 'v' };
    const countedBy = (...functions: AssembledFunction[]) =>
      call(instanceOf(functions, [], { globals: [counter] }), 'v');
    expect(countedBy(named('k', 1), named('l', 2), read)).toBe(1);
    expect(countedBy({ ...read, name: 'k', body: `${adds(1)} global.get 0` }, read)).toBe(0);
    expect(countedBy(named('k', 1), named('reset', 2), read)).toBe(0);
  });

  it('runs the start function of TinyGo modules, which may exit well', () => {
    const imports = [imported('wasi_snapshot_preview1', 'proc_exit', 1, 0), imported('gojs', 'runtime.ticks', 0)];
    const start = { name: '_start', body: `${adds(5)} i32.const 0 call 0` };
    const instance = instanceOf([value, start], imports, { globals: [counter] });
    expect([call(instance, 'value'), instance.notes]).toEqual([5, []]);
  });

  it('reads exported globals', () => {
    const globals = [{ type: 'i32', mutable: false, value: 'i32.const 1024', name: '__heap_base' }] as const;
    const instance = instanceOf([value], [], { globals });
    expect([instance.globalValue('__heap_base'), instance.globalValue('value')]).toEqual([1024, undefined]);
    expect(instance.mutableI32Globals()).toEqual([]);
  });
});
