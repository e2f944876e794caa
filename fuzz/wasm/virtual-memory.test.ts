import { describe, expect, it } from 'vitest';
import { type AssembledFunction, type Assembly, assemble } from './assemble.ts';
import { Instance } from './instance.ts';
import { parseModule } from './module.ts';
import { prepareModule } from './prepare.ts';
import type { ValueType } from './types.ts';
import { virtualLayout } from './virtual-layout.ts';

const PAGE_BYTES = 65536;
const CAP_PAGES = 3;

/** One memory of a page that may grow to three, and `functions`, as the engine runs it and with a pretended size. */
interface Pair {
  readonly real: WebAssembly.Instance;
  readonly pretended: Instance;
}

function pairOf(functions: readonly AssembledFunction[], more: Partial<Assembly> = {}): Pair {
  const grow = { name: 'grow', params: ['i32'], results: ['i32'], body: 'local.get 0 memory.grow' } as const;
  const size = { name: 'size', results: ['i32'], body: 'memory.size' } as const;
  const bytes = assemble({ memory: [1, 1, CAP_PAGES], functions: [...functions, grow, size], ...more });
  return {
    real: new WebAssembly.Instance(new WebAssembly.Module(bytes)),
    pretended: new Instance(prepareModule(bytes)),
  };
}

type Callable = (...values: number[]) => unknown;

/** What a call gives, or the message it traps with. */
function outcome(found: unknown, values: readonly number[]): unknown {
  try {
    return (found as Callable)(...values);
  } catch (error) {
    return error instanceof WebAssembly.RuntimeError ? error.message : error;
  }
}

const realMemory = ({ real }: Pair) => new Uint8Array((real.exports['memory'] as WebAssembly.Memory).buffer);

const seenMemory = ({ pretended }: Pair) => new Uint8Array(pretended.memory.buffer, 0, pretended.memoryBytes());

/** Calls `name` in both and expects the same answer, or the same trap, and the same memory; the answer. */
function callBoth(pair: Pair, name: string, ...values: number[]): unknown {
  const answer = outcome(pair.pretended.function(name), values);
  expect([name, values, answer]).toEqual([name, values, outcome(pair.real.exports[name], values)]);
  expect(Buffer.compare(realMemory(pair), seenMemory(pair))).toBe(0);
  return answer;
}

/** Name, opcode, bytes, the values above the address (instructions), the type of the result, the alignment exponent. */
type AccessRow = readonly [
  name: string,
  opcode: string,
  bytes: number,
  values: string,
  result?: ValueType,
  align?: number,
];

const V128 = 'i32.const 99 0xfd 0x11';
const F32 = '0x43 0x01 0x02 0x03 0x04';
const F64 = '0x44 0x01 0x02 0x03 0x04 0x05 0x06 0x07 0x08';

const LOADS: readonly AccessRow[] = [
  ['i32.load', '0x28', 4, '', 'i32'],
  ['i64.load', '0x29', 8, '', 'i64'],
  ['f32.load', '0x2a', 4, '', 'f32'],
  ['f64.load', '0x2b', 8, '', 'f64'],
  ['i32.load8_s', '0x2c', 1, '', 'i32'],
  ['i32.load8_u', '0x2d', 1, '', 'i32'],
  ['i32.load16_s', '0x2e', 2, '', 'i32'],
  ['i32.load16_u', '0x2f', 2, '', 'i32'],
  ['i64.load8_s', '0x30', 1, '', 'i64'],
  ['i64.load8_u', '0x31', 1, '', 'i64'],
  ['i64.load16_s', '0x32', 2, '', 'i64'],
  ['i64.load16_u', '0x33', 2, '', 'i64'],
  ['i64.load32_s', '0x34', 4, '', 'i64'],
  ['i64.load32_u', '0x35', 4, '', 'i64'],
];

