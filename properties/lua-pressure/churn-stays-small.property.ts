/**
 * churn-stays-small: a script that makes 100 MB of strings, tables and closures, most of them dead at once, runs in the
 * reclaiming module within 4 MiB of linear memory, and ends in a clean memory error in the bump module.
 */
import { expect, it } from 'vitest';
import { pressureScript } from '../../corpus/lua-reclaiming/scripts.ts';
import { asksForMore } from '../../fuzz/lua/famine.ts';
import { TappedLua } from '../../fuzz/lua/tapped-lua.ts';
import { tappableModule } from './machines.ts';

const CHURN = pressureScript('churn');
const PAGES_OF_4_MIB = 64;
const CHURNED_BYTES = 100 * 2 ** 20;

it('100 MB go through lua-reclaiming, which takes 4 MiB at most and is given no more', () => {
  const machine = new TappedLua(tappableModule('lua-reclaiming'));
  machine.limitGrowth(PAGES_OF_4_MIB);
  let [requestedBytes, refusals] = [0, 0];
  machine.tap = (pointer, oldBytes, newBytes, next) => {
    if (asksForMore(pointer, oldBytes, newBytes)) requestedBytes += pointer === 0 ? newBytes : newBytes - oldBytes;
    const answer = next(pointer, oldBytes, newBytes);
    if (newBytes > 0 && answer === 0) refusals += 1;
    return answer;
  };
  machine.lua.run(CHURN.text, '@churn.lua');
  expect(machine.takeOutput()).toBe(CHURN.expected);
  expect(requestedBytes).toBeGreaterThan(CHURNED_BYTES);
  expect([refusals, machine.pages <= PAGES_OF_4_MIB]).toEqual([0, true]);
});

it('lua-bump ends in a clean memory error: the next script runs in the same state, and all do after a reset', () => {
  const { lua } = new TappedLua(tappableModule('lua-bump'));
  const memoryError = expect.objectContaining({ name: 'LuaError', kind: 'memory', message: 'not enough memory' });
  expect(() => lua.run(CHURN.text, '@churn.lua')).toThrow(memoryError);
  expect(lua.run('return 6 * 7')).toEqual([42]);
  lua.reset();
  expect(() => lua.run(CHURN.text, '@churn.lua')).toThrow(memoryError);
  lua.reset();
  expect(lua.run('local t = {} for i = 1, 1000 do t[i] = i end return #t')).toEqual([1000]);
});
