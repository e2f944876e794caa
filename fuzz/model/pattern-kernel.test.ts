import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { patternKernel } from './pattern-kernel.ts';

const PAGE_BYTES = 65536;

/** Byte `offset` of a block by the definition: word i is seed + i * step, little-endian. */
function patternByte(offset: number, seed: number, step: number): number {
  const word = (BigInt(seed) + BigInt(offset >>> 2) * BigInt(step)) & 0xffffffffn;
  return Number((word >> BigInt(8 * (offset & 3))) & 255n);
}

const word = fc.oneof(fc.constantFrom(0, 1, 255, 2 ** 31, 2 ** 32 - 1), fc.nat(2 ** 32 - 1));
const pieces = {
  pointer: fc.oneof(fc.nat(64), fc.integer({ min: PAGE_BYTES - 300, max: PAGE_BYTES - 200 })),
  sizeBytes: fc.nat(200),
  seed: word,
  step: word,
};

const MEMORIES = [
  { kind: 'plain', make: () => new WebAssembly.Memory({ initial: 1, maximum: 2 }) },
  { kind: 'shared', make: () => new WebAssembly.Memory({ initial: 1, maximum: 2, shared: true }) },
];

describe.each(MEMORIES)('the pattern kernel over a $kind memory', ({ make }) => {
  const memory = make();
  const kernel = patternKernel(memory);
  const bytes = new Uint8Array(memory.buffer);

  it('fills the bytes of the definition, and no others', () => {
    const property = fc.property(fc.record(pieces), ({ pointer, sizeBytes, seed, step }) => {
      bytes.fill(0xee);
      kernel.fill(pointer, sizeBytes, seed, step);
      const expected = new Uint8Array(PAGE_BYTES).fill(0xee);
      for (let offset = 0; offset < sizeBytes; offset++) expected[pointer + offset] = patternByte(offset, seed, step);
      expect(Buffer.compare(bytes, expected)).toBe(0);
    });
    fc.assert(property, { numRuns: 60 });
  });

  it('finds a block as it was filled', () => {
    const property = fc.property(fc.record(pieces), ({ pointer, sizeBytes, seed, step }) => {
      kernel.fill(pointer, sizeBytes, seed, step);
      expect(kernel.verify(pointer, sizeBytes, seed, step)).toBe(0);
    });
    fc.assert(property, { numRuns: 60 });
  });

  it('finds a single changed byte wherever it is, within its piece of 64', () => {
    const property = fc.property(
      fc.record(pieces),
      fc.nat(1000),
      fc.integer({ min: 1, max: 255 }),
      (block, at, flip) => {
        const { pointer, seed, step } = block;
        const sizeBytes = Math.min(block.sizeBytes + 1, bytes.length - pointer);
        const changed = pointer + (at % sizeBytes);
        kernel.fill(pointer, sizeBytes, seed, step);
        bytes[changed] = (bytes[changed] ?? 0) ^ flip;
        const found = kernel.verify(pointer, sizeBytes, seed, step);
        // Address 0 means that nothing was found, so a block there tells nothing of its first piece: none lies there.
        if (pointer > 0) expect(changed - found).toBeGreaterThanOrEqual(0);
        if (pointer > 0) expect(changed - found).toBeLessThan(64);
      },
    );
    fc.assert(property, { numRuns: 200 });
  });

  it('sees content that has moved by a word', () => {
    kernel.fill(1024, 64, 7, 0x9e3779b9);
    bytes.copyWithin(1024, 1028, 1088);
    expect(kernel.verify(1024, 64, 7, 0x9e3779b9)).toBe(1024);
  });

  it('ends at the last byte of memory', () => {
    kernel.fill(PAGE_BYTES - 33, 33, 1, 2);
    expect(kernel.verify(PAGE_BYTES - 33, 33, 1, 2)).toBe(0);
    expect(() => kernel.fill(PAGE_BYTES - 32, 33, 1, 2)).toThrow(WebAssembly.RuntimeError);
  });
});
