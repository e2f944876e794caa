/** What an allocator makes of misuse. None of it is a finding: C promises nothing here. */
import { FuelExhausted, type Subject, type SubjectDefinition } from '../subjects/subject.ts';
import { MISUSES, type Misuse } from './misuses.ts';
import { Aftermath, Workbench } from './workbench.ts';

/**
 * From harmless to dangerous. `traps`: at the misuse itself. `ignored`: nothing that a program could see. `traps-later`,
 * `hangs`, `refuses`: in a lawful operation after it. `corrupts`: bytes of another block change. `overlaps`: two other
 * live blocks share bytes.
 */
export const MISUSE_OUTCOMES = ['traps', 'ignored', 'refuses', 'traps-later', 'hangs', 'corrupts', 'overlaps'] as const;

export type MisuseOutcome = (typeof MISUSE_OUTCOMES)[number];

export interface MisuseRow {
  readonly misuse: string;
  /** The most dangerous outcome over the sizes tried. */
  readonly outcome: MisuseOutcome;
  /** The size of the block misused, in bytes, where that was seen first. */
  readonly sizeBytes: number;
  /** What was seen, in a sentence; empty when nothing was. */
  readonly detail: string;
}

/** A small bin, a size that is no multiple of an alignment, one beside it that is, and a large block. */
const SIZES_BYTES = [24, 41, 104, 1000, 5000] as const;
/** Live blocks around the one misused, and lawful ones made after it. */
const NEIGHBOURS = 6;
const AFTERWARDS = 24;

/** Commits every misuse against `definition`, each in a fresh heap for each size. */
export function runMisuse(definition: SubjectDefinition): MisuseRow[] {
  const subject = definition.create();
  return MISUSES.map((misuse) => worstOf(SIZES_BYTES.map((sizeBytes) => tryOut(subject, misuse, sizeBytes))));
}

function worstOf(rows: readonly MisuseRow[]): MisuseRow {
  const rank = ({ outcome }: MisuseRow): number => MISUSE_OUTCOMES.indexOf(outcome);
  return rows.reduce((worst, row) => (rank(row) > rank(worst) ? row : worst));
}

function tryOut(subject: Subject, misuse: Misuse, sizeBytes: number): MisuseRow {
  const progress = { committed: false };
  const row = { misuse: misuse.name, sizeBytes };
  try {
    live(new Workbench(subject), misuse, sizeBytes, progress);
    return { ...row, outcome: 'ignored', detail: '' };
  } catch (error) {
    return { ...row, ...outcomeOf(error, progress.committed) };
  }
}

/** A heap's life with one misuse in its middle; afterwards every kind of lawful request, and a drain. */
function live(bench: Workbench, misuse: Misuse, sizeBytes: number, progress: { committed: boolean }): void {
  const blocks = Array.from({ length: NEIGHBOURS }, () => bench.make(sizeBytes));
  const victim = blocks[NEIGHBOURS / 2];
  if (victim === undefined) throw new Error('the bench has no block to misuse');
  misuse.commit(bench, victim);
  progress.committed = true;
  for (let index = 0; index < AFTERWARDS; index++) bench.make(index % 4 === 3 ? sizeBytes * 3 : sizeBytes);
  bench.verifyAll();
  while (bench.live.length > 1) bench.free(bench.live[bench.live.length >>> 1] ?? victim);
  for (let index = 0; index < NEIGHBOURS; index++) bench.make(sizeBytes * (index + 1));
  bench.verifyAll();
}

function outcomeOf(error: unknown, committed: boolean): Pick<MisuseRow, 'outcome' | 'detail'> {
  const detail = error instanceof Error ? error.message : String(error);
  if (error instanceof Aftermath) return { outcome: error.outcome, detail };
  if (error instanceof FuelExhausted) return { outcome: 'hangs', detail };
  return { outcome: committed ? 'traps-later' : 'traps', detail };
}
