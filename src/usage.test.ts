import { expect, test } from 'vitest';
import { HostBumpAllocator, HostStackAllocator, MEMORY_LAYOUT, WasmMemory } from './index.ts';

test("the usage of the seed's summary works as written", () => {
  const memory = new WebAssembly.Memory({ initial: 1 });
  // Create memory interface
  const wasmMem = new WasmMemory(memory);

  // Create heap allocator
  const heapAlloc = new HostBumpAllocator(wasmMem);
  const ptr = heapAlloc.alloc(1024);

  // Write data
  wasmMem.writeString(ptr, 'Hello');
  const value = wasmMem.readI32(ptr + 10);

  // Create stack allocator for temporaries
  const stackAlloc = new HostStackAllocator(wasmMem);
  stackAlloc.mark();
  const tempPtr = stackAlloc.alloc(256);
  wasmMem.writeBytes(tempPtr, new Uint8Array(256).fill(0xff));
  stackAlloc.pop();

  expect([ptr, value, tempPtr]).toEqual([
    MEMORY_LAYOUT.HEAP_BASE,
    0,
    MEMORY_LAYOUT.HEAP_BASE - MEMORY_LAYOUT.STACK_SIZE,
  ]);
  expect(wasmMem.readString(ptr, 5)).toBe('Hello');
  expect(stackAlloc.used).toBe(0);
});

test('a default heap and a default stack fill one memory without touching each other', () => {
  const memory = new WasmMemory(new WebAssembly.Memory({ initial: 2 }));
  const heap = new HostBumpAllocator(memory);
  const stack = new HostStackAllocator(memory);
  memory.createByteView(stack.alloc(stack.capacity), stack.capacity).fill(1);
  memory.createByteView(heap.alloc(0x10000), 0x10000).fill(2);
  expect(memory.readBytes(0, 0x8000).every((byte) => byte === 0)).toBe(true);
  expect(memory.readBytes(0x8000, 0x8000).every((byte) => byte === 1)).toBe(true);
  expect(memory.readBytes(0x10000, 0x10000).every((byte) => byte === 2)).toBe(true);
});
