import { describe, expect, test } from 'vitest';
import { HostBumpAllocator, MEMORY_LAYOUT, MemoryError, WasmMemory } from './index.ts';

const { HEAP_BASE, PAGE_SIZE } = MEMORY_LAYOUT;

function memoryOf(initial: number, maximum = 8): WasmMemory {
  return new WasmMemory(new WebAssembly.Memory({ initial, maximum }));
}

function heapOn(memory: WasmMemory, base?: number): HostBumpAllocator {
  return base === undefined ? new HostBumpAllocator(memory) : new HostBumpAllocator(memory, base);
}

/** Everything that can be asked of an allocator and its memory. */
function stateOf(heap: HostBumpAllocator, memory: WasmMemory): unknown {
  return [{ ...heap.getStats() }, heap.offset, heap.used, heap.base, heap.getAllocations(), memory.pages()];
}

/** What it is given may be frozen, which is as good a copy as any. */
function tryToChange(target: object, values: object): void {
  for (const [key, value] of Object.entries(values)) Reflect.set(target, key, value);
}

const FRESH = {
  totalAllocated: 0,
  activeAllocations: 0,
  peakUsage: 0,
  currentOffset: HEAP_BASE,
  growthCount: 0,
};

describe('alloc', () => {
  test('a fresh heap begins at HEAP_BASE with nothing in use', () => {
    const heap = heapOn(memoryOf(2));
    expect([heap.base, heap.offset, heap.used]).toEqual([HEAP_BASE, HEAP_BASE, 0]);
    expect(heap.getStats()).toMatchObject(FRESH);
    expect(heap.getAllocations()).toEqual([]);
  });

  test('blocks follow one another, 8-aligned', () => {
    const heap = heapOn(memoryOf(2));
    expect([heap.alloc(1), heap.alloc(8), heap.alloc(9), heap.alloc(16)]).toEqual(
      [0, 8, 16, 32].map((offset) => HEAP_BASE + offset),
    );
    expect(heap.offset).toBe(HEAP_BASE + 48);
  });

  test.each([1, 2, 4, 16, 256, 4096, PAGE_SIZE, 2 * PAGE_SIZE])('alignment %d is that of the address', (align) => {
    const heap = heapOn(memoryOf(1), 100);
    heap.alloc(3, 1);
    const ptr = heap.alloc(5, align);
    expect(ptr).toBe(Math.ceil(103 / align) * align);
    expect(heap.offset).toBe(ptr + 5);
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
    [8, 2 ** 33],
  ])('alloc(%s, %s) is refused and changes nothing', (size, align) => {
    const memory = memoryOf(2);
    const heap = heapOn(memory);
    heap.alloc(10, 8, 'kept');
    const before = stateOf(heap, memory);
    expect(() => heap.alloc(size, align)).toThrow(MemoryError);
    expect(stateOf(heap, memory)).toEqual(before);
    expect(heap.alloc(1)).toBe(HEAP_BASE + 16);
  });
});

describe('growth', () => {
  test('a block that just fits does not grow memory, one byte more grows it by a page', () => {
    const memory = memoryOf(2);
    const heap = heapOn(memory);
    heap.alloc(PAGE_SIZE);
    expect([memory.pages(), heap.getStats().growthCount]).toEqual([2, 0]);
    heap.alloc(1, 1);
    expect([memory.pages(), heap.getStats().growthCount]).toEqual([3, 1]);
  });

  test.each([
    [1, 1, 2],
    [1, PAGE_SIZE, 2],
    [1, PAGE_SIZE + 1, 3],
    [1, 4 * PAGE_SIZE, 5],
  ])('from %d pages, %d bytes make %d pages in one event', (initial, size, pages) => {
    const memory = memoryOf(initial);
    const heap = heapOn(memory);
    const ptr = heap.alloc(size);
    expect([memory.pages(), heap.getStats().growthCount]).toEqual([pages, 1]);
    expect(memory.writeBytes(ptr, new Uint8Array(size).fill(1))).toBe(size);
  });

  test('every event counts once', () => {
    const memory = memoryOf(1, 64);
    const heap = heapOn(memory);
    for (let block = 0; block < 20; block += 1) heap.alloc(PAGE_SIZE);
    expect([memory.pages(), heap.getStats().growthCount]).toEqual([21, 20]);
  });

  test('memory that grew behind its back is used, not grown', () => {
    const memory = memoryOf(2);
    const heap = heapOn(memory);
    heap.alloc(PAGE_SIZE);
    memory.getRawMemory().grow(3);
    heap.alloc(3 * PAGE_SIZE);
    expect([memory.pages(), heap.getStats().growthCount]).toEqual([5, 0]);
    heap.alloc(1);
    expect([memory.pages(), heap.getStats().growthCount]).toEqual([6, 1]);
  });

  test.each([7 * PAGE_SIZE - 8 + 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32])(
    'a refused growth (%d bytes) changes nothing',
    (size) => {
      const memory = memoryOf(1);
      const heap = heapOn(memory);
      heap.alloc(8, 8, 'kept');
      const before = stateOf(heap, memory);
      expect(() => heap.alloc(size)).toThrow(MemoryError);
      expect(stateOf(heap, memory)).toEqual(before);
      expect(heap.alloc(7 * PAGE_SIZE - 8)).toBe(HEAP_BASE + 8);
    },
  );

  test('no block reaches past 2^32', () => {
    const heap = heapOn(memoryOf(1, 65_536), 2 ** 32 - 8);
    expect(() => heap.alloc(9, 1)).toThrow(MemoryError);
    expect(() => heap.alloc(1, 2 ** 32)).toThrow(MemoryError);
    expect(heap.offset).toBe(2 ** 32 - 8);
  });
});

