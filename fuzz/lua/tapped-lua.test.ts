import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { assemble } from '../wasm/assemble.ts';
import { TappedLua, tappable } from './tapped-lua.ts';

const BUMP = tappable(readFileSync(new URL('../../wasm/dist/lua-bump.wasm', import.meta.url)));

describe('a tappable module', () => {
  it('says how far its memory may grow', () => {
    expect(BUMP.maximumPages).toBe(32);
    expect(tappable(assemble({ memory: [0, 1] })).maximumPages).toBe(65536);
    expect(tappable(assemble({})).maximumPages).toBe(65536);
  });
});

describe('a tapped machine', () => {
  it('is a Lua machine as any other while nothing taps it', () => {
    const machine = new TappedLua(BUMP);
    expect(machine.lua.run('print("hello", os.time(), os.clock()) return 1 + 1')).toEqual([2]);
    expect([machine.takeOutput(), machine.takeOutput()]).toEqual(['hello\t0\t0.0\n', '']);
    expect([machine.pages, machine.growCalls]).toEqual([32, 0]);
  });

  it('gives the same output and takes the same memory while it is watched', () => {
    const script = 'local t = {} for i = 1, 200 do t[i] = "text " .. i end print(table.concat(t):len())';
    const [plain, watched] = [new TappedLua(BUMP), new TappedLua(BUMP)];
    let calls = 0;
    watched.tap = (pointer, oldBytes, newBytes, next) => {
      calls += 1;
      return next(pointer, oldBytes, newBytes);
    };
    for (const { lua } of [plain, watched]) lua.run(script);
    expect(watched.takeOutput()).toBe(plain.takeOutput());
    expect(watched.lua.stats()).toEqual(plain.lua.stats());
    expect(calls).toBeGreaterThan(500);
  });

  it('does what the tap decides', () => {
    const machine = new TappedLua(BUMP);
    machine.lua.init();
    machine.tap = (pointer, oldBytes, newBytes, next) => (newBytes > 10_000 ? 0 : next(pointer, oldBytes, newBytes));
    expect(machine.lua.run('return pcall(string.rep, "x", 20000)')[0]).toBe(false);
    expect(machine.lua.run('return #string.rep("x", 2000)')).toEqual([2000]);
  });
});

describe('two machines of one module', () => {
  it('have taps of their own', () => {
    const [first, second] = [new TappedLua(BUMP), new TappedLua(BUMP)];
    let calls = 0;
    first.tap = (pointer, oldBytes, newBytes, next) => {
      calls += 1;
      return next(pointer, oldBytes, newBytes);
    };
    second.lua.run('return {}');
    expect(calls).toBe(0);
  });
});