const STORES: readonly AccessRow[] = [
  ['i32.store', '0x36', 4, 'i32.const 77'],
  ['i64.store', '0x37', 8, 'i64.const 77'],
  ['f32.store', '0x38', 4, F32],
  ['f64.store', '0x39', 8, F64],
  ['i32.store8', '0x3a', 1, 'i32.const 77'],
  ['i32.store16', '0x3b', 2, 'i32.const 77'],
  ['i64.store8', '0x3c', 1, 'i64.const 77'],
  ['i64.store16', '0x3d', 2, 'i64.const 77'],
  ['i64.store32', '0x3e', 4, 'i64.const 77'],
];

/** Behind a vector load comes i32x4.extract_lane 0, so that JavaScript can read the result. */
const FIRST_LANE = '0xfd 0x1b 0x00';

const VECTORS: readonly AccessRow[] = [
  ...['v128.load', 'load8x8_s', 'load8x8_u', 'load16x4_s', 'load16x4_u', 'load32x2_s', 'load32x2_u'].map(
    (name, index): AccessRow => [name, `0xfd 0x0${index}`, index === 0 ? 16 : 8, '', 'v128'],
  ),
  ['v128.load8_splat', '0xfd 0x07', 1, '', 'v128'],
  ['v128.load16_splat', '0xfd 0x08', 2, '', 'v128'],
  ['v128.load32_splat', '0xfd 0x09', 4, '', 'v128'],
  ['v128.load64_splat', '0xfd 0x0a', 8, '', 'v128'],
  ['v128.store', '0xfd 0x0b', 16, V128],
  ...[1, 2, 4, 8].map(
    (bytes, index): AccessRow => [`load${bytes * 8}_lane`, `0xfd 0x5${4 + index}`, bytes, V128, 'v128'],
  ),
  ...['8', '9', 'a', 'b'].map(
    (digit, index): AccessRow => [`store${8 << index}_lane`, `0xfd 0x5${digit}`, 1 << index, V128],
  ),
  ['v128.load32_zero', '0xfd 0x5c', 4, '', 'v128'],
  ['v128.load64_zero', '0xfd 0x5d', 8, '', 'v128'],
];

const ATOMIC_TYPES = ['i32', 'i64', 'i32', 'i32', 'i64', 'i64', 'i64'] as const;
const ATOMIC_BYTES = [4, 8, 1, 2, 1, 2, 4];
const hex = (byte: number) => `0x${byte.toString(16)}`;

/** Seven widths of one group of atomic instructions from opcode `first` on, with so many values above the address. */
function atomics(name: string, first: number, values: number, answers: boolean): AccessRow[] {
  return ATOMIC_TYPES.map((type, index): AccessRow => {
    const bytes = ATOMIC_BYTES[index] ?? 0;
    const operands = new Array(values).fill(`${type}.const 5`).join(' ');
    const row = [`${name} ${type} ${bytes}`, `0xfe ${hex(first + index)}`, bytes, operands] as const;
    return [...row, answers ? type : undefined, Math.log2(bytes)] as AccessRow;
  });
}

const ATOMICS: readonly AccessRow[] = [
  ['memory.atomic.notify', '0xfe 0x00', 4, 'i32.const 1', 'i32', 2],
  ['memory.atomic.wait32', '0xfe 0x01', 4, 'i32.const 1 i64.const 0', 'i32', 2],
  ['memory.atomic.wait64', '0xfe 0x02', 8, 'i64.const 1 i64.const 0', 'i32', 3],
  ...atomics('load', 0x10, 0, true),
  ...atomics('store', 0x17, 1, false),
  ...['add', 'sub', 'and', 'or', 'xor', 'xchg'].flatMap((name, group) => atomics(name, 0x1e + 7 * group, 1, true)),
  ...atomics('cmpxchg', 0x48, 2, true),
];

const leb = (value: number): string => (value < 128 ? hex(value) : `${hex((value & 127) | 128)} ${leb(value >>> 7)}`);

/** A function of the address that does the access at `offset`. */
function accessAt([, opcode, , values, result, align = 0]: AccessRow, offset: number): AssembledFunction {
  const lane = /^0xfd 0x5[4-9ab]$/.test(opcode) ? '0x00' : '';
  const seen = result === 'v128' ? FIRST_LANE : '';
  const results: ValueType[] = result === undefined ? [] : [result === 'v128' ? 'i32' : result];
  const body = `local.get 0 ${values} ${opcode} ${hex(align)} ${leb(offset)} ${lane} ${seen}`;
  return { name: `at${offset}`, params: ['i32'], results, body };
}

