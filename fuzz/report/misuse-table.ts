/** How the outcome of misuse is printed. */
import type { MisuseOutcome, MisuseRow } from '../misuse/run-misuse.ts';

const MEANINGS: Readonly<Record<MisuseOutcome, string>> = {
  traps: 'traps at once',
  ignored: 'ignored: nothing else was touched',
  refuses: 'later requests are refused',
  'traps-later': 'a later, lawful operation traps',
  hangs: 'a later, lawful operation does not end',
  corrupts: 'corrupts another live block',
  overlaps: 'makes two other live blocks overlap',
};

/** A table with a head that says what it is not. */
export function misuseTable(subject: string, rows: readonly MisuseRow[]): string {
  const width = Math.max(...rows.map(({ misuse }) => misuse.length));
  const lines = rows.map((row) => `  ${row.misuse.padEnd(width)}  ${MEANINGS[row.outcome]}${seenIn(row)}`);
  return [`misuse of ${subject}: what C leaves undefined, so none of this is a finding`, ...lines].join('\n');
}

function seenIn({ outcome, sizeBytes, detail }: MisuseRow): string {
  return outcome === 'ignored' ? '' : ` (${sizeBytes} bytes: ${detail})`;
}
