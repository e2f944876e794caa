/**
 * What the bytes of a block must be: filled when the block is handed out, verified when it moves, dies or is swept.
 *
 * Blocks above 1 MiB are sampled, head, tail and one word a page: touching every byte of a 1 GiB block would cost a
 * second and a gigabyte.
 */
import { type PatternKernel, patternKernel } from './pattern-kernel.ts';

/** 2^32 / golden ratio: neighbouring words differ in every byte. */
const STEP = 0x9e3779b9 | 0;
const SAMPLED_ABOVE_BYTES = 2 ** 20;
const SAMPLED_EDGE_BYTES = 2 ** 16;

export class Contents {
  #memory: WebAssembly.Memory;
  readonly #pretendedBytes: (() => number) | undefined;
  #kernel: PatternKernel;
  #bytes: Uint8Array;

  /** `pretendedBytes` tells the size of memory where it is longer than the allocator can see. */
  constructor(memory: WebAssembly.Memory, pretendedBytes?: () => number) {
    this.#memory = memory;
    this.#pretendedBytes = pretendedBytes;
    this.#kernel = patternKernel(memory);
    this.#bytes = new Uint8Array(memory.buffer);
  }

  /** Looks at `memory` from now on: the subject may have a new one after a restart. */
  attach(memory: WebAssembly.Memory): void {
    if (memory !== this.#memory) {
      this.#memory = memory;
      this.#kernel = patternKernel(memory);
      this.#renew();
    }
  }

  /** Writes `value` into every byte of [start, end), which is no block's. */
  write(start: number, end: number, value: number): void {
    if (this.#bytes.length === 0) this.#renew();
    this.#bytes.fill(value, start, end);
  }

  /** The size of memory now, in bytes. A view detached by growth has length 0, a shared one is only too short. */
  sizeBytes(): number {
    if (this.#bytes.length === 0) this.#renew();
    return this.#pretendedBytes?.() ?? this.#bytes.length;
  }

  /** As `sizeBytes`, asking memory itself: a shared memory that grew keeps its old views. */
  renewedSizeBytes(): number {
    if (this.#memory.buffer.byteLength !== this.#bytes.length) this.#renew();
    return this.#pretendedBytes?.() ?? this.#bytes.length;
  }

  /** Writes the block at `pointer`. */
  fillNew(pointer: number, sizeBytes: number, seed: number): void {
    if (sizeBytes > SAMPLED_ABOVE_BYTES) return this.#fillSampled(pointer, sizeBytes, seed);
    this.#kernel.fill(pointer | 0, sizeBytes, seed | 0, STEP);
  }

  /** Writes the block at `pointer`, of which the first `writtenBytes` hold their content already. */
  fill(pointer: number, writtenBytes: number, sizeBytes: number, seed: number): void {
    if (sizeBytes > SAMPLED_ABOVE_BYTES) {
      this.#fillSampled(pointer, sizeBytes, seed);
    } else if (writtenBytes < sizeBytes || writtenBytes > SAMPLED_ABOVE_BYTES) {
      const start = writtenBytes > sizeBytes ? 0 : writtenBytes & ~3;
      this.#kernel.fill((pointer + start) | 0, sizeBytes - start, (seed + Math.imul(start >>> 2, STEP)) | 0, STEP);
    }
  }

  /** Whether `sizeBytes` bytes at `pointer` are those of a block filled with `writtenBytes`. */
  isIntact(pointer: number, sizeBytes: number, writtenBytes: number, seed: number): boolean {
    if (writtenBytes > SAMPLED_ABOVE_BYTES) return this.firstDamage(pointer, sizeBytes, writtenBytes, seed) < 0;
    return this.#kernel.verify(pointer | 0, sizeBytes, seed | 0, STEP) === 0;
  }

  /** The first of `sizeBytes` bytes at `pointer` that differs from a block filled with `writtenBytes`; -1 when none. */
  firstDamage(pointer: number, sizeBytes: number, writtenBytes: number, seed: number): number {
    if (writtenBytes > SAMPLED_ABOVE_BYTES) return this.#firstSampledDamage(pointer, sizeBytes, writtenBytes, seed);
    return this.#firstDamageIn(pointer, 0, sizeBytes, seed, STEP);
  }

  /** The first byte of [pointer, pointer + sizeBytes) that is not zero, as an offset; -1 when all are. */
  firstNonZero(pointer: number, sizeBytes: number): number {
    return this.#firstDamageIn(pointer, 0, sizeBytes, 0, 0);
  }

  /** Whether the `sizeBytes` bytes at two addresses are the same. */
  areEqual(first: number, second: number, sizeBytes: number): boolean {
    if (this.#bytes.length === 0) this.#renew();
    let offset = 0;
    while (offset < sizeBytes && this.#bytes[first + offset] === this.#bytes[second + offset]) offset++;
    return offset === sizeBytes;
  }

  /** The byte at `address` now. */
  byteAt(address: number): number {
    this.sizeBytes();
    return this.#bytes[address] ?? 0;
  }

  /** What byte `offset` of a block with `seed` must be. */
  expectedByte(offset: number, seed: number): number {
    return patternByte(offset, seed, STEP);
  }

  #renew(): void {
    this.#bytes = new Uint8Array(this.#memory.buffer);
  }

  #firstDamageIn(pointer: number, from: number, to: number, seed: number, step: number): number {
    const first = (seed + Math.imul(from >>> 2, step)) | 0;
    const address = this.#kernel.verify((pointer + from) | 0, to - from, first, step) >>> 0;
    if (address === 0) return -1;
    let offset = address - pointer;
    while (offset < to - 1 && this.byteAt(pointer + offset) === patternByte(offset, seed, step)) offset++;
    return offset;
  }

  #fillSampled(pointer: number, sizeBytes: number, seed: number): void {
    for (const [from, end] of samples(sizeBytes)) {
      this.#kernel.fill((pointer + from) | 0, end - from, (seed + Math.imul(from >>> 2, STEP)) | 0, STEP);
    }
  }

  #firstSampledDamage(pointer: number, sizeBytes: number, writtenBytes: number, seed: number): number {
    for (const [from, end] of samples(writtenBytes)) {
      const to = Math.min(end, sizeBytes);
      const offset = from < to ? this.#firstDamageIn(pointer, from, to, seed, STEP) : -1;
      if (offset >= 0) return offset;
    }
    return -1;
  }
}

function patternByte(offset: number, seed: number, step: number): number {
  return ((seed + Math.imul(offset >>> 2, step)) >>> ((offset & 3) * 8)) & 255;
}

/** Both edges of a large block, and a word of each of at most 1,024 places between; every start is a multiple of 4. */
function* samples(sizeBytes: number): Generator<[number, number]> {
  yield [0, Math.min(sizeBytes, SAMPLED_EDGE_BYTES)];
  const stride = Math.max(4096, Math.ceil(sizeBytes / 1024 / 4096) * 4096);
  for (let from = SAMPLED_EDGE_BYTES; from + 4 <= sizeBytes; from += stride) yield [from, from + 4];
  const tail = Math.max(SAMPLED_EDGE_BYTES, Math.floor((sizeBytes - SAMPLED_EDGE_BYTES) / 4) * 4);
  if (tail < sizeBytes) yield [tail, sizeBytes];
}
