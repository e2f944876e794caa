/**
 * A choice among functions that do the same, by the request alone: whoever frees a block knows it again, and a trace calls
 * the same functions every time.
 */

/** No power of two: sizes of one alignment, and powers of two, have every remainder. */
export const THIRDS = 3;
/** For another choice by the same size, that does not follow from the first. */
export const FIFTHS = 5;

export type Some<Item> = readonly [Item, ...Item[]];

/** The one of `choices` for `sizeBytes`; the first for 0 bytes, and for the last remainder where there are fewer. */
export function byRemainder<Choice>(choices: Some<Choice>, divisor: number, sizeBytes: number): Choice {
  return choices[(sizeBytes % divisor) % choices.length] ?? choices[0];
}

/** `0 malloc, 1 calloc, 2 malloc`: which of `names` goes with which remainder. */
export function sayRemainders(names: Some<string>, divisor: number): string {
  const said = Array.from(
    { length: divisor },
    (_, remainder) => `${remainder} ${byRemainder(names, divisor, remainder)}`,
  );
  return said.join(', ');
}

/** True when there is one at least. */
export function isSome<Item>(items: readonly Item[]): items is Some<Item> {
  return items.length > 0;
}