describe('statistics', () => {
  test('count what was asked for, and what is in use with its padding', () => {
    const heap = heapOn(memoryOf(2));
    heap.alloc(3);
    heap.alloc(5, 16);
    expect(heap.getStats()).toMatchObject({
      totalAllocated: 8,
      activeAllocations: 2,
      peakUsage: 21,
      currentOffset: HEAP_BASE + 21,
      growthCount: 0,
    });
    expect(heap.used).toBe(21);
  });

  test('are a copy', () => {
    const heap = heapOn(memoryOf(2));
    tryToChange(heap.getStats(), { totalAllocated: 99 });
    expect(heap.getStats()).toMatchObject(FRESH);
  });
});

describe('records', () => {
  test('hold pointer, size, alignment and tag, in allocation order', () => {
    const heap = heapOn(memoryOf(2));
    heap.alloc(3, 1);
    heap.alloc(5, 16, 'named');
    heap.alloc(1, 8, '');
    const records = [
      { ptr: HEAP_BASE, size: 3, align: 1 },
      { ptr: HEAP_BASE + 16, size: 5, align: 16, tag: 'named' },
      { ptr: HEAP_BASE + 24, size: 1, align: 8, tag: '' },
    ];
    expect(heap.getAllocations()).toMatchObject(records);
    for (const record of records) expect(heap.getAllocationInfo(record.ptr)).toMatchObject(record);
  });

  test('are copies', () => {
    const heap = heapOn(memoryOf(2));
    const ptr = heap.alloc(3, 1, 'kept');
    const all = heap.getAllocations();
    for (const record of [...all, heap.getAllocationInfo(ptr)]) {
      tryToChange(record ?? {}, { ptr: 0, size: 0, tag: 'lost' });
    }
    tryToChange(all, { length: 0 });
    expect(heap.getAllocations()).toMatchObject([{ ptr, size: 3, align: 1, tag: 'kept' }]);
    expect(heap.getAllocationInfo(ptr)).toMatchObject({ ptr, size: 3, align: 1, tag: 'kept' });
  });

  test('are found by the address of the first byte only', () => {
    const heap = heapOn(memoryOf(2));
    expect(heap.getAllocationInfo(HEAP_BASE)).toBeUndefined();
    const pointers = Array.from({ length: 1000 }, (_, index) =>
      heap.alloc(1 + (index % 20), 2 ** (index % 5), `${index}`),
    );
    for (const [index, ptr] of pointers.entries()) expect(heap.getAllocationInfo(ptr)?.tag).toBe(`${index}`);
    for (const ptr of [0, -1, HEAP_BASE - 1, HEAP_BASE + 0.5, heap.offset, 2 ** 32, Number.NaN, Infinity, -Infinity]) {
      expect(heap.getAllocationInfo(ptr)).toBeUndefined();
    }
    expect(heap.getAllocations().map(({ ptr }) => ptr)).toEqual(pointers);
  });

  test('keep the greatest numbers there are', () => {
    const heap = heapOn(memoryOf(1, 65_536), 1);
    const ptr = heap.alloc(8, 2 ** 20);
    expect(heap.getAllocationInfo(ptr)).toMatchObject({ ptr: 2 ** 20, size: 8, align: 2 ** 20 });
  });

  test.each(Array.from({ length: 33 }, (_, exponent) => 2 ** exponent))('keep an alignment of %d', (align) => {
    const heap = heapOn(memoryOf(1), 0);
    expect(heap.alloc(8, align)).toBe(0);
    expect(heap.getAllocationInfo(0)).toMatchObject({ ptr: 0, size: 8, align });
  });

  test('keep addresses and sizes past 2^31', () => {
    const heap = heapOn(memoryOf(65_536, 65_536), 1);
    const records = [
      { ptr: 1, size: 2 ** 31, align: 1 },
      { ptr: 2 ** 31 + 2 ** 30, size: 2 ** 30, align: 2 ** 30 },
    ];
    for (const { size, align } of records) heap.alloc(size, align);
    expect(heap.getAllocations()).toMatchObject(records);
    for (const record of records) expect(heap.getAllocationInfo(record.ptr)).toMatchObject(record);
  });
});

