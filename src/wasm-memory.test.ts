import { describe, expect, test } from 'vitest';
import { MemoryError, WasmMemory } from './index.ts';

const PAGE = 0x10000;

function onePage(): WasmMemory {
  return new WasmMemory(new WebAssembly.Memory({ initial: 1, maximum: 4 }));
}

/** What the call throws; it is an error that it throws nothing. */
function thrownBy(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

type Access = (memory: WasmMemory, ptr: number, length: number) => unknown;

/** Every method that takes a range, of `length` bytes. */
const RANGES: Readonly<Record<string, Access>> = {
  readString: (memory, ptr, length) => memory.readString(ptr, length),
  readBytes: (memory, ptr, length) => memory.readBytes(ptr, length),
  isValidRange: (memory, ptr, length) => memory.isValidRange(ptr, length),
  createDataView: (memory, ptr, length) => memory.createDataView(ptr, length),
  createByteView: (memory, ptr, length) => memory.createByteView(ptr, length),
};

/** Every method that takes a pointer, with the bytes it uses there. */
const POINTERS: Readonly<Record<string, readonly [number, (memory: WasmMemory, ptr: number) => unknown]>> = {
  readI32: [4, (memory, ptr) => memory.readI32(ptr)],
  writeI32: [4, (memory, ptr) => memory.writeI32(ptr, -2)],
  readI64: [8, (memory, ptr) => memory.readI64(ptr)],
  writeI64: [8, (memory, ptr) => memory.writeI64(ptr, -2n)],
  readF32: [4, (memory, ptr) => memory.readF32(ptr)],
  writeF32: [4, (memory, ptr) => memory.writeF32(ptr, -2)],
  readF64: [8, (memory, ptr) => memory.readF64(ptr)],
  writeF64: [8, (memory, ptr) => memory.writeF64(ptr, -2)],
  'writeString short': [5, (memory, ptr) => memory.writeString(ptr, 'Hello')],
  'writeString long': [40, (memory, ptr) => memory.writeString(ptr, 'é'.repeat(20))],
  writeBytes: [3, (memory, ptr) => memory.writeBytes(ptr, new Uint8Array([7, 7, 7]))],
};

const INVALID = [-1, -(2 ** 32), 0.5, 1e-17, 64.25, Number.NaN, Infinity, -Infinity];
const BEYOND = [PAGE + 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 64, 2 ** 53, 1e300];

describe('strings', () => {
  test.each(['Hello, World!', 'Grüße, 世界, 😀', '', 'x'.repeat(10_000), '\0in\0side\0'])('%j comes back', (text) => {
    const memory = onePage();
    const count = memory.writeString(100, text);
    expect(count).toBe(new TextEncoder().encode(text).length);
    expect(memory.readString(100, count)).toBe(text);
  });

  test('a BOM is kept', () => {
    const memory = onePage();
    expect(memory.writeString(0, '\ufeffabc')).toBe(6);
    expect(memory.readString(0, 6)).toBe('\ufeffabc');
  });

  test.each([
    [[0x80]],
    [[0xff]],
    [[0xc0, 0x80]],
    [[0xed, 0xa0, 0x80]],
    [[0xf5, 0x80, 0x80, 0x80]],
    [[0x61, 0xe2, 0x82]],
  ])('malformed bytes %j are a MemoryError that says where', (bytes) => {
    const memory = onePage();
    memory.writeBytes(8, new Uint8Array(bytes));
    const error = thrownBy(() => memory.readString(8, bytes.length));
    expect(error).toBeInstanceOf(MemoryError);
    expect(error).toMatchObject({ ptr: 8, length: bytes.length });
  });

  test('a string that does not fit is refused whole, and one that just fits is written', () => {
    const memory = onePage();
    for (const text of ['abcdef', 'é'.repeat(3), '雪'.repeat(2), 'a'.repeat(40)]) {
      const size = Buffer.byteLength(text);
      const error = thrownBy(() => memory.writeString(PAGE - size + 1, text));
      expect(error).toMatchObject({ name: 'MemoryError', ptr: PAGE - size + 1, length: size });
      expect([...memory.readBytes(PAGE - 64, 64)].every((byte) => byte === 0)).toBe(true);
      expect(memory.writeString(PAGE - size, text)).toBe(size);
      expect(memory.readString(PAGE - size, size)).toBe(text);
      memory.writeBytes(PAGE - 64, new Uint8Array(64));
    }
  });
});

describe('bytes', () => {
  test('what is written is read, and the count is returned', () => {
    const memory = onePage();
    const data = Uint8Array.from({ length: 5000 }, (_, index) => index * 31);
    expect(memory.writeBytes(1234, data)).toBe(5000);
    expect([...memory.readBytes(1234, 5000)]).toEqual([...data]);
    expect([...memory.readBytes(1233, 1), ...memory.readBytes(6234, 1)]).toEqual([0, 0]);
  });

  test('readBytes gives a copy', () => {
    const memory = onePage();
    const copy = memory.readBytes(0, 4);
    copy.fill(9);
    expect(memory.readI32(0)).toBe(0);
    memory.writeI32(0, 5);
    expect([...copy]).toEqual([9, 9, 9, 9]);
  });

  test('a view on the same memory may overlap where it is written to', () => {
    const memory = onePage();
    memory.writeString(0, '0123456789');
    memory.writeBytes(3, memory.createByteView(0, 7));
    expect(memory.readString(0, 10)).toBe('0120123456');
    memory.writeBytes(0, memory.createByteView(3, 7));
    expect(memory.readString(0, 10)).toBe('0123456456');
  });
});

describe('numbers', () => {
  test.each([0, 1, -1, 42, 2 ** 31 - 1, -(2 ** 31)])('I32 %d comes back', (value) => {
    const memory = onePage();
    memory.writeI32(5, value);
    expect(memory.readI32(5)).toBe(value);
  });

  test.each([2 ** 31, 2 ** 32 + 5, -(2 ** 31) - 1, 1.9, -1.9, Number.NaN, Infinity, 2 ** 53, 1e300])(
    'I32 %d wraps as ToInt32',
    (value) => {
      const memory = onePage();
      memory.writeI32(0, value);
      expect(memory.readI32(0)).toBe(value | 0);
    },
  );

  test.each([0n, 1n, -1n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)])('I64 %d comes back', (value) => {
    const memory = onePage();
    memory.writeI64(3, value);
    expect(memory.readI64(3)).toBe(value);
  });

  test.each([2n ** 63n, 2n ** 64n + 7n, -(2n ** 63n) - 1n, 2n ** 200n - 1n])('I64 %d wraps as asIntN', (value) => {
    const memory = onePage();
    memory.writeI64(0, value);
    expect(memory.readI64(0)).toBe(BigInt.asIntN(64, value));
  });

  test.each([0, -0, 1.5, -3.25, 0.1, 2 ** -149, 3.4e38, 1e39, Infinity, -Infinity, Number.NaN])(
    'F32 %d comes back rounded',
    (value) => {
      const memory = onePage();
      memory.writeF32(1, value);
      expect(memory.readF32(1)).toBe(Math.fround(value));
    },
  );

  test.each([0, -0, 0.1, Math.PI, Number.MIN_VALUE, Number.MAX_VALUE, Infinity, -Infinity, Number.NaN])(
    'F64 %d comes back exactly',
    (value) => {
      const memory = onePage();
      memory.writeF64(7, value);
      expect(memory.readF64(7)).toBe(value);
    },
  );

  test('every number lies little-endian in memory, and in no byte beside its own', () => {
    const memory = onePage();
    const bytesOf = (write: (ptr: number) => void) => {
      memory.writeBytes(0, new Uint8Array(16).fill(0xee));
      write(4);
      return Buffer.from(memory.readBytes(0, 16)).toString('hex');
    };
    expect(bytesOf((ptr) => memory.writeI32(ptr, 0x01020304))).toBe('eeeeeeee04030201eeeeeeeeeeeeeeee');
    expect(bytesOf((ptr) => memory.writeI64(ptr, 0x0102030405060708n))).toBe('eeeeeeee0807060504030201eeeeeeee');
    expect(bytesOf((ptr) => memory.writeF32(ptr, 1.5))).toBe('eeeeeeee0000c03feeeeeeeeeeeeeeee');
    expect(bytesOf((ptr) => memory.writeF64(ptr, -2.5))).toBe('eeeeeeee00000000000004c0eeeeeeee');
  });

  test('reads what little-endian bytes say', () => {
    const memory = onePage();
    memory.writeBytes(0, Uint8Array.from([1, 2, 3, 0xff, 0, 0, 0xf8, 0x3f]));
    expect(memory.readI32(0)).toBe(-0xfcfdff);
    expect(memory.readI64(0)).toBe(0x3ff80000ff030201n);
    expect(memory.readF32(4)).toBe(1.9375);
    expect(memory.readF64(0)).toBeCloseTo(1.5, 5);
  });
});

