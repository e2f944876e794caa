import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type AssembledFunction, assemble } from './assemble.ts';
import { type InstrumentOptions, instrument } from './instrument.ts';
import { parseModule } from './module.ts';
import { PRIVATE, privateCoverage, privateGlobal } from './private-names.ts';
import { virtualLayout } from './virtual-layout.ts';

const NOTHING: InstrumentOptions = {
  fuel: 0,
  growLimitPages: undefined,
  virtualLayout: undefined,
  coverageRoots: undefined,
};

type Callable = (...values: number[]) => number;

interface Running {
  readonly call: (name: string, ...values: number[]) => number;
  readonly global: (name: string) => WebAssembly.Global;
  readonly memory: WebAssembly.Memory;
}

function run(bytes: Uint8Array, options: Partial<InstrumentOptions>): Running {
  const { bytes: rewritten } = instrument(parseModule(bytes), { ...NOTHING, ...options });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(rewritten), {});
  return {
    call: (name, ...values) => (exports[name] as Callable)(...values),
    global: (name) => exports[name] as WebAssembly.Global,
    memory: exports[PRIVATE.memory] as WebAssembly.Memory,
  };
}

/** As `run`, with memory of a pretended size; `written` are the pages of 4 KiB that are marked. */
function runVirtually(bytes: Uint8Array): Running & { written(): number[] } {
  const layout = virtualLayout(parseModule(bytes), 4);
  if (layout === undefined) throw new Error('the size of this memory cannot be pretended');
  const running = run(bytes, { virtualLayout: layout });
  const map = new Uint8Array(running.memory.buffer, layout.mapAddress, layout.capBytes / 4096);
  return { ...running, written: () => Array.from(map.keys()).filter((page) => map[page] === 1) };
}

const oneFunction = (body: string, more: Partial<AssembledFunction> = {}) =>
  assemble({ memory: [1, 1, 10], functions: [{ name: 'f', body, ...more }] });

