/**
 * Pointers and lengths where things go wrong.
 *
 * fc.integer and fc.nat favour values near 0 and near their own bounds, so left alone they hardly ever meet 2^16, 2^31,
 * 2^32, a page's edge or the end of memory. Here `fc.oneof` gives each of these its own weight: half of all
 * pointers lie within a few bytes of such a border, and the borders themselves are also listed (`BAD_NUMBERS`,
 * `borderRequests` in `wasm-memory/requests.ts`) for laws that go through all of them every time. Alternatives are
 * listed from plain to odd and shrink across (`withCrossShrink`), so that a failure that needs no border shows none.
 * `meta/wasm-memory-borders.test.ts` counts that they are really produced.
 */
import fc from 'fast-check';

export const PAGE_BYTES = 65_536;

/** Numbers that are no pointer and no length whatever the memory: negative, fractional, not finite. */
export const BAD_NUMBERS: readonly number[] = [
  -1,
  -4,
  -8,
  -65_536,
  -(2 ** 31),
  -(2 ** 32),
  // Wraps to 8 when taken modulo 2^32.
  8 - 2 ** 32,
  0.5,
  1.5,
  -0.5,
  // The least positive number: whoever truncates takes it for 0.
  Number.MIN_VALUE,
  2 ** 32 + 0.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
];

/** Whole numbers beyond any memory of a few pages, where 31, 32 and 53 bits run out. */
export const FAR_NUMBERS: readonly number[] = [
  2 ** 31 - 8,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 31 + 8,
  2 ** 32 - 8,
  2 ** 32 - 4,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 32 + 1,
  2 ** 32 + 8,
  2 ** 33,
  2 ** 53 - 1,
  2 ** 53,
  Number.MAX_VALUE,
];

/** Whole numbers from `center - spread` to `center + spread`, all equally likely. */
export function near(center: number, spread = 9): fc.Arbitrary<number> {
  return fc.nat(2 * spread).map((distance) => center - spread + distance);
}

/** Any number a caller may take for a pointer into `sizeBytes` of memory; about half are good. */
export function pointers(sizeBytes: number): fc.Arbitrary<number> {
  return fc.oneof(
    { withCrossShrink: true },
    { arbitrary: fc.nat(Math.max(sizeBytes, 1)), weight: 4 },
    { arbitrary: near(sizeBytes, 17), weight: 4 },
    { arbitrary: nearPageEdges(sizeBytes), weight: 3 },
    { arbitrary: near(0), weight: 2 },
    { arbitrary: fc.constantFrom(2 ** 31, 2 ** 32).chain((border) => near(border)), weight: 1 },
    { arbitrary: fc.constantFrom(...BAD_NUMBERS, ...FAR_NUMBERS), weight: 2 },
  );
}

/** Pointers at which `widthBytes` fit into `sizeBytes`: either end, across a page's edge, or anywhere, aligned or not. */
export function goodPointers(sizeBytes: number, widthBytes: number): fc.Arbitrary<number> {
  const last = sizeBytes - widthBytes;
  const clamp = (pointer: number): number => Math.min(Math.max(pointer, 0), last);
  return fc.oneof(
    { withCrossShrink: true },
    { arbitrary: fc.nat(last), weight: 4 },
    { arbitrary: near(0, 16).map(clamp), weight: 2 },
    { arbitrary: near(last, 16).map(clamp), weight: 2 },
    { arbitrary: nearPageEdges(sizeBytes).map(clamp), weight: 2 },
  );
}

/** Lengths at which implementations change their ways: a few bytes, powers of two and one to either side. */
export const THRESHOLD_LENGTHS: readonly number[] = [0, 1, 2, 3].concat(
  [4, 8, 12, 16, 24, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16_384, 32_768, 65_536, 131_072].flatMap(
    (power) => [power - 1, power, power + 1],
  ),
);

/** Bytes of a page of most operating systems, by which whoever copies in blocks is likely to copy. */
const BLOCK_BYTES = 4096;

/** Lengths that are whole blocks, up to two pages of memory. */
export const WHOLE_BLOCKS: readonly number[] = Array.from(
  { length: (2 * PAGE_BYTES) / BLOCK_BYTES },
  (_, index) => (index + 1) * BLOCK_BYTES,
);

/** Every length to `mostBytes` that laws about bytes and texts go through each time. */
export function notableLengths(mostBytes: number): readonly number[] {
  return [...new Set([...THRESHOLD_LENGTHS, ...WHOLE_BLOCKS])].filter((length) => length <= mostBytes);
}

/** Lengths from 0 to `mostBytes`, notable ones as often as all others. */
export function lengths(mostBytes: number): fc.Arbitrary<number> {
  return fc.oneof(
    { withCrossShrink: true },
    fc.nat(Math.min(mostBytes, 40)),
    fc.constantFrom(...notableLengths(mostBytes)),
    fc.nat(mostBytes),
  );
}

function nearPageEdges(sizeBytes: number): fc.Arbitrary<number> {
  const pages = Math.max(1, Math.floor(sizeBytes / PAGE_BYTES));
  return fc.integer({ min: 1, max: pages }).chain((page) => near(page * PAGE_BYTES));
}