describe('bounds', () => {
  test.each(Object.keys(RANGES))('%s accepts every range inside and an empty one at the end', (method) => {
    const memory = onePage();
    for (const [ptr, length] of [
      [0, 0],
      [0, PAGE],
      [PAGE - 1, 1],
      [PAGE, 0],
      [PAGE - 1, 0],
    ] as const) {
      expect(() => RANGES[method]?.(memory, ptr, length)).not.toThrow();
    }
    expect(memory.isValidRange(PAGE, 0)).toBe(true);
  });

  test.each(Object.keys(RANGES))('%s refuses every other range, with its context', (method) => {
    const memory = onePage();
    const bad = [...INVALID, ...BEYOND];
    const ranges = [...bad.map((ptr) => [ptr, 4]), ...bad.map((ptr) => [ptr, 0]), ...bad.map((length) => [4, length])];
    for (const [ptr = 0, length = 0] of [...ranges, [PAGE, 1], [1, PAGE], [2 ** 32 - 1, 2 ** 32 - 1], [1e300, 1e300]]) {
      const error = thrownBy(() => RANGES[method]?.(memory, ptr, length));
      expect(error).toBeInstanceOf(MemoryError);
      expect(error).toMatchObject({ ptr, length });
    }
  });

  test.each(Object.keys(POINTERS))(
    '%s works up to the last byte and is refused past it, changing nothing',
    (method) => {
      const memory = onePage();
      const [size, access] = POINTERS[method] ?? [0, () => {}];
      for (const ptr of [...INVALID, ...BEYOND, PAGE, PAGE - 1, PAGE - size + 1]) {
        const error = thrownBy(() => access(memory, ptr));
        expect(error).toBeInstanceOf(MemoryError);
        expect(error).toMatchObject({ ptr, length: size });
      }
      expect([...memory.readBytes(0, PAGE)].every((byte) => byte === 0)).toBe(true);
      expect(() => access(memory, PAGE - size)).not.toThrow();
    },
  );

  test('an empty memory has one range', () => {
    const memory = new WasmMemory(new WebAssembly.Memory({ initial: 0 }));
    expect(memory.isValidRange(0, 0)).toBe(true);
    expect(memory.readString(0, 0)).toBe('');
    expect(() => memory.isValidRange(0, 1)).toThrow(MemoryError);
    expect(memory.size()).toBe(0);
  });
});

