/** Where a campaign stands, so that the next run continues it: one JSON file beside the corpus. */
import { existsSync, readFileSync } from 'node:fs';
import { attempt, StorageError, writeAtomically } from './atomic-file.ts';

export interface CampaignState {
  readonly seed: number;
  /** The round that comes next. */
  readonly round: number;
  /** Traces drawn, over all runs with this seed. */
  readonly runs: number;
  /** Milliseconds spent, over all runs with this seed. */
  readonly elapsedMs: number;
  /** Corpus names in the order in which the campaign learnt them. */
  readonly corpus: readonly string[];
  /** True when the run ended as it was asked to; false while it goes on, and after it was killed. */
  readonly ended: boolean;
}

/** The state in `path`; undefined when there is none. Throws StorageError when it cannot be understood. */
export function readState(path: string): CampaignState | undefined {
  if (!existsSync(path)) return undefined;
  const text = attempt('read', path, () => readFileSync(path, 'utf8'));
  const state = parse(text);
  if (state !== undefined) return state;
  throw new StorageError(`cannot understand ${path}: delete it to begin anew; the corpus beside it stays`);
}

/** Saves `state`. Throws StorageError. */
export function writeState(path: string, state: CampaignState): void {
  writeAtomically(path, `${JSON.stringify(state)}\n`);
}

function parse(text: string): CampaignState | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isState(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isState(value: unknown): value is CampaignState {
  if (typeof value !== 'object' || value === null) return false;
  const fields = value as Readonly<Record<string, unknown>>;
  const numbers = ['seed', 'round', 'runs', 'elapsedMs'].every((key) => typeof fields[key] === 'number');
  return numbers && Array.isArray(fields['corpus']) && typeof fields['ended'] === 'boolean';
}