describe('instrument', () => {
  it('ends a hang as a trap when the fuel is used up', () => {
    const { call, global } = run(oneFunction('loop void br 0 end'), { fuel: 1000 });
    expect(() => call('f')).toThrow('unreachable');
    expect(global(PRIVATE.fuel).value).toBe(-1);
  });

  it('takes fuel at entries and rounds, and otherwise changes nothing', () => {
    const body = 'loop void local.get 0 i32.const 1 i32.sub local.tee 0 br_if 0 end local.get 1';
    const { call, global } = run(oneFunction(body, { params: ['i32', 'i32'], results: ['i32'] }), { fuel: 1000 });
    expect(call('f', 10, 7)).toBe(7);
    expect(global(PRIVATE.fuel).value).toBe(1000 - 11);
  });

  it('counts, limits and refuses growth', () => {
    const grow = oneFunction('local.get 0 memory.grow', { params: ['i32'], results: ['i32'] });
    const { call, global, memory } = run(grow, { growLimitPages: 4 });
    expect([call('f', 1), call('f', 0), call('f', 9), call('f', -1)]).toEqual([1, 2, -1, -1]);
    expect(global(PRIVATE.growCalls).value).toBe(3);
    global(PRIVATE.growRefusal).value = 2;
    expect([call('f', 1), call('f', 1), call('f', 1)]).toEqual([2, -1, 3]);
    memory.grow(3);
    expect(call('f', 1)).toBe(-1);
  });

  it('exports every mutable global, in a module without an export section too', () => {
    const globals = [
      { type: 'i32', mutable: true, value: 'i32.const 7' },
      { type: 'i32', mutable: false, value: 'i32.const 8' },
      { type: 'i64', mutable: true, value: 'i64.const -1' },
    ] as const;
    const { mutableGlobals } = instrument(parseModule(assemble({ globals })), NOTHING);
    expect(mutableGlobals.map(({ name, type }) => [name, type])).toEqual([
      [privateGlobal(0), 'i32'],
      [privateGlobal(2), 'i64'],
    ]);
    const { global } = run(assemble({ globals, custom: { note: [1, 2] } }), {});
    expect([global(privateGlobal(0)).value, global(privateGlobal(2)).value]).toEqual([7, -1n]);
  });

  it.each([
    ['i32.store', 'local.get 0 i32.const 1 i32.store 2 0'],
    ['i64.store32', 'local.get 0 i64.const 1 i64.store32 2 0'],
    ['f32.store', 'local.get 0 0x43 0 0 0 0 f32.store 2 0'.replace(/ 0 0 0 0/, ' 0x00 0x00 0x00 0x00')],
    ['v128.store', 'local.get 0 local.get 0 0xfd 0x11 0xfd 0x0b 0x00 0x00'],
    ['v128.store32_lane', 'local.get 0 local.get 0 0xfd 0x11 0xfd 0x5a 0x00 0x00 0x01'],
    ['memory.fill', 'local.get 0 i32.const 1 i32.const 5 memory.fill'],
    ['memory.copy', 'local.get 0 i32.const 0 i32.const 5 memory.copy'],
    ['i32.atomic.store', 'local.get 0 i32.const 1 0xfe 0x17 0x02 0x00'],
    ['i64.atomic.rmw.add', 'local.get 0 i64.const 1 0xfe 0x1f 0x03 0x00 drop'],
    ['i32.atomic.rmw8.cmpxchg_u', 'local.get 0 i32.const 1 i32.const 2 0xfe 0x4a 0x00 0x00 drop'],
  ])('marks the page that %s writes', (_, body) => {
    const bytes = oneFunction(body, { params: ['i32'] });
    const { call, global, written } = runVirtually(bytes);
    call('f', 3 * 4096 + 8);
    expect([written(), global(PRIVATE.otherState).value]).toEqual([[3], 0]);
  });

  it('marks offsets, ranges, and nothing for an empty range', () => {
    const store = runVirtually(oneFunction('local.get 0 i32.const 1 i32.store 2 8192', { params: ['i32'] }));
    store.call('f', 4096);
    expect(store.written()).toEqual([3]);
    const fill = oneFunction('local.get 0 i32.const 9 local.get 1 memory.fill', { params: ['i32', 'i32'] });
    const { call, written } = runVirtually(fill);
    call('f', 0, 0);
    expect(written()).toEqual([]);
    call('f', 4000, 8200);
    expect(written()).toEqual([0, 1, 2]);
    call('f', 16384, 4096);
    expect(written()).toEqual([0, 1, 2, 4]);
  });

  it('says when state elsewhere was written', () => {
    const bytes = assemble({
      memory: [0, 1],
      functions: [{ name: 'f', body: 'data.drop 0' }],
      sections: { 12: [1], 11: [1, 1, 2, 0xaa, 0xbb] },
    });
    const { call, global } = runVirtually(bytes);
    call('f');
    expect(global(PRIVATE.otherState).value).toBe(1);
  });

  it('gives every branch of a reachable function a bit, and leaves out the others', () => {
    const bytes = assemble({
      functions: [
        { name: 'f', params: ['i32'], results: ['i32'], body: 'local.get 0 if i32 i32.const 5 else i32.const 6 end' },
        { name: 'g', params: ['i32'], results: ['i32'], body: 'local.get 0 if void call 2 end i32.const 1' },
        { body: 'block void i32.const 0 br_if 0 end' },
        { name: 'other', body: 'nop' },
      ],
    });
    const { edges } = instrument(parseModule(bytes), { ...NOTHING, coverageRoots: ['f', 'g'] });
    expect(edges).toBe(4 + 4 + 3);
    const { call, global } = run(bytes, { coverageRoots: ['f'] });
    const seen = [1, 0].map((value) => {
      global(privateCoverage(0)).value = 0;
      return [call('f', value), global(privateCoverage(0)).value];
    });
    expect(seen).toEqual([
      [5, 0b1011],
      [6, 0b1101],
    ]);
  });

  it('reaches what a table may hold, by type', () => {
    const bytes = assemble({
      functions: [
        { name: 'f', results: ['i32'], body: 'i32.const 0 call_indirect 1 0' },
        { results: ['i32'], body: 'i32.const 3' },
        { params: ['i32'], body: 'nop' },
      ],
      sections: { 4: [1, 0x70, 0, 2], 9: [2, 0, 0x41, 0, 0x0b, 1, 1, 5, 0x70, 1, 0xd2, 2, 0x0b] },
    });
    expect(instrument(parseModule(bytes), { ...NOTHING, coverageRoots: ['f'] }).edges).toBe(2);
    expect(run(bytes, { coverageRoots: ['f'] }).call('f')).toBe(3);
  });

  it('keeps both forms of exceptions, tail calls and the start function as they are', () => {
    const bytes = assemble({
      globals: [{ type: 'i32', mutable: true, value: 'i32.const 0', name: 'started' }],
      functions: [
        { body: 'i32.const 1 global.set 0' },
        { name: 'f', results: ['i32'], body: 'try i32 call 2 i32.const 0 catch_all i32.const 9 end' },
        { body: 'try void throw 0 delegate 0' },
        { name: 'tail', results: ['i32'], body: 'return_call 1' },
      ],
      start: 0,
      sections: { 13: [1, 0, 0] },
    });
    const { call, global } = run(bytes, { fuel: 100, coverageRoots: ['f', 'tail'] });
    expect([call('f'), call('tail'), global('started').value]).toEqual([9, 9, 1]);
  });

  it('leaves bodies alone when an instruction is not known, and says so', () => {
    const bytes = assemble({ memory: [0, 1], functions: [{ name: 'f', body: '0xfc 0x13' }] });
    const result = instrument(parseModule(bytes), { ...NOTHING, fuel: 5 });
    expect(result.untouchedBecause).toBe('unknown instruction 0xfc013 at byte 3');
    expect(parseModule(result.bytes).exports.map(({ name }) => name)).toEqual(['f', 'memory', PRIVATE.memory]);
  });

  it('keeps custom sections, but not those that hold offsets into code', () => {
    const bytes = assemble({ functions: [{ body: 'nop' }], custom: { name: [1], 'metadata.code.branch_hint': [2] } });
    const { sections } = parseModule(instrument(parseModule(bytes), { ...NOTHING, fuel: 5 }).bytes);
    expect(sections.filter(({ id }) => id === 0).map(({ name }) => name)).toEqual(['name']);
  });
});