/** None, a small one, one beyond the first page, one beyond what memory may ever have, the largest there is. */
const OFFSETS = [0, 24, PAGE_BYTES + 8, CAP_PAGES * PAGE_BYTES, 2 ** 32 - 1];

/** Addresses around the end of a memory of `sizeBytes` for an access of `bytes` at `offset`, as 32 bits. */
function addressesFor(sizeBytes: number, bytes: number, offset: number): number[] {
  const last = sizeBytes - bytes - offset;
  const near = [last - 1, last, last + 1, last + bytes, sizeBytes - 1, sizeBytes].filter((address) => address >= 0);
  return [...new Set([0, 64, ...near, -1, -bytes, -offset, 2 ** 31])].map((address) => address | 0);
}

const tryAll = (pair: Pair, bytes: number, sizeBytes: number) =>
  OFFSETS.flatMap((offset) =>
    addressesFor(sizeBytes, bytes, offset).map((address) => callBoth(pair, `at${offset}`, address)),
  );

const GROUPS: readonly (readonly [kind: string, rows: readonly AccessRow[]])[] = [
  ['loads', LOADS],
  ['stores', STORES],
  ['vectors', VECTORS],
  ['atomics', ATOMICS],
];

describe.each(GROUPS)('%s in a memory of pretended size', (_, rows) => {
  it.each(rows.map((row) => [row[0], row] as const))('%s ends where memory does, before and after growth', (_, row) => {
    const pair = pairOf(OFFSETS.map((offset) => accessAt(row, offset)));
    for (let at = 0; at < PAGE_BYTES; at += 1) {
      realMemory(pair)[at] = at % 251;
      seenMemory(pair)[at] = at % 251;
    }
    const before = tryAll(pair, row[2], PAGE_BYTES);
    callBoth(pair, 'grow', 1);
    const grown = tryAll(pair, row[2], 2 * PAGE_BYTES);
    callBoth(pair, 'grow', CAP_PAGES);
    const refused = tryAll(pair, row[2], 2 * PAGE_BYTES);
    for (const answers of [before, grown, refused]) {
      expect(answers).toContain('memory access out of bounds');
      expect(answers.some((answer) => answer !== 'memory access out of bounds')).toBe(true);
    }
  });
});

const RANGE = ['i32', 'i32', 'i32'] as const;
const BULK: readonly AssembledFunction[] = [
  { name: 'fill', params: RANGE, body: 'local.get 0 local.get 1 local.get 2 memory.fill' },
  { name: 'copy', params: RANGE, body: 'local.get 0 local.get 1 local.get 2 memory.copy' },
  { name: 'init', params: RANGE, body: 'local.get 0 local.get 1 local.get 2 memory.init 0' },
];
/** A passive segment of five bytes. */
const SEGMENT = { sections: { 12: [1], 11: [1, 1, 5, 1, 2, 3, 4, 5] } };

describe('ranges in a memory of pretended size', () => {
  it.each([1, 2])('may be empty at the end, and write nothing when they pass it, with %i pages', (pages) => {
    const pair = pairOf(BULK, SEGMENT);
    callBoth(pair, 'grow', pages - 1);
    const size = pages * PAGE_BYTES;
    const ranges = [size - 5, size - 4, size - 1, size, size + 1, -1, -5].flatMap((start) =>
      [0, 1, 4, 5, 6, size, -1].map((length) => [start, length] as const),
    );
    for (const [start, length] of ranges) {
      callBoth(pair, 'fill', start, 7, length);
      callBoth(pair, 'copy', start, 64, length);
      callBoth(pair, 'copy', 64, start, length);
      callBoth(pair, 'init', start, 0, length);
    }
    expect(callBoth(pair, 'fill', size, 7, 0)).toBeUndefined();
    expect(callBoth(pair, 'fill', size - 4, 7, 5)).toBe('memory access out of bounds');
  });
});

