/** `npm run fuzz [SUBJECT...] [CORPUS_DIR...]`: campaigns, until a budget is used up or somebody says stop. */
import { join } from 'node:path';
import { Campaign, type CampaignOptions } from '../engine/campaign.ts';
import type { Crew } from '../engine/crew.ts';
import { FindingStore } from '../engine/finding-store.ts';
import { workByTurns } from '../engine/schedule.ts';
import { SECONDS_AFTER_THE_END } from '../engine/shrink-finding.ts';
import type { Options } from '../options.ts';
import { finalStats } from '../report/final-stats.ts';
import { jsonReport } from '../report/json-report.ts';
import { type Ending, summary } from '../report/summary.ts';
import type { SubjectView } from '../report/view.ts';
import { allFaces, argumentOf, defaultSubjects, type SubjectReference, wordsOf } from '../targets.ts';
import type { Arguments } from './arguments.ts';
import { directoryName } from './directory-name.ts';
import { FiguresWriter, peakResidentBytes } from './figures-writer.ts';
import { introduce } from './introduce.ts';
import { Reporter } from './reporter.ts';
import { EXIT, type Surroundings, versionsOf } from './surroundings.ts';

/** Runs campaigns; returns the exit code. */
export async function fuzz(
  options: Options,
  { subjects, directories }: Arguments,
  outside: Surroundings,
): Promise<number> {
  // A profile is saved of one face.
  const named = options.module.saveProfile === undefined ? subjects.flatMap(allFaces) : subjects;
  const references = named.length > 0 ? named : defaultSubjects().map((name) => ({ name }));
  const crew = outside.startCrew(options.workers, options.timeout);
  try {
    const reporter = new Reporter(outside, options, crew.size);
    const campaigns = references.map((reference) =>
      open(reference, { options, directories, references, crew, reporter, outside }),
    );
    const ending = await work(campaigns, options, crew, outside);
    return conclude(reporter, options, ending, outside);
  } finally {
    await crew.close();
  }
}

interface Run {
  readonly options: Options;
  readonly directories: readonly string[];
  readonly references: readonly SubjectReference[];
  readonly crew: Crew;
  readonly reporter: Reporter;
  readonly outside: Surroundings;
}

function open(named: SubjectReference, run: Run): Campaign {
  const { options, outside, reporter, crew } = run;
  const { reference, target } = introduce(named, options, outside);
  const argument = argumentOf(reference);
  const stateDirectory = join(options.state, directoryName(reference.name));
  const { version, command } = outside;
  const findings = new FindingStore({
    directory: options.artifactPrefix,
    subject: argument,
    words: wordsOf(reference),
    command,
    versions: versionsOf(outside),
  });
  const campaign = new Campaign({
    reference,
    crew,
    ...(options.seed === undefined ? {} : { seed: options.seed }),
    maximumOperations: options.maxOps,
    timeoutSeconds: options.timeout,
    stateDirectory,
    ...corpusOf(reference, run, stateDirectory),
    findings,
    endOnFinding: options.exitOnFinding,
    onEvent: (event) => reporter.tell(reference.name, event),
  });
  const commandLine = [command, wordsOf(reference)].join(' ');
  const figures = new FiguresWriter({
    directory: stateDirectory,
    timeoutSeconds: options.timeout,
    version,
    commandLine,
  });
  reporter.add({ campaign, kinds: target.operations, figures, argument, words: wordsOf(reference) });
  return campaign;
}

type CorpusOptions = Pick<CampaignOptions, 'corpusDirectory' | 'corpusIsGiven' | 'otherDirectories'>;

/** The first directory named is written to; of several subjects each has a directory of its own in it. */
function corpusOf(reference: SubjectReference, run: Run, stateDirectory: string): CorpusOptions {
  const { options, directories, references, outside } = run;
  const [named, ...others] = options.corpus === undefined ? directories : [options.corpus, ...directories];
  const shared = references.length > 1;
  const own =
    named === undefined ? join(stateDirectory, 'corpus') : shared ? join(named, directoryName(reference.name)) : named;
  return {
    corpusDirectory: own,
    corpusIsGiven: named !== undefined,
    otherDirectories: [...starterDirectories(reference.name, outside.packageDirectory), ...others],
  };
}

/** Where the starters of `name` lie, and the traces of findings that were fixed. */
export function starterDirectories(name: string, packageDirectory: string): string[] {
  const parts = name === 'wasm-memory' ? [`${name}/starters`] : ['generic/starters', `${name}/starters`];
  return [...parts, `${name}/findings`].map((part) => join(packageDirectory, 'corpus', part));
}

async function work(
  campaigns: readonly Campaign[],
  options: Options,
  crew: Crew,
  outside: Surroundings,
): Promise<Ending> {
  let ended: Ending | undefined;
  const end = (ending: Ending): void => {
    ended ??= ending;
    crew.stop(ending === 'interrupted' ? 'everything' : 'drawing');
  };
  const forget = outside.onInterrupt(() => end('interrupted'));
  const { maxTotalTime: seconds, runs } = options;
  const timers =
    seconds === undefined
      ? []
      : [
          setTimeout(() => end('budget'), seconds * 1000),
          setTimeout(() => crew.stop('everything'), (seconds + SECONDS_AFTER_THE_END) * 1000),
        ];
  try {
    const budget = {
      ...(seconds === undefined ? {} : { seconds }),
      ...(runs === undefined ? {} : { runs }),
      endOnFinding: options.exitOnFinding,
    };
    await workByTurns(
      campaigns,
      budget,
      () => ended !== undefined,
      (stopped) => {
        if (ended === undefined) crew.stop(stopped ? 'drawing' : 'nothing');
      },
    );
    for (const campaign of campaigns) if (campaign.begun) campaign.save(ended !== 'interrupted');
    return ended ?? 'budget';
  } finally {
    for (const timer of timers) clearTimeout(timer);
    forget();
  }
}

function conclude(reporter: Reporter, options: Options, ending: Ending, outside: Surroundings): number {
  reporter.end();
  const { views, elapsedMs } = reporter;
  const exitCode = exitCodeOf(views, ending);
  if (options.json) outside.out(`${jsonReport({ views, elapsedMs, ending, exitCode, version: outside.version })}\n`);
  const print = options.json ? outside.err : outside.out;
  print(`${summary(views, elapsedMs, ending, reporter.paint)}\n`);
  if (options.printFinalStats) print(`${finalStats(totals(views, elapsedMs))}\n`);
  return exitCode;
}

/** Findings tell more than the way a run ended, and a hang among them more than the rest. */
function exitCodeOf(views: readonly SubjectView[], ending: Ending): number {
  const findings = views.flatMap((view) => view.findings);
  if (findings.some(({ finding }) => finding.violation.law === 'operations-end')) return EXIT.hang;
  if (findings.length > 0) return EXIT.finding;
  return ending === 'interrupted' ? EXIT.interrupted : EXIT.clean;
}

function totals(views: readonly SubjectView[], elapsedMs: number) {
  return {
    executions: views.reduce((sum, view) => sum + view.executions, 0),
    elapsedMs,
    newUnits: views.reduce((sum, view) => sum + view.found, 0),
    slowestMs: Math.max(0, ...views.map((view) => view.slowestMs)),
    peakResidentBytes: peakResidentBytes(),
  };
}
