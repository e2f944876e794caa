/** `npm run detect`: does the suite find what it must, and stay silent where it must? */
import { BUMP_FAULTS } from '../wasm/allocators/bump-faults.ts';
import { bumpFaultModule } from '../wasm/allocators/bump-modules.ts';
import { ensureBuilt } from '../wasm/build.ts';
import { type Case, titleOf } from './detect/case.ts';
import { allCases } from './detect/cases.ts';
import { hunt } from './detect/hunt.ts';
import { type DetectOptions, HELP, parseDetectOptions } from './detect/options.ts';
import { countOf, jsonOf, Table } from './detect/report.ts';
import { isRight, type Verdict, verdictOn } from './detect/verdict.ts';

/** All allocators are among every sixth case. */
const SHORT_EVERY = 6;

async function main(words: readonly string[]): Promise<number> {
  const options = parseDetectOptions(words);
  if (options.help) return say(HELP, 0);
  await ensureBuilt();
  await ensureBuilt(BUMP_FAULTS.map(bumpFaultModule));
  const cases = allCases(options.source)
    .filter((tried) => options.only.test(titleOf(tried)))
    .filter((_, index) => !options.short || index % SHORT_EVERY === 0);
  if (cases.length === 0) return say(`no case matches --only ${options.only.source}\n`, 1);
  const table = new Table(cases);
  if (!options.json) say(`${table.head()}\n`, 0);
  const results = cases.map((tried) => [tried, judged(tried, options, table)] as const);
  if (!options.json) say(`\n${countOf(results)}\n`, 0);
  return results.every(([, verdict]) => isRight(verdict)) ? 0 : 1;
}

function judged(tried: Case, options: DetectOptions, table: Table): Verdict {
  const seconds = tried.fault === undefined ? options.soundSeconds : options.seconds;
  const verdict = verdictOn(tried, hunt(tried.open, options.seed, seconds));
  say(`${options.json ? jsonOf(tried, verdict) : table.line(tried, verdict)}\n`, 0);
  if (options.traces && verdict.trace !== '') say(`${verdict.trace}\n`, 0);
  return verdict;
}

function say(text: string, exitCode: number): number {
  process.stdout.write(text);
  return exitCode;
}

process.exitCode = await main(process.argv.slice(2));
