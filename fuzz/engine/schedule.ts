/** Which campaign is worked on when, and when all of them end. Slices bound what a subject waits, not what it does. */
import type { Campaign } from './campaign.ts';

export interface Budget {
  /** Seconds for all campaigns together; undefined is without end. */
  readonly seconds?: number;
  /** Traces for each campaign; undefined is without end. */
  readonly runs?: number;
  readonly endOnFinding: boolean;
}

/** Seconds a campaign is worked on before the next has its turn. */
const SLICE_SECONDS = 10;

/** More traces than a round has. */
const A_WHOLE_ROUND = 2 ** 20;

/** What a schedule may ask of the workers: `true` ends rounds early, `false` lets them run. */
export type StopRounds = (stopped: boolean) => void;

/** Works on `campaigns` by turns until the budget is used up or `stopped` says so. */
export async function workByTurns(
  campaigns: readonly Campaign[],
  budget: Budget,
  stopped: () => boolean,
  stopRounds: StopRounds,
): Promise<void> {
  const endMs = performance.now() + 1000 * (budget.seconds ?? Number.POSITIVE_INFINITY);
  const ended = (): boolean => stopped() || (budget.endOnFinding && campaigns.some(hasFinding));
  let open = campaigns;
  while (open.length > 0 && !ended()) {
    for (const [turn, campaign] of open.entries()) {
      const sliceMs = campaigns.length === 1 ? undefined : sliceOf(endMs - performance.now(), open.length - turn);
      if (!ended()) await workOn(campaign, sliceMs, { budget, ended, stopRounds });
    }
    open = open.filter((campaign) => runsLeft(campaign, budget) > 0);
  }
}

/** Milliseconds of a turn, so that each of `waiting` campaigns has its share of what is left. */
function sliceOf(leftMs: number, waiting: number): number {
  return Math.max(0, Math.min(1000 * SLICE_SECONDS, leftMs / waiting));
}

interface Turn {
  readonly budget: Budget;
  readonly ended: () => boolean;
  readonly stopRounds: StopRounds;
}

/** Rounds of one campaign for `sliceMs`; undefined is without end. */
async function workOn(campaign: Campaign, sliceMs: number | undefined, turn: Turn): Promise<void> {
  let over = false;
  const endTurn = (): void => {
    over = true;
    turn.stopRounds(true);
  };
  if (!campaign.begun) await campaign.begin();
  const timer = sliceMs === undefined ? undefined : setTimeout(endTurn, sliceMs);
  while (runsLeft(campaign, turn.budget) > 0 && !over && !turn.ended()) {
    await campaign.round(runsLeft(campaign, turn.budget));
  }
  clearTimeout(timer);
  if (!turn.ended()) turn.stopRounds(false);
  campaign.save(false);
}

function hasFinding(campaign: Campaign): boolean {
  return campaign.findings.length > 0;
}

function runsLeft(campaign: Campaign, budget: Budget): number {
  if (budget.runs === undefined) return A_WHOLE_ROUND;
  return Math.max(0, budget.runs - campaign.runsBefore - campaign.tally.runs);
}
