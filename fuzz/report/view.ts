/** What a report is drawn from: plain numbers, taken from a campaign at one moment. */
import type { Campaign } from '../engine/campaign.ts';
import type { SavedFinding } from '../engine/finding-store.ts';
import type { LawId } from '../laws.ts';
import type { OperationKind } from '../trace/operation.ts';
import { lawChecks, neverReached } from './law-checks.ts';

export interface SubjectView {
  readonly subject: string;
  readonly seed: number;
  readonly elapsedMs: number;
  readonly runs: number;
  readonly executions: number;
  readonly operations: number;
  readonly rounds: number;
  readonly corpusSize: number;
  readonly corpusOperations: number;
  readonly found: number;
  readonly imported: number;
  readonly shapes: number;
  readonly slowestMs: number;
  readonly hangs: number;
  readonly sinceNewMs: number | undefined;
  readonly sinceFindingMs: number | undefined;
  readonly sinceFindingRuns: number;
  readonly findings: readonly SavedFinding[];
  readonly checks: Readonly<Partial<Record<LawId, number>>>;
  readonly neverReached: readonly OperationKind[];
}

/** `campaign` as it stands; `kinds` are the operations its subject has. */
export function viewOf(campaign: Campaign, kinds: readonly OperationKind[]): SubjectView {
  const { tally } = campaign;
  const since = (moment: { readonly elapsedMs: number } | undefined): number | undefined =>
    moment === undefined ? undefined : tally.elapsedMs - moment.elapsedMs;
  return {
    subject: campaign.name,
    seed: campaign.seed,
    elapsedMs: tally.elapsedMs,
    runs: tally.runs,
    executions: tally.executions,
    operations: tally.operations,
    rounds: tally.rounds,
    corpusSize: campaign.corpus.length,
    corpusOperations: campaign.corpusOperations,
    found: tally.found,
    imported: tally.imported,
    shapes: campaign.shapeCount,
    slowestMs: tally.slowestMs,
    hangs: tally.hangs,
    sinceNewMs: since(tally.lastNew),
    sinceFindingMs: since(tally.lastFinding),
    sinceFindingRuns: tally.runs - (tally.lastFinding?.runs ?? 0),
    findings: campaign.findings,
    checks: lawChecks(tally.outcomes),
    neverReached: tally.runs === 0 ? [] : neverReached(tally.outcomes, kinds),
  };
}