describe('reset', () => {
  test('takes everything back, and keeps what is counted for life', () => {
    const memory = memoryOf(1);
    const heap = heapOn(memory);
    const ptr = heap.alloc(100, 8, 'gone');
    heap.alloc(PAGE_SIZE);
    heap.reset();
    expect(heap.getStats()).toMatchObject({ ...FRESH, peakUsage: 104 + PAGE_SIZE, growthCount: 2 });
    expect([heap.offset, heap.used, heap.getAllocations(), heap.getAllocationInfo(ptr)]).toEqual([
      HEAP_BASE,
      0,
      [],
      undefined,
    ]);
    expect(memory.pages()).toBe(3);
  });

  test('what follows is what a fresh heap does, and no tag comes back', () => {
    const heap = heapOn(memoryOf(2));
    heap.alloc(64, 8, 'old');
    heap.reset();
    expect(heap.alloc(10)).toBe(HEAP_BASE);
    expect(heap.getAllocations()).toMatchObject([{ ptr: HEAP_BASE, size: 10, align: 8 }]);
    expect(heap.getAllocationInfo(HEAP_BASE)?.tag).toBeUndefined();
    expect(heap.getStats()).toMatchObject({
      ...FRESH,
      totalAllocated: 10,
      activeAllocations: 1,
      peakUsage: 64,
      currentOffset: HEAP_BASE + 10,
    });
  });
});

describe('allocString', () => {
  test.each(['Hello', 'Grüße, 世界, 😀', '\ud800', 'a'.repeat(5000)])(
    'string %# lies at a 4-aligned address',
    (text) => {
      const memory = memoryOf(2);
      const heap = heapOn(memory);
      heap.alloc(1, 1);
      const ptr = heap.allocString(text, 'text');
      const bytes = new TextEncoder().encode(text);
      expect(ptr).toBe(HEAP_BASE + 4);
      expect([...memory.readBytes(ptr, bytes.length)]).toEqual([...bytes]);
      expect(heap.getAllocationInfo(ptr)).toMatchObject({ ptr, size: 4 * text.length, align: 4, tag: 'text' });
    },
  );

  test('empty strings get blocks of their own', () => {
    const heap = heapOn(memoryOf(2));
    const pointers = [heap.allocString(''), heap.allocString(''), heap.allocString('x')];
    expect(pointers[0]).toBe(HEAP_BASE);
    expect(pointers.map((ptr) => ptr % 4)).toEqual([0, 0, 0]);
    for (const [index, { ptr, size, align }] of heap.getAllocations().entries()) {
      expect([ptr, align, size > 0]).toEqual([pointers[index], 4, true]);
      expect(ptr + size).toBeLessThanOrEqual(pointers[index + 1] ?? heap.offset);
    }
    expect(heap.getStats().activeAllocations).toBe(3);
  });

  test('grows memory for its string, or refuses and changes nothing', () => {
    const memory = memoryOf(1, 2);
    const heap = heapOn(memory);
    const before = stateOf(heap, memory);
    expect(() => heap.allocString('a'.repeat(PAGE_SIZE / 4 + 1))).toThrow(MemoryError);
    expect(stateOf(heap, memory)).toEqual(before);
    const text = '雪'.repeat(PAGE_SIZE / 4);
    const ptr = heap.allocString(text);
    expect(memory.readString(ptr, 3 * text.length)).toBe(text);
    expect(memory.pages()).toBe(2);
  });
});

describe('free', () => {
  test.each([HEAP_BASE, 0, -1, Number.NaN, 2 ** 40])('free(%d) does nothing', (ptr) => {
    const memory = memoryOf(2);
    const heap = heapOn(memory);
    heap.alloc(16, 8, 'kept');
    const before = stateOf(heap, memory);
    expect(heap.free(ptr)).toBeUndefined();
    expect(stateOf(heap, memory)).toEqual(before);
    expect(heap.alloc(1)).toBe(HEAP_BASE + 16);
  });
});

describe('base', () => {
  test('a base of its own is where everything is counted from', () => {
    const heap = heapOn(memoryOf(1), 1000);
    expect([heap.alloc(8), heap.base, heap.used, heap.getStats().peakUsage]).toEqual([1000, 1000, 8, 8]);
    heap.reset();
    expect(heap.offset).toBe(1000);
  });

  test('a base past the end of memory is reached by growing', () => {
    const memory = memoryOf(1);
    const heap = heapOn(memory, 3 * PAGE_SIZE);
    expect([heap.alloc(1), memory.pages(), heap.getStats().growthCount]).toEqual([3 * PAGE_SIZE, 4, 1]);
  });

  test('0 is the start of memory', () => {
    const heap = heapOn(memoryOf(1), 0);
    expect([heap.base, heap.offset, heap.alloc(1)]).toEqual([0, 0, 0]);
  });
});
