import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Contents } from './contents.ts';

const PAGE_BYTES = 65536;
const MIB = 2 ** 20;

function memoryOf(pages: number, shared = false): WebAssembly.Memory {
  return new WebAssembly.Memory({ initial: pages, maximum: 64, shared });
}

function bytesOf(memory: WebAssembly.Memory): Uint8Array {
  return new Uint8Array(memory.buffer);
}

describe('the contents of a block', () => {
  it('are what expectedByte says, whatever the size and the address', () => {
    const memory = memoryOf(1);
    const contents = new Contents(memory);
    const bytes = bytesOf(memory);
    const property = fc.property(
      fc.integer({ min: 8, max: 99 }),
      fc.nat(130),
      fc.nat(2 ** 32 - 1),
      (at, size, seed) => {
        contents.fill(at, 0, size, seed);
        expect(contents.firstDamage(at, size, size, seed)).toBe(-1);
        expect(contents.isIntact(at, size, size, seed)).toBe(true);
        const wrong = Array.from({ length: size }, (_, offset) => offset).filter(
          (offset) => bytes[at + offset] !== contents.expectedByte(offset, seed),
        );
        expect(wrong).toEqual([]);
      },
    );
    fc.assert(property, { numRuns: 150 });
  });

  it('name the very byte that changed, and what it is now', () => {
    const memory = memoryOf(1);
    const contents = new Contents(memory);
    const property = fc.property(fc.nat(99), fc.integer({ min: 1, max: 100 }), fc.nat(99), (at, size, place) => {
      const [pointer, offset] = [at + 8, place % size];
      contents.fill(pointer, 0, size, 99);
      const changed = contents.expectedByte(offset, 99) ^ 1;
      bytesOf(memory)[pointer + offset] = changed;
      expect(contents.firstDamage(pointer, size, size, 99)).toBe(offset);
      expect(contents.isIntact(pointer, size, size, 99)).toBe(false);
      expect(contents.byteAt(pointer + offset)).toBe(changed);
    });
    fc.assert(property, { numRuns: 150 });
  });

  it('of a block that grew are filled on from where they ended', () => {
    const contents = new Contents(memoryOf(1));
    const sizes = fc.tuple(fc.nat(100), fc.integer({ min: 1, max: 100 }));
    const property = fc.property(sizes, ([old, more]) => {
      contents.fill(64, 0, old, 5);
      contents.fill(64, old, old + more, 5);
      expect(contents.firstDamage(64, old + more, old + more, 5)).toBe(-1);
    });
    fc.assert(property, { numRuns: 100 });
  });

  it('of a block that shrank are kept as they are', () => {
    const memory = memoryOf(1);
    const contents = new Contents(memory);
    contents.fill(64, 0, 80, 5);
    const before = bytesOf(memory).slice();
    contents.fill(64, 80, 40, 5);
    expect(Buffer.compare(bytesOf(memory), before)).toBe(0);
  });

  it('are zero where calloc zeroed, and the first byte that is not is found', () => {
    const memory = memoryOf(1);
    const contents = new Contents(memory);
    expect(contents.firstNonZero(64, 1000)).toBe(-1);
    bytesOf(memory)[64 + 777] = 1;
    expect(contents.firstNonZero(64, 1000)).toBe(777);
    expect(contents.firstNonZero(64, 777)).toBe(-1);
    expect(contents.firstNonZero(64, 0)).toBe(-1);
  });
});

describe('the contents of a block above 1 MiB', () => {
  const memory = memoryOf(40);
  const contents = new Contents(memory);
  const size = 2 * MIB + 3;

  it.each([
    { where: 'its first byte', offset: 0 },
    { where: 'the end of its head', offset: PAGE_BYTES - 1 },
    { where: 'a sampled word', offset: PAGE_BYTES + 4096 },
    { where: 'its tail', offset: size - 40000 },
    { where: 'its last byte', offset: size - 1 },
  ])('are verified at $where', ({ offset }) => {
    contents.fill(64, 0, size, 3);
    expect(contents.firstDamage(64, size, size, 3)).toBe(-1);
    expect(contents.isIntact(64, size, size, 3)).toBe(true);
    bytesOf(memory)[64 + offset] = contents.expectedByte(offset, 3) ^ 0xff;
    expect(contents.firstDamage(64, size, size, 3)).toBe(offset);
    expect(contents.isIntact(64, size, size, 3)).toBe(false);
  });

  it('are verified up to where it shrank to, and no further', () => {
    contents.fill(64, 0, size, 3);
    bytesOf(memory)[64 + 2000] = contents.expectedByte(2000, 3) ^ 0xff;
    expect(contents.firstDamage(64, 2000, size, 3)).toBe(-1);
    expect(contents.firstDamage(64, 2001, size, 3)).toBe(2000);
  });

  it('are written whole again when it shrinks to less', () => {
    contents.fill(64, 0, size, 3);
    contents.fill(64, size, 5000, 3);
    expect(contents.firstDamage(64, 5000, 5000, 3)).toBe(-1);
    contents.fill(64, 0, size, 3);
    contents.fill(64, size, MIB + 1, 3);
    expect(contents.firstDamage(64, MIB + 1, MIB + 1, 3)).toBe(-1);
  });
});

describe('the size of memory', () => {
  it('is seen to grow by the views it detaches', () => {
    const memory = memoryOf(1);
    const contents = new Contents(memory);
    memory.grow(1);
    expect(contents.sizeBytes()).toBe(2 * PAGE_BYTES);
    memory.grow(1);
    contents.fill(PAGE_BYTES * 2 + 16, 0, 16, 1);
    expect(contents.firstDamage(PAGE_BYTES * 2 + 16, 16, 16, 1)).toBe(-1);
    expect(contents.renewedSizeBytes()).toBe(3 * PAGE_BYTES);
  });

  it('of a shared memory, whose views stay, is asked for', () => {
    const memory = memoryOf(1, true);
    const contents = new Contents(memory);
    memory.grow(1);
    expect(contents.sizeBytes()).toBe(PAGE_BYTES);
    expect(contents.renewedSizeBytes()).toBe(2 * PAGE_BYTES);
  });

  it('is that of the memory attached last', () => {
    const contents = new Contents(memoryOf(1));
    const other = memoryOf(3);
    contents.attach(other);
    contents.attach(other);
    expect(contents.sizeBytes()).toBe(3 * PAGE_BYTES);
    contents.fill(2 * PAGE_BYTES, 0, 100, 1);
    expect(bytesOf(other)[2 * PAGE_BYTES]).toBe(contents.expectedByte(0, 1));
  });

  it('ends where a byte beyond it reads as zero', () => {
    expect(new Contents(memoryOf(1)).byteAt(PAGE_BYTES)).toBe(0);
  });
});
