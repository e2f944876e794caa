/**
 * deep-c-calls-end-in-an-error: Lua stops at 200 nested C calls with an error; the module's stack and the host's hold as
 * many, whatever the calls are, so that it is never a trap.
 */
import { describe, expect, it } from 'vitest';
import { LUA_MODULE_NAMES, newMachine } from './machine.ts';

/** Each calls `deeper` for another level of C and ends in an error or a refusal of the library. */
const CALLS: Readonly<Record<string, string>> = {
  'string.gsub': 'string.gsub("a", "a", deeper)',
  'table.sort': 'table.sort({ 1, 2, 3 }, function(a, b) deeper() return a < b end)',
  'string.format': 'string.format("%s", setmetatable({}, { __tostring = deeper }))',
  'table.concat': 'table.concat(setmetatable({}, { __index = deeper }), "", 1, 1)',
  metamethod: 'local _ = setmetatable({}, { __add = deeper }) + 1',
  load: 'assert(load(deeper))',
  'coroutine.wrap': 'coroutine.wrap(deeper)()',
};

const script = (call: string): string => `
  local depth, deepest = 0, 0
  local function deeper()
    depth = depth + 1
    if depth > deepest then deepest = depth end
    ${call}
  end
  local ok, message = pcall(deeper)
  return ok, message, deepest`;

describe.each(LUA_MODULE_NAMES)('deep C calls in %s', (module) => {
  it.each(Object.entries(CALLS))('%s', (name, call) => {
    const { lua } = newMachine(module);
    const [ok, message, deepest] = lua.run(script(call));
    expect(ok).toBe(false);
    // 198 coroutines do not fit the bump pool.
    const isFull = name === 'coroutine.wrap' && module.startsWith('lua-bump');
    expect(message).toMatch(isFull ? /C stack overflow|not enough memory/ : /C stack overflow/);
    expect(Number(deepest)).toBeGreaterThan(isFull ? 150 : 190);
    expect(lua.run('return 1')).toEqual([1]);
  });

  it('nested protected calls', () => {
    const { lua } = newMachine(module);
    const text = 'local d = 0 local function f() d = d + 1 return assert(pcall(f)) end return pcall(f), d';
    const [ok, deepest] = lua.run(text);
    expect(ok).toBe(false);
    expect(Number(deepest)).toBeGreaterThan(190);
  });

  it('nested syntax', () => {
    const { lua } = newMachine(module);
    for (const [open, close] of [
      ['(', ')'],
      ['{', '}'],
      ['function() return ', ' end'],
      ['- ', '1'],
    ]) {
      const text = `return (load("return " .. ("${open}"):rep(1000) .. ("${close}"):rep(1000)))`;
      expect(lua.run(text)).toEqual([null]);
    }
  });
});
