/**
 * How often each law was looked at, worked out from how operations ended.
 *
 * A lower bound: it counts answers, deaths of blocks and resets, but not the sweep over all live blocks at a trace's end.
 */
import type { LawId } from '../laws.ts';
import { OUTCOME, type Outcome, outcomeIndex } from '../model/shape.ts';
import { CODE, type OperationKind } from '../trace/operation.ts';

type Counts = ArrayLike<number>;

const PLACED: readonly Outcome[] = [OUTCOME.fresh, OUTCOME.reused, OUTCOME.inPlace, OUTCOME.moved];
const ANSWERED: readonly Outcome[] = [...PLACED, OUTCOME.refused];
const ALLOCATING: readonly OperationKind[] = ['malloc', 'calloc', 'realloc', 'aligned_alloc'];

/** Checks by law; laws that were not looked at are left out. */
export function lawChecks(outcomes: Counts): Readonly<Partial<Record<LawId, number>>> {
  const count = (kinds: readonly OperationKind[], ends: readonly Outcome[]): number => sum(outcomes, kinds, ends);
  const placed = count(ALLOCATING, PLACED);
  const refused = count(ALLOCATING, [OUTCOME.refused]);
  const all: Readonly<Partial<Record<LawId, number>>> = {
    'pointers-are-aligned': placed,
    'regions-stay-in-bounds': placed,
    'regions-never-overlap': placed,
    'bytes-survive-their-neighbours': count(['free', 'reset', 'pop', 'run'], [OUTCOME.done]),
    'realloc-keeps-the-prefix': count(['realloc'], [OUTCOME.inPlace, OUTCOME.moved, OUTCOME.refused]),
    'calloc-gives-zeroes': count(['calloc'], PLACED),
    'impossible-sizes-are-refused': placed,
    'exhaustion-is-reported': refused,
    'refusals-are-honest': refused,
    'growth-is-proportionate': placed,
    'reset-starts-over': count(['reset'], [OUTCOME.done]),
    'operations-never-trap': count(ALLOCATING, ANSWERED) + count(['free', 'reset'], [OUTCOME.done]),
  };
  return Object.fromEntries(Object.entries(all).filter(([, checks]) => checks > 0));
}

/** Operations of `kinds` that never ran. */
export function neverReached(outcomes: Counts, kinds: readonly OperationKind[]): OperationKind[] {
  return kinds.filter((kind) => COUNTED.has(kind) && sum(outcomes, [kind], Object.values(OUTCOME)) === 0);
}

/** Kinds whose end the judge notes. */
const COUNTED: ReadonlySet<OperationKind> = new Set([...ALLOCATING, 'free', 'reset', 'grow']);

function sum(outcomes: Counts, kinds: readonly OperationKind[], ends: readonly Outcome[]): number {
  let total = 0;
  for (const kind of kinds) for (const end of ends) total += outcomes[outcomeIndex(CODE[kind], end)] ?? 0;
  return total;
}