describe('growth of a memory of pretended size', () => {
  it('answers as that of a real one does', () => {
    const pair = pairOf([]);
    const answers = [0, 1, 5, 0, -1, 1, 1, 0].map((pages) => callBoth(pair, 'grow', pages));
    expect(answers).toEqual([1, 1, -1, 2, -1, 2, -1, 3]);
    expect(callBoth(pair, 'size')).toBe(3);
  });

  it('is the host’s as well, and refuses what is beyond the cap', () => {
    const { pretended } = pairOf([]);
    expect([pretended.grow(1), pretended.grow(2), pretended.memoryBytes()]).toEqual([true, false, 2 * PAGE_BYTES]);
    expect(outcome(pretended.function('size'), [])).toBe(2);
  });

  it('goes on from what initialisers grew', () => {
    const initialise = { name: '_initialize', body: 'i32.const 1 memory.grow drop' };
    const { pretended } = pairOf([initialise]);
    expect([pretended.memoryBytes(), pretended.grow(1)]).toEqual([2 * PAGE_BYTES, true]);
    pretended.restart();
    expect(pretended.memoryBytes()).toBe(2 * PAGE_BYTES);
  });
});

/** Every kind of write, each at an address, and a global that counts them. */
const WRITES = [...STORES, ...VECTORS, ...ATOMICS].filter(([name]) => /store|add|xchg/.test(name));

describe('restart', () => {
  it('puts every byte, the size and globals back, whatever was written', () => {
    const counts = 'global.get 0 i32.const 1 i32.add global.set 0';
    const writes = WRITES.map((row, index): AssembledFunction => {
      const { body, results = [] } = accessAt(row, index % 3 === 0 ? 8 : 0);
      return { name: `w${index}`, params: ['i32'], body: `${counts} ${body} ${results.length > 0 ? 'drop' : ''}` };
    });
    const globals = [{ type: 'i32', mutable: true, value: 'i32.const 3', name: 'count' }] as const;
    const data = { 12: [2], 11: [2, 1, 5, 1, 2, 3, 4, 5, 0, 0x41, 0x80, 0x80, 0x01, 0x0b, 3, 9, 8, 7] };
    const { pretended } = pairOf([...writes, ...BULK], { globals, sections: data });
    const seen = () => Buffer.from(pretended.memory.buffer, 0, pretended.memoryBytes());
    const first = Buffer.from(seen());
    for (let round = 0; round < 40; round += 1) {
      pretended.grow(round % CAP_PAGES);
      const size = pretended.memoryBytes();
      const place = (index: number) => ((round * 7919 + index * 4093) * 16) % (size - 64);
      writes.forEach((_, index) => void outcome(pretended.function(`w${index}`), [place(index)]));
      // The last bytes of a page, so that the write reaches into the next one.
      writes.forEach(
        (_, index) => void outcome(pretended.function(`w${index}`), [4096 * ((round + index) % 15) + 4090]),
      );
      outcome(pretended.function('fill'), [place(1), 255, 5000]);
      outcome(pretended.function('copy'), [place(2), place(3), 9000]);
      outcome(pretended.function('init'), [place(4), 1, 3]);
      seen().fill(0xee, place(5), place(5) + 3000);
      pretended.markWritten(place(5), 3000);
      expect([pretended.globalValue('count'), Buffer.compare(first, seen())]).not.toEqual([3, 0]);
      pretended.restart();
      expect([pretended.globalValue('count'), pretended.memoryBytes()]).toEqual([3, PAGE_BYTES]);
      expect(Buffer.compare(first, seen())).toBe(0);
      pretended.grow(CAP_PAGES - 1);
      expect(
        seen()
          .subarray(PAGE_BYTES)
          .every((byte) => byte === 0),
      ).toBe(true);
      pretended.restart();
    }
  });
});

