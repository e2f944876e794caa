import { describe, expect, test } from 'vitest';
import { HostStackAllocator, MEMORY_LAYOUT, MemoryError, WasmMemory } from './index.ts';

const { HEAP_BASE, STACK_SIZE } = MEMORY_LAYOUT;
const BASE = HEAP_BASE - STACK_SIZE;

const memory = new WasmMemory(new WebAssembly.Memory({ initial: 1 }));

function stateOf(stack: HostStackAllocator): number[] {
  return [stack.top, stack.used, stack.capacity];
}

describe('alloc', () => {
  test('a fresh stack is the STACK_SIZE bytes below HEAP_BASE', () => {
    const stack = new HostStackAllocator(memory);
    expect([stack.top, stack.used, stack.capacity]).toEqual([BASE, 0, STACK_SIZE]);
  });

  test('blocks follow one another, 8-aligned, and top and used follow them', () => {
    const stack = new HostStackAllocator(memory);
    expect([stack.alloc(1), stack.alloc(8), stack.alloc(9), stack.alloc(3)]).toEqual([
      BASE,
      BASE + 8,
      BASE + 16,
      BASE + 32,
    ]);
    expect(stateOf(stack)).toEqual([BASE + 35, 35, STACK_SIZE]);
  });

  test.each([1, 2, 16, 1024])('alignment %d is that of the address', (align) => {
    const stack = new HostStackAllocator(memory, 100, 4096);
    stack.alloc(3, 1);
    expect(stack.alloc(5, align)).toBe(Math.ceil(103 / align) * align);
  });

  test.each<[size: number, align?: number]>([
    [0],
    [-8],
    [1.5],
    [Number.NaN],
    [Infinity],
    [2 ** 32 + 1],
    [8, 0],
    [8, 3],
    [8, -4],
    [8, 0.5],
    [8, Number.NaN],
  ])('alloc(%s, %s) is refused and changes nothing', (size, align) => {
    const stack = new HostStackAllocator(memory);
    stack.alloc(10);
    const before = stateOf(stack);
    expect(() => stack.alloc(size, align)).toThrow(MemoryError);
    expect(stateOf(stack)).toEqual(before);
  });
});

describe('mark and pop', () => {
  test('pop returns to the mark, and the space is handed out again', () => {
    const stack = new HostStackAllocator(memory);
    stack.alloc(10);
    stack.mark();
    const temporary = stack.alloc(256);
    stack.pop();
    expect(stack.top).toBe(BASE + 10);
    expect(stack.alloc(1)).toBe(temporary);
  });

  test('marks nest, innermost first', () => {
    const stack = new HostStackAllocator(memory);
    for (const size of [8, 16, 24]) {
      stack.mark();
      stack.alloc(size);
    }
    const used: number[] = [];
    for (let pops = 0; pops < 3; pops += 1) {
      stack.pop();
      used.push(stack.used);
    }
    expect(used).toEqual([24, 8, 0]);
  });

  test('a mark on an empty stack is a mark, and equal marks are two', () => {
    const stack = new HostStackAllocator(memory, 0, 64);
    stack.mark();
    stack.mark();
    stack.alloc(8);
    stack.pop();
    stack.pop();
    expect(stack.top).toBe(0);
    expect(() => stack.pop()).toThrow(MemoryError);
  });

  test('a pop without a mark is refused and changes nothing', () => {
    const stack = new HostStackAllocator(memory);
    stack.alloc(8);
    expect(() => stack.pop()).toThrow(MemoryError);
    expect(stack.used).toBe(8);
  });
});

describe('overflow', () => {
  test('the last byte is handed out, the next is refused', () => {
    const stack = new HostStackAllocator(memory);
    expect(stack.alloc(STACK_SIZE)).toBe(BASE);
    expect(() => stack.alloc(1, 1)).toThrow(MemoryError);
    expect(stateOf(stack)).toEqual([HEAP_BASE, STACK_SIZE, STACK_SIZE]);
  });

  test('changes nothing', () => {
    const stack = new HostStackAllocator(memory, 1024, 64);
    stack.alloc(50);
    stack.mark();
    expect(() => stack.alloc(16)).toThrow(MemoryError);
    expect(stateOf(stack)).toEqual([1074, 50, 64]);
    expect(stack.alloc(8)).toBe(1080);
    stack.pop();
    expect(stack.used).toBe(50);
  });

  test.each([2 ** 31, 2 ** 32 - 1, 2 ** 32])('%d bytes are an overflow', (size) => {
    expect(() => new HostStackAllocator(memory).alloc(size)).toThrow(/Stack overflow/);
  });
});

describe('reset', () => {
  test('takes everything back and forgets every mark', () => {
    const stack = new HostStackAllocator(memory);
    stack.alloc(8);
    stack.mark();
    stack.alloc(8);
    stack.reset();
    expect(stateOf(stack)).toEqual([BASE, 0, STACK_SIZE]);
    expect(() => stack.pop()).toThrow(MemoryError);
    expect(stack.alloc(4)).toBe(BASE);
  });
});

describe('region', () => {
  test('base and size can be chosen, and the region may be the whole of memory', () => {
    const stack = new HostStackAllocator(memory, 256, 128);
    expect([stack.alloc(128), stack.top, stack.capacity]).toEqual([256, 384, 128]);
    expect(new HostStackAllocator(memory, 0, 0x10000).alloc(0x10000)).toBe(0);
  });

  test.each([
    [0x10000 - 8, 9],
    [0x10000, STACK_SIZE],
    [-8, 16],
    [0.5, 16],
    [Number.NaN, 16],
    [0, -1],
    [0, 0.5],
    [0, Number.NaN],
    [2 ** 53, 2 ** 53],
  ])('a region of memory that is not there is refused: base %d, size %d', (base, size) => {
    expect(() => new HostStackAllocator(memory, base, size)).toThrow(MemoryError);
  });

  test('a memory too small for the default region is refused', () => {
    const empty = new WasmMemory(new WebAssembly.Memory({ initial: 0 }));
    expect(() => new HostStackAllocator(empty)).toThrow(MemoryError);
  });
});
