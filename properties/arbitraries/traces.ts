/**
 * Traces that suit a profile, as data that fast-check can shrink: fewer operations first, then smaller operands.
 *
 * fast-check's own bias favours small values, so sizes are drawn by class: small ones, both sides of powers of two and
 * of page edges, the arena's own size and parts of it, and the neighbourhoods of 2^31 and 2^32.
 */
import fc from 'fast-check';
import type { Profile } from '../../fuzz/model/profile.ts';
import { type Operand, type Operation, type OperationKind, operandsOf } from '../../fuzz/trace/operation.ts';

const PAGE_BYTES = 65536;
const SLOTS = 8;
const MOST_OPERATIONS = 60;

/** Lists of up to 60 operations that `profile` has. */
export function traces(profile: Profile): fc.Arbitrary<Operation[]> {
  const operations = profile.operations.map((kind) => ({
    weight: weightOf(kind),
    arbitrary: operation(kind, profile),
  }));
  return fc.array(fc.oneof(...operations), { maxLength: MOST_OPERATIONS, size: 'max' });
}

/** Rare are the operations that end everything or move memory from outside. */
function weightOf(kind: OperationKind): number {
  if (kind === 'malloc' || kind === 'aligned_alloc' || kind === 'realloc') return 8;
  return kind === 'reset' || kind === 'grow' ? 1 : 4;
}

function operation(kind: OperationKind, profile: Profile): fc.Arbitrary<Operation> {
  const operands = operandsOf(kind).map((operand) => operandValue(operand, profile));
  return fc.tuple(...operands).map((values) => ({ kind, operands: values }));
}

function operandValue(operand: Operand, profile: Profile): fc.Arbitrary<number> {
  switch (operand) {
    case 'slot':
      return fc.nat(SLOTS - 1);
    case 'size':
      return sizes(profile.arenaEnd - profile.arenaStart);
    case 'count':
      return fc.oneof(fc.nat(16), around(2 ** 16, 2), around(2 ** 31, 2));
    case 'alignment':
      return fc.oneof({ weight: 8, arbitrary: powersOfTwo(17) }, { weight: 1, arbitrary: powersOfTwo(31) }, fc.nat(48));
    default:
      return fc.nat(2);
  }
}

/** Parts of a larger arena are asked for in one size of forty, not in one of six: memory that is touched first costs time. */
const LARGE_ARENA_BYTES = 2 ** 22;

/** Sizes in bytes, for an arena of `arenaBytes`. */
export function sizes(arenaBytes: number): fc.Arbitrary<number> {
  const weight = arenaBytes > LARGE_ARENA_BYTES ? 1 : 8;
  return fc.oneof(
    { weight: 48, arbitrary: fc.nat(80) },
    { weight: 16, arbitrary: powersOfTwo(16).chain((power) => around(power, 2)) },
    { weight: 16, arbitrary: fc.nat(4).chain((pages) => around(pages * PAGE_BYTES, 17)) },
    { weight, arbitrary: fc.constantFrom(1, 2, 3, 4, 8).chain((part) => around(Math.floor(arenaBytes / part), 17)) },
    { weight, arbitrary: fc.constantFrom(arenaBytes, arenaBytes - 8, arenaBytes - 1, arenaBytes + 1) },
    { weight: 4, arbitrary: around(2 ** 31, 17) },
    { weight: 4, arbitrary: fc.nat(17).map((below) => 2 ** 32 - 1 - below) },
  );
}

/** Whole numbers from `centre` - `reach` to `centre` + `reach`, none negative. */
function around(centre: number, reach: number): fc.Arbitrary<number> {
  return fc.integer({ min: Math.max(0, centre - reach), max: centre + reach });
}

function powersOfTwo(largest: number): fc.Arbitrary<number> {
  return fc.nat(largest).map((exponent) => 2 ** exponent);
}
