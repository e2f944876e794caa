/**
 * exhaustion-is-a-lua-error: with the pool as full as the host likes, a script ends well or in Lua's memory error, never
 * in a trap; and a reset gives a machine that runs as a fresh one does.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LUA_SCRIPTS } from '../../corpus/lua-bump/scripts.ts';
import type { LuaModule } from '../../fuzz/subjects/lua-implementation.ts';
import { BUMP_MODULE_NAMES, kindOfRun, newMachine } from './machine.ts';
import { POOL_BYTES } from './memory-map.ts';

/** A block header; a block of this much less leaves exactly the rest. */
const HEADER_BYTES = 16;

/** Takes all but about `leftBytes` of the pool. */
function leave(lua: LuaModule, leftBytes: number): void {
  const size = POOL_BYTES - lua.stats().usedBytes - HEADER_BYTES - leftBytes;
  if (size > 0) expect(lua.heap.malloc(size)).not.toBe(0);
}

const script = fc.constantFrom(...LUA_SCRIPTS);
/** A state takes some 30 KB, the scripts up to 300 KB. */
const left = fc.oneof(fc.nat(40_000), fc.nat(300_000));

describe.each(BUMP_MODULE_NAMES)('a full pool of %s', (name) => {
  it('is a memory error, before the state is made or after it, and a reset starts over', () => {
    fc.assert(
      fc.property(script, left, fc.boolean(), ({ text, expected, name: file }, leftBytes, initFirst) => {
        const { lua, printed } = newMachine(name);
        if (initFirst) lua.init();
        leave(lua, leftBytes);
        const kind = kindOfRun(lua, text);
        // A script that catches errors may meet the memory error in the midst of another.
        expect([undefined, 'memory', 'runtime']).toContain(kind);
        lua.reset();
        expect(lua.stats().usedBytes).toBe(0);
        const before = printed().length;
        lua.run(text, `@${file}`);
        expect(printed().slice(before)).toBe(expected);
      }),
      { numRuns: 40 },
    );
  });

  it.each([0, 16, 1000, 20_000, 28_000])('with %i bytes left even the state is a memory error', (leftBytes) => {
    const { lua } = newMachine(name);
    leave(lua, leftBytes);
    expect(kindOfRun(lua, 'return 1')).toBe('memory');
    lua.reset();
    expect(lua.run('return 1')).toEqual([1]);
  });

  it('runs to its last byte and back, a hundred times over', () => {
    const { lua } = newMachine(name);
    const used = new Set<number>();
    for (let round = 0; round < 100; round += 1) {
      expect(kindOfRun(lua, 'local list = nil while true do list = { list } end')).toBe('memory');
      used.add(lua.stats().peakBytes);
      lua.reset();
    }
    expect(used.size).toBe(1);
  });
});