describe('growth', () => {
  test('grow returns the pages there were, and size and pages follow', () => {
    const memory = onePage();
    expect([memory.size(), memory.pages()]).toEqual([PAGE, 1]);
    expect(memory.grow(1)).toBe(1);
    expect(memory.grow(2)).toBe(2);
    expect(memory.grow(0)).toBe(4);
    expect([memory.size(), memory.pages()]).toEqual([4 * PAGE, 4]);
  });

  test('content survives, and new pages read zero', () => {
    const memory = onePage();
    memory.writeString(0, 'still here');
    memory.grow(1);
    expect(memory.readString(0, 10)).toBe('still here');
    expect(memory.readBytes(PAGE, PAGE).every((byte) => byte === 0)).toBe(true);
  });

  test.each([-1, Number.NaN, Infinity, -Infinity, 4, 65_536, 2 ** 32, 2 ** 53])('growing by %d is refused', (pages) => {
    const memory = onePage();
    memory.writeI32(0, 77);
    expect(thrownBy(() => memory.grow(pages))).toBeInstanceOf(MemoryError);
    expect([memory.pages(), memory.readI32(0)]).toEqual([1, 77]);
  });

  const growers: Readonly<Record<string, (memory: WasmMemory) => unknown>> = {
    'by itself': (memory) => memory.grow(1),
    'behind its back': (memory) => memory.getRawMemory().grow(1),
    'by nothing': (memory) => memory.getRawMemory().grow(0),
  };

  for (const shared of [false, true]) {
    const title = shared ? 'a shared memory' : 'a memory';
    test.each(Object.keys(growers))(`every method sees ${title} that grew %s, wherever it looks first`, (grower) => {
      const all: [string, (memory: WasmMemory, ptr: number) => unknown][] = [
        ...Object.entries(RANGES).map(([name, access]): [string, (memory: WasmMemory, ptr: number) => unknown] => [
          name,
          (memory, ptr) => access(memory, ptr, 8),
        ]),
        ...Object.entries(POINTERS).map(([name, [, access]]): [string, typeof access] => [name, access]),
        ['readString empty', (memory) => memory.readString(0, 0)],
        ['readBytes empty', (memory) => memory.readBytes(0, 0)],
        ['writeBytes empty', (memory) => memory.writeBytes(0, new Uint8Array(0))],
        ['writeString empty', (memory) => memory.writeString(0, '')],
        ['createDataView empty', (memory) => memory.createDataView(0, 0)],
        ['createByteView empty', (memory) => memory.createByteView(0, 0)],
      ];
      for (const [name, access] of all) {
        for (const ptr of [0, 100, PAGE - 2, PAGE + 8]) {
          const memory = new WasmMemory(new WebAssembly.Memory({ initial: 1, maximum: 4, shared }));
          memory.grow(1);
          access(memory, 0);
          growers[grower]?.(memory);
          expect(() => access(memory, ptr), `${name} at ${ptr}`).not.toThrow();
        }
      }
    });
  }

  test('writes after growth reach the memory that a module sees', () => {
    const memory = onePage();
    memory.getRawMemory().grow(1);
    memory.writeI32(PAGE + 4, 99);
    expect(new Int32Array(memory.getRawMemory().buffer)[(PAGE + 4) / 4]).toBe(99);
  });
});

