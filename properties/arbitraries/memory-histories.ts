/**
 * Histories: a few calls of everything the interface has, one after the other, on a memory that grows meanwhile.
 *
 * Pointers are fractions of memory as it is when the call is made, moved by a few bytes, so that a step keeps its meaning
 * when those before it are shrunk away; two in five are at 0, so that steps meet, and one in five at the very end or past it.
 */
import fc from 'fast-check';
import { type Growth, growths } from './memory-shapes.ts';
import { doubleBits, int32s, int64s, singleBits } from './numbers.ts';
import { characters } from './texts.ts';

/** Where a step works: `share` of the way from the first to the last pointer that fits, then `offset` bytes on. */
export interface Place {
  readonly share: number;
  readonly offset: number;
}

export type Step =
  | { readonly kind: 'I32' | 'I64' | 'F32' | 'F64'; readonly place: Place; readonly bits: bigint }
  | { readonly kind: 'bytes'; readonly place: Place; readonly data: Uint8Array }
  | { readonly kind: 'text'; readonly place: Place; readonly text: string }
  | { readonly kind: 'copy'; readonly place: Place; readonly from: number; readonly length: number }
  | { readonly kind: 'look'; readonly place: Place; readonly type: number }
  | { readonly kind: 'growth'; readonly growth: Growth };

/** Up to 30 steps. */
export function histories(): fc.Arbitrary<readonly Step[]> {
  return fc.array(steps(), { minLength: 1, maxLength: 30, size: 'max' });
}

/** One call of any kind. */
export function steps(): fc.Arbitrary<Step> {
  const place = places();
  return fc.oneof(
    { withCrossShrink: true },
    fc.record({
      kind: fc.constant('I32' as const),
      place,
      bits: int32s().map((value) => BigInt.asUintN(32, BigInt(value))),
    }),
    fc.record({ kind: fc.constant('I64' as const), place, bits: int64s().map((value) => BigInt.asUintN(64, value)) }),
    fc.record({ kind: fc.constant('F32' as const), place, bits: singleBits() }),
    fc.record({ kind: fc.constant('F64' as const), place, bits: doubleBits() }),
    fc.record({ kind: fc.constant('bytes' as const), place, data: fc.uint8Array({ maxLength: 40 }) }),
    fc.record({ kind: fc.constant('text' as const), place, text: someText() }),
    fc.record({ kind: fc.constant('copy' as const), place, from: fc.nat(65_535), length: fc.nat(40) }),
    fc.record({ kind: fc.constant('look' as const), place, type: fc.nat(3) }),
    fc.record({ kind: fc.constant('growth' as const), growth: growths() }),
  );
}

function places(): fc.Arbitrary<Place> {
  const inside = fc.record({ share: fc.double({ min: 0, max: 1, noNaN: true }), offset: fc.constant(0) });
  const first = fc.record({ share: fc.constant(0), offset: fc.nat(24) });
  const last = fc.record({ share: fc.constant(1), offset: fc.integer({ min: -9, max: 2 }) });
  const samePlace = fc.constant({ share: 0, offset: 0 });
  return fc.oneof({ withCrossShrink: true }, { arbitrary: samePlace, weight: 2 }, first, inside, last);
}

function someText(): fc.Arbitrary<string> {
  return fc
    .array(fc.oneof({ withCrossShrink: true }, characters(), fc.string()), { maxLength: 6 })
    .map((parts) => parts.join(''));
}
