/** Allocators that have to be told where their heap lies, or how large it is, before they grant anything. */
import { describe, expect, it } from 'vitest';
import { type AssembledFunction, type Assembly, assemble } from '../wasm/assemble.ts';
import type { ValueType } from '../wasm/types.ts';
import { fuzzModule } from './fuzz-module.ts';

const i32s = (count: number): ValueType[] => Array.from({ length: count }, () => 'i32');
const global = (value: number, name?: string) =>
  ({ type: 'i32', mutable: name === undefined, value: `i32.const ${value}`, ...(name && { name }) }) as const;

/** Memory of `pages`, which may grow to `most`. */
const memory = (pages: number, most: number): number[] =>
  [1, pages, most].flatMap((count) => (count < 128 ? [count] : [(count & 127) | 128, count >> 7]));

const PAGE_BYTES = 65536;
const HEAP_BASE = 1000;
/** The first multiple of 16 behind. */
const START = 1008;

/** Bumps from global 0 to global 1, in blocks of 8 bytes and more; `unready` is done before it was told these. */
const malloc = (unready: string): AssembledFunction => ({
  name: 'malloc',
  params: i32s(1),
  results: ['i32'],
  locals: ['i32'],
  body: `global.get 0 i32.eqz if void ${unready} end
    local.get 0 i32.const 100000000 i32.gt_u if void i32.const 0 return end
    local.get 0 i32.const 1 local.get 0 select i32.const 7 i32.add i32.const -8 i32.and local.tee 1
    global.get 1 global.get 0 i32.sub i32.gt_u if void i32.const 0 return end
    global.get 0 global.get 0 local.get 1 i32.add global.set 0`,
});
const bump = malloc('unreachable');
const free: AssembledFunction = { name: 'free', params: i32s(1), body: 'nop' };

const toldSize: AssembledFunction = {
  name: 'init',
  params: i32s(2),
  body: 'local.get 0 global.set 0 local.get 0 local.get 1 i32.add global.set 1',
};
const toldEnd: AssembledFunction = {
  name: 'heap_init',
  params: i32s(2),
  results: i32s(1),
  body: 'local.get 0 global.set 0 local.get 1 global.set 1 i32.const 1',
};
/** Keeps the first 16 bytes for itself. */
const toldStart: AssembledFunction = {
  name: '_tlsf_init',
  params: i32s(1),
  body: `local.get 0 i32.const 16 i32.add global.set 0 memory.size i32.const ${PAGE_BYTES} i32.mul global.set 1`,
};
/** The heap lies at `base`. */
const toldOnlySize = (base: number): AssembledFunction => ({
  name: 'mem_setup',
  params: i32s(1),
  body: `i32.const ${base} global.set 0 i32.const ${base} local.get 0 i32.add global.set 1`,
});

interface Shown {
  readonly functions: readonly AssembledFunction[];
  readonly memory?: readonly number[];
  readonly heapBase?: number | undefined;
}

function fuzz({ functions, heapBase, memory: limits = memory(2, 2) }: Shown) {
  const base = heapBase === undefined ? [] : [global(heapBase, '__heap_base')];
  const assembly: Assembly = { memory: limits, globals: [global(0), global(0), ...base], functions };
  const { findings, profile, module } = fuzzModule(assemble(assembly), { runs: 100, endOnFinding: true });
  return { laws: findings.map(({ law }) => law), profile, calls: module?.why.filter((line) => line.includes('first')) };
}

