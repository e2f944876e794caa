#!/usr/bin/env node
/** `npm run starve`: fails every allocation and every growth of Lua scripts, one at a time, and says what became of each. */
import { readFileSync } from 'node:fs';
import { LUA_SCRIPTS } from '../corpus/lua-bump/scripts.ts';
import { pressureScript } from '../corpus/lua-reclaiming/scripts.ts';
import { FAMINE_LENGTHS } from '../fuzz/lua/famine.ts';
import { Ordeal, type OrdealOutcome, type OrdealScript } from '../fuzz/lua/ordeal.ts';
import { type TappableModule, tappable } from '../fuzz/lua/tapped-lua.ts';
import { ensureBuilt } from '../wasm/build.ts';

const HELP = `Fails every allocation of the corpus scripts, and every growth of memory, one at a time.

usage: npm run starve -- [script ...]   all scripts, or those whose name contains a word

Each is refused alone (once), with Lua's repetition after its emergency collection (twice), and with all that follow (on).
After each the heap is checked, Lua's count is compared with the sum of nsize - osize, and the script runs again.
Exit code 1: something did not survive; the line says what.
`;

/** The reclaiming one with its checks. */
const MODULES = ['lua-bump', 'lua-reclaiming-safe'] as const;
/** What tunes the collector does not print the same twice in one state. */
const SCRIPTS: readonly OrdealScript[] = [
  { name: 'the making of a state', text: '', expected: '' },
  ...LUA_SCRIPTS.map((script) => ({ ...script, repeats: script.name !== 'gc-pressure.lua' })),
  pressureScript('every-kind'),
];
const GROWING = pressureScript('growing');

let tried = 0;

function main(words: readonly string[]): void {
  if (words.includes('--help')) return void process.stdout.write(HELP);
  const isChosen = ({ name }: OrdealScript): boolean => words.length === 0 || words.some((word) => name.includes(word));
  for (const name of MODULES) {
    const module = tappable(readFileSync(new URL(`../wasm/dist/${name}.wasm`, import.meta.url)));
    const fixedPool = name === 'lua-bump';
    // It asks for more than a fixed pool has, and so means nothing elsewhere.
    const scripts = SCRIPTS.filter((script) => fixedPool || script.name !== 'out-of-memory.lua').filter(isChosen);
    for (const script of scripts) starveAllocations(name, module, script);
    if (!fixedPool && isChosen(GROWING)) starveGrowths(name, module);
  }
  process.stdout.write(`${tried} refusals, all survived\n`);
}

function starveAllocations(name: string, module: TappableModule, script: OrdealScript): void {
  const fromStart = script.text === '';
  const ordeal = new Ordeal(module, script);
  const requests = ordeal.countRequests(fromStart);
  for (const length of FAMINE_LENGTHS) {
    const places = Array.from({ length: requests }, (_, index) => index + 1);
    tell(
      `${name}  ${script.name}  allocations (${length})`,
      places.map((first) => ordeal.refuseAllocation(first, length, fromStart)),
    );
  }
}

function starveGrowths(name: string, module: TappableModule): void {
  const { calls, pages } = new Ordeal(module, GROWING).countGrowths();
  const each = Array.from({ length: calls }, (_, index) => new Ordeal(module, GROWING).refuseGrowth(index + 1));
  tell(`${name}  ${GROWING.name}  growths (once)`, each);
  const limits = pages.slice(0, -1);
  const limited = limits.map((limit) => new Ordeal(module, GROWING).limitGrowth(limit, module.maximumPages));
  tell(`${name}  ${GROWING.name}  growths (on)`, limited);
}

function tell(what: string, outcomes: readonly OrdealOutcome[]): void {
  tried += outcomes.length;
  const count = (wanted: OrdealOutcome): number => outcomes.filter((outcome) => outcome === wanted).length;
  const parts = [
    `${count('survived')} survived`,
    `${count('memory error')} memory errors`,
    `${count('handled')} handled`,
  ];
  process.stdout.write(`${what}: ${outcomes.length} tried, ${parts.join(', ')}\n`);
}

await ensureBuilt([...MODULES]);
try {
  main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`starve: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
