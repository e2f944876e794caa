/** How the table and the last line of `npm run detect` are printed. */
import { grouped } from '../../fuzz/report/units.ts';
import type { Case } from './case.ts';
import { isRight, type Verdict } from './verdict.ts';

const HEAD = ['allocator', 'fault', 'outcome', 'law', 'executions', 'seconds', 'trace'];
/** Of the columns behind the names; the law is the longest there is. */
const WIDTHS = [9, 40, 11, 8, 9];
const NUMBERS_FROM = 4;
const SOUND = '(sound)';

/** A table of verdicts that is printed row by row, as wide as the names of its cases. */
export class Table {
  readonly #widths: readonly number[];

  constructor(cases: readonly Case[]) {
    const longest = (names: readonly string[]) => Math.max(...names.map((name) => name.length));
    const allocators = longest(cases.map(({ allocator }) => allocator));
    this.#widths = [allocators, longest(cases.map(({ fault = SOUND }) => fault)), ...WIDTHS];
  }

  head(): string {
    return this.#row(HEAD);
  }

  line(tried: Case, verdict: Verdict): string {
    const { hunted, law = '', outcome, operations } = verdict;
    const least = tried.leastOperations === undefined ? '' : `/${tried.leastOperations}`;
    const expected = outcome === 'other-law' || outcome === 'missed' ? `  expected ${tried.laws.join(' or ')}` : '';
    const flaky = hunted.finding?.flaky === undefined ? '' : `  ${hunted.finding.flaky}`;
    const cells = [tried.allocator, tried.fault ?? SOUND, outcome, law, grouped(hunted.executions)];
    const size = operations === 0 ? '' : `${operations}${least}`;
    return this.#row([...cells, hunted.seconds.toFixed(1), size]) + expected + flaky;
  }

  #row(cells: readonly string[]): string {
    const padded = cells.map((cell, column) => {
      const width = this.#widths[column] ?? 0;
      return column < NUMBERS_FROM ? cell.padEnd(width) : cell.padStart(width);
    });
    return padded.join(' ').trimEnd();
  }
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
