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

/** Works on `campaigns` by turns until the budget is used up or `stopped` says so. */
export async function workByTurns(
  campaigns: readonly Campaign[],
  budget: Budget,
  stopped: () => boolean,
): Promise<void> {
  const sliceMs = sliceOf(campaigns.length, budget);
  const ended = (): boolean => stopped() || (budget.endOnFinding && campaigns.some(hasFinding));
  let open = campaigns;
  while (open.length > 0 && !ended()) {
    for (const campaign of open) await workOn(campaign, performance.now() + sliceMs, budget, ended);
    open = open.filter((campaign) => runsLeft(campaign, budget) > 0);
  }
}

/** Milliseconds of a turn. One campaign alone has all the time there is. */
function sliceOf(campaigns: number, { seconds = Number.POSITIVE_INFINITY }: Budget): number {
  return campaigns === 1 ? Number.POSITIVE_INFINITY : 1000 * Math.min(SLICE_SECONDS, seconds / campaigns);
}

async function workOn(campaign: Campaign, untilMs: number, budget: Budget, ended: () => boolean): Promise<void> {
  if (ended()) return;
  if (!campaign.begun) await campaign.begin();
  while (runsLeft(campaign, budget) > 0 && performance.now() < untilMs && !ended()) {
    await campaign.round(runsLeft(campaign, budget));
  }
  campaign.save(false);
}

function hasFinding(campaign: Campaign): boolean {
  return campaign.findings.length > 0;
}

function runsLeft(campaign: Campaign, budget: Budget): number {
  if (budget.runs === undefined) return A_WHOLE_ROUND;
  return Math.max(0, budget.runs - campaign.runsBefore - campaign.tally.runs);
}
