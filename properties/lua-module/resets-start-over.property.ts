/** resets-start-over: after lua_reset, and after malloc_reset alone, a run takes the same bytes as in a fresh machine. */
import { describe, expect, it } from 'vitest';
import { LUA_SCRIPTS } from '../../corpus/lua-bump/scripts.ts';
import type { LuaModule } from '../../fuzz/subjects/lua-implementation.ts';
import { LUA_MODULE_NAMES, newMachine } from './machine.ts';

const RESETS: readonly (readonly [string, (lua: LuaModule) => void])[] = [
  ['reset', (lua) => lua.reset()],
  ['malloc_reset', (lua) => (lua.exports['malloc_reset'] as () => void)()],
];

const SCRIPTS = LUA_SCRIPTS.filter(({ name }) => name !== 'out-of-memory.lua');

describe.each(LUA_MODULE_NAMES)('%s', (module) => {
  it.each(RESETS)('starts over after %s', (_name, reset) => {
    const { lua: used } = newMachine(module);
    for (const { text } of SCRIPTS) {
      const { lua: fresh } = newMachine(module);
      fresh.run(text);
      used.run(text);
      expect(used.stats().usedBytes).toBe(fresh.stats().usedBytes);
      reset(used);
    }
  });
});
