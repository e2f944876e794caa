/**
 * programs-print-the-same: generated programs, and the scripts of the corpus, print the same on the bump allocator, on
 * the reclaiming one, and on fengari, which has neither; where fengari leaves the work to JavaScript (collection,
 * finalizers, weak tables) a model says what must be printed. After every program, and where it asks for an audit, Lua's
 * count is the sum of nsize - osize over all calls of lua_alloc.
 */
import { expect, it } from 'vitest';
import { fengariOutput } from '../../corpus/lua-bump/fengari-output.ts';
import { LUA_SCRIPTS } from '../../corpus/lua-bump/scripts.ts';
import { pressureScript } from '../../corpus/lua-reclaiming/scripts.ts';
import { broken, claim } from '../claim.ts';
import { AuditedLua } from './audited-lua.ts';
import { CollectorModel } from './collector-model.ts';
import { collectorProgram, collectorSteps } from './collector-programs.ts';
import { programOf, statements } from './lua-programs.ts';
import { TAPPED_MODULE_NAMES } from './machines.ts';

/** Runs `program` on every module, each fresh, and holds what it prints against `expected`. */
function expectOutput(program: string, expected: string, file = 'program'): void {
  for (const name of TAPPED_MODULE_NAMES) {
    const found = new AuditedLua(name).outputOf(program, file);
    if (found !== expected) broken({ request: `${name} prints`, answer: found, allowed: expected });
  }
}

claim(
  'programs of tables, strings, closures, coroutines and metatables',
  [statements],
  (lines) => {
    const program = programOf(lines);
    expectOutput(program, fengariOutput(program, 'program'));
  },
  { runs: 60 },
);

claim(
  'programs of finalizers, weak tables and collections',
  [collectorSteps],
  (steps) => expectOutput(collectorProgram(steps), CollectorModel.output(steps)),
  { runs: 150 },
);

const SCRIPTS = [...LUA_SCRIPTS, pressureScript('every-kind')].filter(({ name }) => name !== 'out-of-memory.lua');

it.each(SCRIPTS)('$name', ({ name, text, expected }) => {
  expectOutput(text, expected, name);
});

it('a program whose output is wrong is seen', () => {
  expect(() => expectOutput('print(1)', '2\n')).toThrow();
  expect(() => new AuditedLua('lua-bump').outputOf('audit(1)')).toThrow(/Lua counts \d+ bytes, nsize - osize sums to/);
});