describe('views', () => {
  test('createDataView and createByteView are views on exactly the range', () => {
    const memory = onePage();
    const view = memory.createDataView(16, 8);
    const bytes = memory.createByteView(16, 8);
    view.setInt32(4, 0x0a0b0c0d, true);
    expect([...bytes]).toEqual([0, 0, 0, 0, 0x0d, 0x0c, 0x0b, 0x0a]);
    expect(memory.readI32(20)).toBe(0x0a0b0c0d);
    expect([view.byteOffset, view.byteLength, bytes.byteOffset, bytes.byteLength]).toEqual([16, 8, 16, 8]);
    expect(() => view.getInt8(8)).toThrow(RangeError);
  });

  test('a view made after growth is alive', () => {
    const memory = onePage();
    memory.getRawMemory().grow(1);
    memory.createByteView(PAGE, 4).fill(1);
    expect(memory.createDataView(PAGE, 4).getInt32(0)).toBe(0x01010101);
  });
});

describe('shared memory', () => {
  test('everything works on it, and what is read is not shared', () => {
    const raw = new WebAssembly.Memory({ initial: 1, maximum: 2, shared: true });
    const memory = new WasmMemory(raw);
    for (const text of ['short', 'longer than twelve bytes', 'Grüße, 世界, 😀']) {
      expect(memory.readString(8, memory.writeString(8, text))).toBe(text);
    }
    const copy = memory.readBytes(8, 4);
    memory.writeString(8, 'else');
    expect([...copy]).toEqual([...new TextEncoder().encode('Grü')]);
    memory.writeI64(0, -5n);
    expect(memory.readI64(0)).toBe(-5n);
    raw.grow(1);
    expect([memory.pages(), memory.isValidRange(2 * PAGE - 1, 1)]).toEqual([2, true]);
  });
});

describe('mixed use', () => {
  test('interleaved writes keep to their own bytes', () => {
    const memory = onePage();
    memory.writeI32(0, 1);
    memory.writeF64(4, 2.5);
    memory.writeI64(12, 3n);
    memory.writeString(20, 'four');
    memory.writeF32(24, 5.5);
    expect([memory.readI32(0), memory.readF64(4), memory.readI64(12)]).toEqual([1, 2.5, 3n]);
    expect([memory.readString(20, 4), memory.readF32(24)]).toEqual(['four', 5.5]);
  });

  test('the later of two overlapping writes wins, in its own bytes only', () => {
    const memory = onePage();
    memory.writeI64(0, -1n);
    memory.writeI32(2, 0);
    expect(memory.readI64(0)).toBe(BigInt.asIntN(64, 0xffff00000000ffffn));
  });

  test('getRawMemory hands out the memory it was given', () => {
    const raw = new WebAssembly.Memory({ initial: 1 });
    expect(new WasmMemory(raw).getRawMemory()).toBe(raw);
  });
});
