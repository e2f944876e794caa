/**
 * What this implementation says and promises beyond the contract: the wording and context of its errors, the exact fields of
 * its copies, what it makes of values that are no numbers.
 *
 * Whoever puts another implementation in place of `index.ts` need not agree, so these tests import their own files.
 */
import { describe, expect, test } from 'vitest';
import { HostBumpAllocator } from './host-bump-allocator.ts';
import { HostStackAllocator } from './host-stack-allocator.ts';
import { MemoryError } from './memory-error.ts';
import { MEMORY_LAYOUT } from './memory-layout.ts';
import { WasmMemory } from './wasm-memory.ts';

const { HEAP_BASE, PAGE_SIZE, STACK_SIZE } = MEMORY_LAYOUT;
const STACK_BASE = HEAP_BASE - STACK_SIZE;

function memoryOf(initial: number, maximum = 8): WasmMemory {
  return new WasmMemory(new WebAssembly.Memory({ initial, maximum }));
}

test('the layout cannot be changed', () => {
  expect(Object.isFrozen(MEMORY_LAYOUT)).toBe(true);
});

describe('memory', () => {
  test('the message tells an invalid pointer, an invalid length and a range out of bounds apart', () => {
    const memory = memoryOf(1);
    expect(() => memory.isValidRange(-1, 1)).toThrow(/^Invalid pointer.*: 1 bytes at -1 in memory of 65536 bytes$/);
    expect(() => memory.isValidRange(1, -1)).toThrow(/^Invalid length.*: -1 bytes at 1 in memory of 65536 bytes$/);
    expect(() => memory.isValidRange(PAGE_SIZE, 1)).toThrow(
      /^Out of bounds: 1 bytes at 65536 in memory of 65536 bytes$/,
    );
  });

  test('malformed bytes are said to be no UTF-8', () => {
    const memory = memoryOf(1);
    memory.writeBytes(8, Uint8Array.of(0xff));
    expect(() => memory.readString(8, 1)).toThrow('Cannot read 1 bytes at 8 as UTF-8');
  });

  test.each(['4', null, undefined, {}, true])('a pointer that is no number is refused: %j', (ptr) => {
    const memory = memoryOf(1);
    expect(() => memory.readI32(ptr as unknown as number)).toThrow(MemoryError);
    expect(() => memory.isValidRange(0, ptr as unknown as number)).toThrow(MemoryError);
    expect(() => memory.writeString(ptr as unknown as number, 'a')).toThrow(MemoryError);
  });

  test('-0 is 0', () => {
    expect(memoryOf(1).isValidRange(-0, 0)).toBe(true);
    expect(memoryOf(1).readBytes(-0, 4)).toEqual(new Uint8Array(4));
  });

  test('a refusal of growth says what was given and what there is', () => {
    const memory = memoryOf(1, 4);
    expect(() => memory.grow(0.5)).toThrow('Invalid growth of 0.5 pages');
    expect(() => memory.grow(4)).toThrow('Memory of 1 pages refused to grow by 4');
    expect(() => memory.grow(-1)).toThrow(MemoryError);
    expect(memory.pages()).toBe(1);
  });
});

describe('the bump allocator', () => {
  test.each([7 * PAGE_SIZE - 8 + 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32])(
    'a refused growth (%d bytes) says where and how much',
    (size) => {
      const heap = new HostBumpAllocator(memoryOf(1));
      heap.alloc(8);
      const expected = { name: 'MemoryError', ptr: HEAP_BASE + 8, length: size };
      expect(() => heap.alloc(size)).toThrow(expect.objectContaining(expected));
      expect(() => heap.alloc(size)).toThrow(/no room for .* refused to grow/);
    },
  );

  test('records and statistics have the fields of the contract and no others', () => {
    const heap = new HostBumpAllocator(memoryOf(2));
    heap.alloc(3, 1);
    const ptr = heap.allocString('', 'empty');
    const records = [
      { ptr: HEAP_BASE, size: 3, align: 1 },
      { ptr, size: 4, align: 4, tag: 'empty' },
    ];
    expect(heap.getAllocations()).toStrictEqual(records);
    expect(heap.getAllocationInfo(ptr)).toStrictEqual(records[1]);
    const offsets = { peakUsage: 8, currentOffset: HEAP_BASE + 8 };
    expect(heap.getStats()).toStrictEqual({ totalAllocated: 7, activeAllocations: 2, growthCount: 0, ...offsets });
  });

  test('a base of -0 is 0', () => {
    const heap = new HostBumpAllocator(memoryOf(1), -0);
    expect([heap.base, heap.offset, heap.alloc(1)]).toEqual([0, 0, 0]);
  });

  test.each([-1, 0.5, Number.NaN, Infinity, 2 ** 32, 2 ** 53])('a base of %d is refused', (base) => {
    const make = () => new HostBumpAllocator(memoryOf(1), base);
    expect(make).toThrow(expect.objectContaining({ name: 'MemoryError', ptr: base }));
    expect(make).toThrow(`Invalid heap base ${base}`);
  });
});

describe('the stack allocator', () => {
  test('an invalid request says where and how much', () => {
    const stack = new HostStackAllocator(memoryOf(1));
    stack.alloc(10);
    const at = { ptr: STACK_BASE + 10 };
    expect(() => stack.alloc(0)).toThrow(expect.objectContaining({ ...at, length: 0 }));
    expect(() => stack.alloc(8, 3)).toThrow(expect.objectContaining({ ...at, length: 8 }));
  });

  test('overflow says what was needed, padding included, and what is available', () => {
    const stack = new HostStackAllocator(memoryOf(1), 1024, 64);
    stack.alloc(50);
    const message = 'Stack overflow: needed 22 bytes (padding of 6 included), available 14 of 64';
    const expected = { name: 'MemoryError', message, ptr: 1080, length: 16 };
    expect(() => stack.alloc(16)).toThrow(expect.objectContaining(expected));
  });

  test('a pop without a mark says what to call first', () => {
    const stack = new HostStackAllocator(memoryOf(1));
    stack.alloc(8);
    const expected = { ptr: STACK_BASE + 8, message: expect.stringContaining('mark()') };
    expect(() => stack.pop()).toThrow(expect.objectContaining(expected));
  });

  test('mark and pop answer nothing', () => {
    const stack = new HostStackAllocator(memoryOf(1));
    expect([stack.mark(), stack.pop()]).toEqual([undefined, undefined]);
  });

  test('a region outside memory is named', () => {
    const expected = { name: 'MemoryError', ptr: PAGE_SIZE - 8, length: 9 };
    expect(() => new HostStackAllocator(memoryOf(1), PAGE_SIZE - 8, 9)).toThrow(expect.objectContaining(expected));
  });

  test('a default base in the memory of a module is named, with the end of it and the way out', () => {
    const memory = new WasmMemory(new WebAssembly.Memory({ initial: 2 }), 70_000);
    const expected = {
      name: 'MemoryError',
      message: `The default base ${STACK_BASE} lies in the module's own memory, which ends at 70000: use hostAllocatorsAbove`,
      ptr: STACK_BASE,
    };
    expect(() => new HostStackAllocator(memory)).toThrow(expect.objectContaining(expected));
  });

  test('a base of -0 is 0', () => {
    expect(new HostStackAllocator(memoryOf(1), -0, 8).top).toBe(0);
  });
});
