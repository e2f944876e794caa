/** Memories of two gigabytes and a little, and of four, for laws about addresses from 2^31 up. They cannot grow. */
import fc from 'fast-check';
import { near } from '../arbitraries/borders.ts';

/** 2 GiB and a page: what ends past memory is negative in 32 bits. */
const TWO_GIGABYTES_PAGES = 32_769;

/** All that 32 bits address: its end is 0 in 32 bits. */
const FOUR_GIGABYTES_PAGES = 65_536;

const made = new Map<number, WebAssembly.Memory>();

/** One each for all runs: pages are only reserved until they are touched, and what asks for them touches none. */
function memoryOf(pages: number): WebAssembly.Memory {
  const memory = made.get(pages) ?? new WebAssembly.Memory({ initial: pages, maximum: pages });
  made.set(pages, memory);
  return memory;
}

/** The memories of these sizes; the larger one only where the machine has so many addresses left to reserve. */
export function largeMemories(): readonly WebAssembly.Memory[] {
  const smaller = memoryOf(TWO_GIGABYTES_PAGES);
  try {
    return [memoryOf(FOUR_GIGABYTES_PAGES), smaller];
  } catch {
    return [smaller];
  }
}

export interface Request {
  readonly size: number;
  readonly align: number;
}

/** Around 2^31, from a little below, shortly before the end, and the lowest addresses, from which a block may be 2^31 bytes and more. */
export function bases(sizeBytes: number): fc.Arbitrary<number> {
  return fc.oneof(
    near(2 ** 31, 40),
    fc.integer({ min: 2 ** 31, max: sizeBytes - 256 }),
    fc.integer({ min: sizeBytes - 512, max: sizeBytes - 1 }),
    fc.nat(64),
  );
}

/** Small blocks and those of about 2^31 bytes, at any alignment there is, 2^32 the largest. */
export function requests(): fc.Arbitrary<Request[]> {
  const small = fc.integer({ min: 1, max: 200 });
  const large = fc.constantFrom(2 ** 30, 2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1, 2 ** 32 - 1, 2 ** 32);
  const size = fc.oneof({ arbitrary: small, weight: 4 }, { arbitrary: large, weight: 1 });
  const low = fc.nat(6).map((exponent) => 2 ** exponent);
  const high = fc.integer({ min: 7, max: 32 }).map((exponent) => 2 ** exponent);
  const align = fc.oneof({ arbitrary: low, weight: 4 }, { arbitrary: high, weight: 1 });
  return fc.array(fc.record({ size, align }), { minLength: 1, maxLength: 12 });
}

/** Where a block of the contract begins: the lowest multiple of `align` from `top` up. */
export function placeOf(top: number, align: number): number {
  return Math.ceil(top / align) * align;
}