describe('a write over the border of two pages that are put back', () => {
  it.each(
    WRITES.filter(([, , bytes, , , align]) => bytes > 1 && align === undefined).map((row) => [row[0], row] as const),
  )('%s is taken back whole', (_, row) => {
    const { pretended } = pairOf([accessAt(row, 0)]);
    outcome(pretended.function('at0'), [4095]);
    const seen = new Uint8Array(pretended.memory.buffer, 4090, 30);
    expect(seen.some((byte) => byte !== 0)).toBe(true);
    pretended.restart();
    expect(seen.every((byte) => byte === 0)).toBe(true);
  });

  it('also when the host was as inexact as it may be', () => {
    const { pretended } = pairOf([]);
    const seen = new Uint8Array(pretended.memory.buffer, 4096 - 16, 4096 + 32);
    seen.fill(1);
    pretended.markWritten(4096, 4096);
    pretended.restart();
    expect(seen.every((byte) => byte === 0)).toBe(true);
  });
});

describe('a shared memory', () => {
  it('is pretended, too', () => {
    const functions = [{ name: 'size', results: ['i32'], body: 'memory.size' }] as const;
    const instance = new Instance(prepareModule(assemble({ memory: [3, 1, CAP_PAGES], functions })));
    expect([instance.memory.buffer instanceof SharedArrayBuffer, instance.grow(1)]).toEqual([true, true]);
    const { memory } = instance;
    expect(outcome(instance.function('size'), [])).toBe(2);
    instance.restart();
    expect([instance.memory === memory, outcome(instance.function('size'), [])]).toEqual([true, 1]);
  });
});

describe('virtualLayout', () => {
  const layoutOf = (assembly: Assembly, capPages = CAP_PAGES) =>
    virtualLayout(parseModule(assemble(assembly)), capPages);
  const data = (...offset: number[]) => ({ memory: [0, 1], sections: { 11: [1, 0, ...offset, 0x0b, 2, 8, 9] } });

  it('has the word and the map beyond the cap', () => {
    expect(layoutOf({ memory: [0, 1] })).toEqual({
      minimumBytes: PAGE_BYTES,
      capBytes: CAP_PAGES * PAGE_BYTES,
      mapAddress: CAP_PAGES * PAGE_BYTES + 64,
      physicalPages: CAP_PAGES + 1,
    });
    expect(layoutOf({ memory: [0, 1] }, 4096)?.physicalPages).toBe(4096 + 2);
  });

  it('is not for other memories, 64-bit addresses, or a cap with no room behind it', () => {
    expect(layoutOf({})).toBeUndefined();
    expect(layoutOf({ sections: { 5: [2, 0, 1, 0, 1] } })).toBeUndefined();
    expect(layoutOf({ memory: [4, 1] })).toBeUndefined();
    expect([65536, 65520, 65519].map((pages) => layoutOf({ memory: [0, 1] }, pages) === undefined)).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('leaves a data segment outside of memory to the engine, which refuses it', () => {
    const inside = data(0x41, 0xfe, 0xff, 0x03);
    const outside = data(0x41, 0xff, 0xff, 0x03);
    expect(layoutOf(inside)).toBeDefined();
    expect(layoutOf(outside)).toBeUndefined();
    expect(() => new Instance(prepareModule(assemble(inside)))).not.toThrow();
    expect(() => new Instance(prepareModule(assemble(outside)))).toThrow('the module does not start');
    expect(layoutOf(data(0x41, 0x7f))).toBeUndefined();
  });

  it('reckons with imported bases, and with none that it does not know', () => {
    const base = { module: 'env', name: '__memory_base', type: [3, 0x7f, 0] };
    const based = (...more: number[]): Assembly => ({ ...data(0x23, 0, ...more), imports: [base] });
    expect(layoutOf(based())).toBeUndefined();
    expect(layoutOf({ ...based(), memory: [0, 2] })).toBeDefined();
    expect(layoutOf(based(0x41, 2, 0x6b))).toBeDefined();
    expect(layoutOf(based(0x41, 1, 0x6b))).toBeUndefined();
    expect(layoutOf(based(0x41, 0, 0x6c))).toBeDefined();
    expect(layoutOf(based(0x41, 1, 0x6a))).toBeUndefined();
    expect(
      layoutOf({ ...data(0x23, 0), globals: [{ type: 'i32', mutable: false, value: 'i32.const 0' }] }),
    ).toBeUndefined();
    expect(layoutOf(data(0x41, 1, 0x41, 1, 0x71))).toBeUndefined();
  });
});
