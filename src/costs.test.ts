/** What the interface does not ask of the platform: counted, not timed. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { HostBumpAllocator } from './host-bump-allocator.ts';
import { shortAscii } from './utf8.ts';
import { WasmMemory } from './wasm-memory.ts';

const PAGE = 0x10000;

/** A memory that counts how often it is asked for its buffer, which costs more than an access. */
class CountedMemory extends WebAssembly.Memory {
  asked = 0;

  override get buffer(): ArrayBuffer {
    this.asked += 1;
    return super.buffer;
  }
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('memory is asked for its buffer', () => {
  test('by no access inside it', () => {
    const raw = new CountedMemory({ initial: 1 });
    const memory = new WasmMemory(raw);
    raw.asked = 0;
    memory.writeI32(0, 1);
    memory.writeF64(8, memory.readI32(0));
    memory.readString(16, memory.writeString(16, 'short'));
    memory.writeBytes(32, memory.readBytes(8, 8));
    expect(raw.asked).toBe(0);
  });

  test('by no allocation that fits', () => {
    const raw = new CountedMemory({ initial: 2 });
    const heap = new HostBumpAllocator(new WasmMemory(raw));
    raw.asked = 0;
    heap.alloc(100);
    heap.alloc(raw.buffer.byteLength - heap.offset, 1);
    expect([raw.asked, heap.offset]).toEqual([1, 2 * PAGE]);
  });
});

test('views are made anew only when there is another buffer', () => {
  const memory = new WasmMemory(new WebAssembly.Memory({ initial: 1 }));
  const view = vi.spyOn(globalThis, 'DataView');
  memory.isValidRange(PAGE - 1, 1);
  expect(view).not.toHaveBeenCalled();
  memory.grow(1);
  memory.isValidRange(PAGE, 1);
  expect(view).toHaveBeenCalledTimes(1);
});

test('a block without a tag takes no entry in a Map', () => {
  const heap = new HostBumpAllocator(new WasmMemory(new WebAssembly.Memory({ initial: 2 })));
  const set = vi.spyOn(Map.prototype, 'set');
  heap.alloc(8);
  const without = set.mock.calls.length;
  heap.alloc(8, 8, 'tag');
  expect([without, set.mock.calls.length]).toEqual([0, 1]);
});

describe('short strings go without the coders of the platform', () => {
  const memory = new WasmMemory(new WebAssembly.Memory({ initial: 1 }));

  test.each(['', 'a', '雪', 'nine unit'])('writing %j', (text) => {
    const encodeInto = vi.spyOn(TextEncoder.prototype, 'encodeInto');
    const encode = vi.spyOn(TextEncoder.prototype, 'encode');
    memory.writeString(0, text);
    memory.writeString(PAGE - 3 * text.length, text);
    expect([encodeInto.mock.calls.length, encode.mock.calls.length]).toEqual([0, 0]);
  });

  test('and longer ones are encoded in place', () => {
    const encodeInto = vi.spyOn(TextEncoder.prototype, 'encodeInto');
    const encode = vi.spyOn(TextEncoder.prototype, 'encode');
    memory.writeString(0, 'ten units!');
    expect([encodeInto.mock.calls.length, encode.mock.calls.length]).toEqual([1, 0]);
  });

  test.each([0, 1, 3, 4, 5, 8, 11, 12])('reading %d bytes, whatever lies around them', (length) => {
    const text = 'twelve bytes'.slice(0, length);
    const bytes = Uint8Array.of(0xff, ...Buffer.from(text), 0xff);
    expect(shortAscii(bytes, 1, length)).toBe(text);
  });

  test('unless they are long or not ASCII', () => {
    expect(shortAscii(new Uint8Array(13), 0, 13)).toBeUndefined();
    expect(shortAscii(Uint8Array.of(0x41, 0x80), 0, 2)).toBeUndefined();
  });
});

describe('the coders of a platform that refuse shared memory', () => {
  /** Makes them do so, as those of browsers do, and says whether they were given any. */
  function refuseShared(): void {
    const { decode } = TextDecoder.prototype;
    const { encodeInto } = TextEncoder.prototype;
    vi.spyOn(TextDecoder.prototype, 'decode').mockImplementation(function (this: TextDecoder, bytes, options) {
      assertNotShared(bytes as Uint8Array);
      return decode.call(this, bytes, options);
    });
    vi.spyOn(TextEncoder.prototype, 'encodeInto').mockImplementation(function (this: TextEncoder, text, bytes) {
      assertNotShared(bytes);
      return encodeInto.call(this, text, bytes);
    });
  }

  function assertNotShared(bytes: Uint8Array): void {
    if (bytes.buffer instanceof SharedArrayBuffer) throw new TypeError('The provided buffer is shared');
  }

  test('are not given any', () => {
    refuseShared();
    const memory = new WasmMemory(new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }));
    for (const text of ['short', 'longer than twelve bytes', 'Grüße, 世界, 😀']) {
      expect(memory.readString(8, memory.writeString(8, text))).toBe(text);
    }
  });

  test('and are not spared memory that is not shared: nothing is copied first', () => {
    const raw = new WebAssembly.Memory({ initial: 1 });
    const decode = vi.spyOn(TextDecoder.prototype, 'decode');
    new WasmMemory(raw).readString(0, 100);
    const [bytes] = decode.mock.calls[0] ?? [];
    expect((bytes as Uint8Array).buffer).toBe(raw.buffer);
  });
});