describe('an allocator that has to be told where its heap lies', () => {
  const sizeBytes = 2 * PAGE_BYTES - START;
  const grownAt = 32 * PAGE_BYTES;

  it('and its size is told the room from __heap_base on', () => {
    const { laws, profile, calls } = fuzz({ functions: [bump, free, toldSize], heapBase: HEAP_BASE });
    expect(laws).toEqual([]);
    expect(profile).toMatchObject({ firstPointer: START, arenaStart: START, arenaEnd: 2 * PAGE_BYTES });
    const call = `init(${START}, ${sizeBytes}), taken for init(start, size)`;
    expect(calls).toEqual([`${call}, is called first: nothing is granted before`]);
  });

  it.each([
    ['its size', toldSize, 'init(2097152, 1048576), taken for init(start, size)'],
    ['its end', toldEnd, 'heap_init(2097152, 3145728), taken for heap_init(start, end)'],
  ])('and %s is told new pages where none are known to be free', (_, init, call) => {
    const { laws, profile, calls } = fuzz({ functions: [bump, free, init], memory: memory(32, 64) });
    expect(laws).toEqual([]);
    expect(profile).toMatchObject({ firstPointer: grownAt, arenaStart: grownAt, arenaEnd: 48 * PAGE_BYTES });
    expect(calls).toEqual([`${call}, is called first, with 16 pages added to memory: nothing is granted before`]);
  });

  it.each([
    ['__heap_base', HEAP_BASE, START + ((sizeBytes / 16) & -16), 2],
    ['no __heap_base', undefined, grownAt + PAGE_BYTES, 48],
  ])('and nothing else is told a start with room before it, with %s', (_, heapBase, start, endPage) => {
    const limits = heapBase === undefined ? memory(32, 64) : memory(2, 2);
    const { laws, profile, calls } = fuzz({ functions: [bump, free, toldStart], memory: limits, heapBase });
    expect(laws).toEqual([]);
    expect(profile).toMatchObject({ firstPointer: start + 16, arenaStart: start, arenaEnd: endPage * PAGE_BYTES });
    expect(calls?.[0]).toContain(`_tlsf_init(${start}), taken for _tlsf_init(start)`);
  });

  it('and its end is told both, however much lies before', () => {
    const heapBase = 24 * PAGE_BYTES;
    const { laws, profile } = fuzz({ functions: [bump, free, toldEnd], memory: memory(32, 32), heapBase });
    expect(laws).toEqual([]);
    expect(profile).toMatchObject({ firstPointer: heapBase, arenaStart: heapBase, arenaEnd: 32 * PAGE_BYTES });
  });

  it('and its end is told both, too, where it traps in what it takes for its own', () => {
    const body = `${bump.body} global.get 0 i32.const 1 i32.sub i32.const 255 i32.store8 0 0`;
    const { laws, calls } = fuzz({ functions: [{ ...bump, body }, free, toldEnd], memory: memory(32, 64) });
    expect(laws).toEqual([]);
    expect(calls?.[0]).toContain('taken for heap_init(start, end)');
  });

  it('is told as many new pages as there may be, behind what is left', () => {
    const heapBase = 2 * PAGE_BYTES - 64;
    const { laws, profile, calls } = fuzz({ functions: [bump, free, toldSize], memory: memory(2, 3), heapBase });
    expect([laws, profile.firstPointer, profile.arenaEnd]).toEqual([[], heapBase, 3 * PAGE_BYTES]);
    expect(calls?.[0]).toContain('with 1 page added to memory');
  });

  it('is told so, too, where it refuses instead of trapping before', () => {
    const { laws, profile } = fuzz({ functions: [malloc('i32.const 0 return'), free, toldSize], heapBase: HEAP_BASE });
    expect([laws, profile.firstPointer]).toEqual([[], START]);
  });

  it('is left alone where it grants something already', () => {
    const ready = `i32.const 4096 global.set 0 i32.const ${PAGE_BYTES} global.set 1`;
    const { laws, profile, calls } = fuzz({ functions: [malloc(ready), free, toldSize], heapBase: HEAP_BASE });
    expect([laws, profile.firstPointer, calls]).toEqual([[], 4096, []]);
  });

  it('breaks a law where no place is known to be free', () => {
    expect(fuzz({ functions: [bump, free, toldSize] }).laws).toContain('operations-never-trap');
  });
});

describe('an allocator that has to be told how large its heap is', () => {
  it.each([
    [2048, undefined],
    [2048, HEAP_BASE],
    // Half of memory lies before it, so that its start could be taken for its size.
    [16 * PAGE_BYTES, 16 * PAGE_BYTES],
  ])('is told so, and places it itself, at %s with __heap_base %s', (base, heapBase) => {
    const functions = [bump, free, toldOnlySize(base)];
    const { laws, profile, calls } = fuzz({ functions, memory: memory(32, 64), heapBase });
    expect([laws, profile.firstPointer]).toEqual([[], base]);
    expect(calls?.[0]).toMatch(/^mem_setup\(\d+\), taken for mem_setup\(size\), is called first/);
  });
});

describe('a block outside of the region that the heap was told to use', () => {
  const leaving = (condition: string): AssembledFunction => ({
    ...bump,
    body: `${condition} if void i32.const 4096 return end ${bump.body}`,
  });

  it('breaks a law below it, inside of memory', () => {
    const functions = [leaving('local.get 0 i32.const 4 i32.shr_u i32.const 3 i32.eq'), free, toldSize];
    expect(fuzz({ functions, memory: memory(32, 64) }).laws).toEqual(['regions-stay-in-bounds']);
  });

  it('breaks a law behind it', () => {
    const body = `${toldSize.body} global.get 1 i32.const 8 i32.add global.set 1`;
    const functions = [bump, free, { ...toldSize, body }];
    expect(fuzz({ functions, heapBase: HEAP_BASE }).laws).toEqual(['regions-stay-in-bounds']);
  });
});
