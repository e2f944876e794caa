import { describe, expect, test } from 'vitest';
import { hostAllocatorsAbove } from './host-allocators-above.ts';
import { HostBumpAllocator } from './host-bump-allocator.ts';
import { HostStackAllocator } from './host-stack-allocator.ts';
import { MemoryError } from './memory-error.ts';
import { WasmMemory } from './wasm-memory.ts';

const PAGE = 0x10000;

/** Exports as a module linked by wasm-ld has them. */
function exportsOf(symbols: Readonly<Record<string, number>>, memory?: WebAssembly.Memory): WebAssembly.Exports {
  const globals = Object.entries(symbols).map(([name, value]): [string, WebAssembly.Global] => [
    name,
    new WebAssembly.Global({ value: 'i32' }, value),
  ]);
  return { ...Object.fromEntries(globals), ...(memory && { memory }) };
}

function pages(initial: number, maximum = 8): WebAssembly.Memory {
  return new WebAssembly.Memory({ initial, maximum });
}

describe('hostAllocatorsAbove', () => {
  test('places the stack at __heap_base, 16-aligned, and the heap above it', () => {
    const raw = pages(3);
    const { memory, stack, heap } = hostAllocatorsAbove(exportsOf({ __heap_base: 66_561 }, raw));
    expect(memory.getRawMemory()).toBe(raw);
    expect([stack.top, stack.capacity, heap.base]).toEqual([66_576, 0x8000, 66_576 + 0x8000]);
    expect(memory.pages()).toBe(3);
  });

  test('neither touches the module, nor the other', () => {
    const { memory, stack, heap } = hostAllocatorsAbove(exportsOf({ __heap_base: 100_000 }, pages(2)), {
      stackSize: 4096,
    });
    memory.createByteView(0, 100_000).fill(1);
    memory.createByteView(stack.alloc(4096), 4096).fill(2);
    const block = heap.alloc(2 * PAGE);
    memory.createByteView(block, 2 * PAGE).fill(3);
    expect(memory.readBytes(0, 100_000).every((byte) => byte === 1)).toBe(true);
    expect(memory.readBytes(100_000, 4096).every((byte) => byte === 2)).toBe(true);
  });

  test('grows memory until the stack lies inside, by no page more', () => {
    const exact = hostAllocatorsAbove(exportsOf({ __heap_base: PAGE }, pages(1)), { stackSize: PAGE });
    expect(exact.memory.pages()).toBe(2);
    const more = hostAllocatorsAbove(exportsOf({ __heap_base: PAGE }, pages(1)), { stackSize: PAGE + 16 });
    expect(more.memory.pages()).toBe(3);
  });

  test('leaves a memory alone whose end is that of the stack', () => {
    const raw = pages(2);
    const { buffer } = raw;
    hostAllocatorsAbove(exportsOf({ __heap_base: PAGE }, raw), { stackSize: PAGE });
    expect(raw.buffer).toBe(buffer);
  });

  test('takes the memory that a module imports', () => {
    const raw = pages(2);
    const { memory } = hostAllocatorsAbove(exportsOf({ __heap_base: 1024 }), { memory: raw });
    expect(memory.getRawMemory()).toBe(raw);
  });

  test('reads an address above 2 GiB as one, and refuses a memory that cannot reach it', () => {
    const raw = pages(1);
    expect(() => hostAllocatorsAbove(exportsOf({ __heap_base: 0x8000_0000 | 0 }, raw))).toThrow(
      /refused to grow by 32768/,
    );
    expect(raw.buffer.byteLength).toBe(PAGE);
  });

  test.each([0, -16, 0.5, Number.NaN, 2 ** 33])('a stack of %d bytes is refused before memory grows', (stackSize) => {
    const raw = pages(1);
    expect(() => hostAllocatorsAbove(exportsOf({ __heap_base: PAGE }, raw), { stackSize })).toThrow(MemoryError);
    expect(raw.buffer.byteLength).toBe(PAGE);
  });

  test('without __heap_base it refuses, for __data_end may have the stack above it', () => {
    expect(() => hostAllocatorsAbove(exportsOf({ __data_end: 2048 }, pages(2)))).toThrow(/--export=__heap_base/);
  });

  test('without a memory it refuses', () => {
    expect(() => hostAllocatorsAbove(exportsOf({ __heap_base: 1024 }))).toThrow(/exports no memory/);
    expect(() => WasmMemory.fromExports({})).toThrow(MemoryError);
  });
});

describe('the default layout', () => {
  test('is refused where the module is known to have its own data', () => {
    const memory = WasmMemory.fromExports(exportsOf({ __heap_base: 0x10001 }, pages(2)));
    expect(memory.moduleEnd).toBe(0x10001);
    const refusal = { name: 'MemoryError', message: expect.stringContaining('hostAllocatorsAbove') };
    expect(() => new HostBumpAllocator(memory)).toThrow(expect.objectContaining({ ...refusal, ptr: 0x10000 }));
    expect(() => new HostStackAllocator(memory)).toThrow(expect.objectContaining({ ...refusal, ptr: 0x8000 }));
  });

  test('is kept up to the very byte, for each allocator by itself', () => {
    const free = WasmMemory.fromExports(exportsOf({ __heap_base: 0x8000 }, pages(2)));
    expect([new HostBumpAllocator(free).base, new HostStackAllocator(free).top]).toEqual([0x10000, 0x8000]);
    const half = WasmMemory.fromExports(exportsOf({ __heap_base: 0x10000 }, pages(2)));
    expect(new HostBumpAllocator(half).base).toBe(0x10000);
    expect(() => new HostStackAllocator(half)).toThrow(MemoryError);
  });

  test('is refused for __data_end too, and the higher of the two counts', () => {
    const data = WasmMemory.fromExports(exportsOf({ __data_end: 0x8001 }, pages(2)));
    expect(() => new HostStackAllocator(data)).toThrow(MemoryError);
    expect(WasmMemory.fromExports(exportsOf({ __data_end: 9, __heap_base: 8 }, pages(1))).moduleEnd).toBe(9);
  });

  test('is used where nothing is known, and a base of your own always', () => {
    expect(WasmMemory.fromExports({ memory: pages(2) }).moduleEnd).toBe(0);
    expect(new WasmMemory(pages(2)).moduleEnd).toBe(0);
    const memory = WasmMemory.fromExports(exportsOf({ __heap_base: 0x10001 }, pages(2)));
    expect(new HostBumpAllocator(memory, 0x9000).base).toBe(0x9000);
    expect(new HostStackAllocator(memory, 0x9000, 64).top).toBe(0x9000);
  });
});

test('the allocators take a memory that has the methods of the contract and nothing more', () => {
  const raw = pages(2);
  const plain = { size: () => raw.buffer.byteLength, isValidRange: () => true } as unknown as WasmMemory;
  expect(new HostBumpAllocator(plain).alloc(8)).toBe(0x10000);
  expect(new HostStackAllocator(plain).alloc(8)).toBe(0x8000);
});
