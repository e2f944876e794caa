/** Memory of two gigabytes and a little, for laws about addresses from 2^31 up. It cannot grow. */
import fc from 'fast-check';
import { near } from '../arbitraries/borders.ts';

const PAGE_BYTES = 65_536;
const PAGES = 32_769;

/** 2 GiB and a page. */
export const LARGE_MEMORY_BYTES = PAGES * PAGE_BYTES;

const made: { memory?: WebAssembly.Memory } = {};

/** One for all runs: its pages are only reserved until they are touched, and what asks for it touches none. */
export function largeMemory(): WebAssembly.Memory {
  made.memory ??= new WebAssembly.Memory({ initial: PAGES, maximum: PAGES });
  return made.memory;
}

export interface Request {
  readonly size: number;
  readonly align: number;
}

/** Around 2^31, from a little below, and the lowest addresses, from which a block may be 2^31 bytes and more. */
export function bases(): fc.Arbitrary<number> {
  return fc.oneof(near(2 ** 31, 40), fc.integer({ min: 2 ** 31, max: LARGE_MEMORY_BYTES - 256 }), fc.nat(64));
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
