/** How a row, the head and the last line of `npm run detect` are printed. */
import { grouped } from '../../fuzz/report/units.ts';
import type { Case } from './case.ts';
import { isRight, type Verdict } from './verdict.ts';

/** Widths of the columns; laws and names are the longest there are. */
const WIDTHS = [28, 34, 9, 40, 11, 8, 8] as const;
const NUMBERS_FROM = 4;

export const HEAD = row(['allocator', 'fault', 'outcome', 'law', 'executions', 'seconds', 'trace']);

/** One case as a line. */
export function lineOf(tried: Case, verdict: Verdict): string {
  const { hunted, law = '', outcome, operations } = verdict;
  const least = tried.leastOperations === undefined ? '' : `/${tried.leastOperations}`;
  const expected = outcome === 'other-law' || outcome === 'missed' ? `  expected ${tried.laws.join(' or ')}` : '';
  const flaky = hunted.finding?.flaky === undefined ? '' : `  ${hunted.finding.flaky}`;
  const cells = [tried.allocator, tried.fault ?? '(sound)', outcome, law, grouped(hunted.executions)];
  const size = operations === 0 ? '' : `${operations}${least}`;
  return row([...cells, hunted.seconds.toFixed(1), size]) + expected + flaky;
}

/** The same as data. */
export function jsonOf(tried: Case, { hunted, operations, ...rest }: Verdict): string {
  const { executions, seconds } = hunted;
  const { allocator, fault, laws, leastOperations } = tried;
  const expected = { allocator, fault, laws, leastOperations };
  return JSON.stringify({ ...expected, ...rest, executions, seconds, operations });
}

/** The last line. */
export function countOf(results: readonly (readonly [Case, Verdict])[]): string {
  const faults = results.filter(([{ fault }]) => fault !== undefined);
  const sound = results.filter(([{ fault }]) => fault === undefined);
  const right = (part: typeof results) => part.filter(([, verdict]) => isRight(verdict)).length;
  const minutes = results.reduce((sum, [, { hunted }]) => sum + hunted.seconds, 0) / 60;
  return `${right(faults)} of ${faults.length} faults found, ${right(sound)} of ${sound.length} sound allocators silent, in ${minutes.toFixed(1)} minutes`;
}

function row(cells: readonly string[]): string {
  return cells
    .map((cell, column) =>
      column < NUMBERS_FROM ? cell.padEnd(WIDTHS[column] ?? 0) : cell.padStart(WIDTHS[column] ?? 0),
    )
    .join(' ')
    .trimEnd();
}
