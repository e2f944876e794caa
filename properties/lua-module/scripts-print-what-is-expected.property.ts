/**
 * scripts-print-what-is-expected: every script of the corpus prints the same text on every Lua module of this project as
 * on fengari, which shares no line with PUC-Rio's C, and as was reviewed and kept beside it.
 */
import { describe, expect, it } from 'vitest';
import { fengariOutput } from '../../corpus/lua-bump/fengari-output.ts';
import { LUA_SCRIPTS } from '../../corpus/lua-bump/scripts.ts';
import { LUA_MODULE_NAMES, newMachine } from './machine.ts';

describe.each(LUA_MODULE_NAMES)('%s prints what is expected', (module) => {
  const scripts = LUA_SCRIPTS.filter(({ name }) => module.startsWith('lua-bump') || name !== 'out-of-memory.lua');

  it.each(scripts)('$name', ({ name, text, expected }) => {
    const machine = newMachine(module);
    machine.lua.run(text, `@${name}`);
    expect(machine.printed()).toBe(expected);
  });
});

describe('fengari prints the same', () => {
  it.each(LUA_SCRIPTS.filter((script) => script.runsOnFengari))('$name', ({ name, text, expected }) => {
    expect(fengariOutput(text, name)).toBe(expected);
  });
});
