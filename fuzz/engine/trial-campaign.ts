/** A campaign in a directory of its own, for tests of the engine. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Campaign, type CampaignEvent, type CampaignOptions } from './campaign.ts';
import { FindingStore } from './finding-store.ts';

type Given = Pick<CampaignOptions, 'crew'> & Partial<CampaignOptions> & { readonly subject: string };

export interface Trial {
  readonly campaign: Campaign;
  readonly events: CampaignEvent[];
  /** Names of the files that are there now. */
  readonly corpusNames: () => string[];
  readonly findingNames: () => string[];
}

/** A campaign on `subject` below `directory`. */
export function trialCampaign(directory: string, { subject, ...given }: Given): Trial {
  const events: CampaignEvent[] = [];
  const findingsDirectory = join(directory, 'findings');
  const corpusDirectory = join(directory, subject, 'corpus');
  const findings = new FindingStore({ directory: findingsDirectory, subject, command: 'fuzz', versions: 'test' });
  const campaign = new Campaign({
    reference: { name: subject },
    maximumOperations: 200,
    timeoutSeconds: 25,
    stateDirectory: join(directory, subject),
    corpusDirectory,
    corpusIsGiven: false,
    otherDirectories: [],
    findings,
    onEvent: (event) => events.push(event),
    ...given,
  });
  return {
    campaign,
    events,
    corpusNames: () => filesIn(corpusDirectory),
    findingNames: () => filesIn(findingsDirectory),
  };
}

/** Runs a campaign from its beginning until `runs` traces are drawn, and ends it. */
export async function runToEnd(campaign: Campaign, runs: number): Promise<void> {
  await campaign.begin();
  const left = (): number => runs - campaign.runsBefore - campaign.tally.runs;
  while (left() > 0) await campaign.round(left());
  campaign.save(true);
}

function filesIn(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory).sort() : [];
}