describe('what this engine may not run yet', () => {
  /** The bytes of the one function after a rewrite, for memories given by their limits. */
  const rewritten = (memories: readonly (readonly number[])[], body: string) => {
    const bytes = assemble({
      functions: [{ name: 'f', params: ['i64'], body }],
      sections: { 5: [memories.length, ...memories.flat()] },
    });
    const result = instrument(parseModule(bytes), { ...NOTHING, growLimitPages: 9 });
    const code = parseModule(result.bytes).sections.find(({ id }) => id === 10)?.contents ?? new Uint8Array();
    return Array.from(code)
      .map((byte) => byte.toString(16).padStart(2, '0'))
      .join(' ');
  };
  it('grows each memory by a function of its own', () => {
    expect(rewritten([[5, 1, 2]], 'local.get 0 memory.grow drop')).toContain('20 00 10 01 1a');
    expect(
      rewritten(
        [
          [0, 1],
          [0, 1],
        ],
        'i32.const 1 0x40 0x01 drop',
      ),
    ).toContain('41 01 10 02 1a');
  });
});

const REAL = {
  wasmoon: 'wasmoon/dist/glue.wasm',
  sqlite: '@sqlite.org/sqlite-wasm/sqlite-wasm/jswasm/sqlite3.wasm',
  harfbuzz: 'harfbuzzjs/dist/harfbuzz.wasm',
  'harfbuzz-subset': 'harfbuzzjs/dist/harfbuzz-subset.wasm',
  lz4: 'lz4-wasm-nodejs/lz4_wasm_nodejs_bg.wasm',
  'sh-syntax': 'sh-syntax/main.wasm',
  webp: '@cwasm/webp/webp.wasm',
} as const;

/** Imports that answer nothing, and `memory` where it is imported. */
function inertImports(module: WebAssembly.Module, memory: WebAssembly.Memory): WebAssembly.Imports {
  const imports: Record<string, Record<string, WebAssembly.ImportValue>> = {};
  for (const { module: space, name, kind } of WebAssembly.Module.imports(module)) {
    imports[space] = { ...imports[space], [name]: kind === 'memory' ? memory : () => 0 };
  }
  return imports;
}

/** Pointers of some mallocs and frees, as the module itself answers them. */
function pointers(bytes: Uint8Array<ArrayBuffer>, memory: WebAssembly.MemoryDescriptor): number[] {
  const module = new WebAssembly.Module(bytes);
  const { exports } = new WebAssembly.Instance(module, inertImports(module, new WebAssembly.Memory(memory)));
  const find = (name: string) => exports[name] as Callable | undefined;
  find('__wasm_call_ctors')?.();
  find('_initialize')?.();
  const malloc = find('malloc') ?? ((sizeBytes: number) => find('__wbindgen_malloc')?.(sizeBytes, 8) ?? 0);
  const free =
    find('free') ?? ((pointer: number, sizeBytes: number) => find('__wbindgen_free')?.(pointer, sizeBytes, 8));
  return Array.from({ length: 60 }, (_, index) => {
    const sizeBytes = 1 + index * 61;
    const pointer = malloc(sizeBytes);
    if (index % 3 === 0) free(pointer, sizeBytes);
    return pointer;
  });
}

describe('instrumented npm modules', () => {
  it.each(Object.entries(REAL))('%s validates and gives the same pointers', (_, path) => {
    const bytes = new Uint8Array(readFileSync(new URL(`../../node_modules/${path}`, import.meta.url)));
    const module = parseModule(bytes);
    const roots = ['malloc', 'free', '__wbindgen_malloc', '__wbindgen_free'];
    const rewritten = instrument(module, {
      fuel: 2 ** 30,
      growLimitPages: 1100,
      virtualLayout: virtualLayout(module, 1100),
      coverageRoots: roots,
    });
    expect(rewritten.untouchedBecause).toBeUndefined();
    expect(rewritten.edges).toBeGreaterThan(50);
    expect(WebAssembly.validate(rewritten.bytes)).toBe(true);
    const pages = virtualLayout(module, 1100)?.physicalPages ?? 0;
    const own = pointers(rewritten.bytes, { initial: pages, maximum: pages });
    expect(own).toEqual(pointers(bytes, { initial: 256, maximum: 32768 }));
  });
});
