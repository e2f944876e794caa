import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FAMINE_LENGTHS } from './famine.ts';
import { Ordeal, OrdealFailure, type OrdealScript } from './ordeal.ts';
import { type AllocationTap, tappable } from './tapped-lua.ts';

const moduleNamed = (name: string) => tappable(readFileSync(new URL(`../../wasm/dist/${name}.wasm`, import.meta.url)));

const RECLAIMING = moduleNamed('lua-reclaiming-safe');
const BUMP = moduleNamed('lua-bump');

const script = (text: string, expected: string): OrdealScript => ({ name: 'test.lua', text, expected });

const PLAIN = script('local t = {} for i = 1, 20 do t[i] = "text" .. i end print(#t)', '20\n');
const CATCHING = script('print(pcall(string.rep, "x", 5000))', `true\t${'x'.repeat(5000)}\n`);

describe('an ordeal', () => {
  it('counts the requests of a script, and those of the state', () => {
    const ordeal = new Ordeal(RECLAIMING, PLAIN);
    const own = ordeal.countRequests();
    expect(own).toBeGreaterThan(40);
    expect(ordeal.countRequests(true)).toBeGreaterThan(own + 250);
    expect(ordeal.countRequests()).toBe(own);
  });

  it.each(FAMINE_LENGTHS)('ends in an outcome that fits its length (%s)', (length) => {
    const outcome = new Ordeal(RECLAIMING, PLAIN).refuseAllocation(5, length);
    expect(outcome).toBe(length === 'once' ? 'survived' : 'memory error');
  });

  it('lets a script handle its errors', () => {
    const ordeal = new Ordeal(BUMP, CATCHING);
    const outcomes = Array.from({ length: ordeal.countRequests() }, (_, index) =>
      ordeal.refuseAllocation(index + 1, 'twice'),
    );
    expect(new Set(outcomes)).toEqual(new Set(['memory error', 'handled']));
  });

  it('takes errors that a script handles not, where it handles some', () => {
    const raises = script('print(assert(pcall(string.rep, "x", 5000)))', CATCHING.expected);
    const ordeal = new Ordeal(BUMP, raises);
    const outcomes = Array.from({ length: ordeal.countRequests() }, (_, index) =>
      ordeal.refuseAllocation(index + 1, 'twice'),
    );
    expect(outcomes).toContain('memory error');
  });

  it('makes a new state for a script that cannot run twice in one', () => {
    const once = script('count = (count or 0) + 1 print(count)', '1\n');
    expect(() => new Ordeal(RECLAIMING, once).refuseAllocation(3, 'once')).toThrow('did not succeed afterwards');
    const fresh = new Ordeal(RECLAIMING, { ...once, repeats: false });
    expect(fresh.refuseAllocation(3, 'once')).toBe('survived');
  });

  it('resets a pool that holds what a script needs once, and not twice', () => {
    const filling = (count: number) =>
      script(`local t = {} for i = 1, ${count} do t[i] = ("x"):rep(900) .. i end print(#t)`, `${count}\n`);
    const ordeal = new Ordeal(BUMP, filling(200));
    expect(ordeal.refuseAllocation(ordeal.countRequests() - 1, 'on')).toBe('memory error');
    expect(() => new Ordeal(BUMP, filling(900)).refuseAllocation(150, 'on')).toThrow('did not succeed afterwards');
  });

  it('refuses growth, alone or for good', () => {
    const large = script('local t = {} for i = 1, 9 do t[i] = ("x"):rep(100000 + i) end print(#t)', '9\n');
    const { calls, pages } = new Ordeal(RECLAIMING, large).countGrowths();
    expect([calls, pages.length]).toEqual([expect.any(Number), calls + 1]);
    expect(new Ordeal(RECLAIMING, large).refuseGrowth(1)).toBe('survived');
    expect(new Ordeal(RECLAIMING, large).limitGrowth(pages[0] ?? 0, RECLAIMING.maximumPages)).toBe('memory error');
  });
});

/** The first block of a state, which is freed last. */
const STATE_BYTES = 824;

/** Allocators between Lua and the real one, each with one fault that an ordeal must see. */
const FAULTS: readonly (readonly [what: string, fault: AllocationTap, complaint: RegExp])[] = [
  [
    'frees nothing',
    (pointer, oldBytes, newBytes, next) => (newBytes === 0 ? 0 : next(pointer, oldBytes, newBytes)),
    /heap_live_blocks\(\) is \d+, expected \d+/,
  ],
  [
    'refuses to shrink',
    (pointer, oldBytes, newBytes, next) =>
      pointer !== 0 && newBytes > 0 && newBytes < oldBytes ? 0 : next(pointer, oldBytes, newBytes),
    /shrinking a block from \d+ to \d+ bytes was refused|unreachable/,
  ],
  [
    'gives less than was asked for',
    (pointer, oldBytes, newBytes, next) => next(pointer, oldBytes, newBytes > 64 ? newBytes - 40 : newBytes),
    /heap_live_bytes\(\) is|reaches past|cut short|heap_check|out of bounds/,
  ],
];

describe('an ordeal sees an allocator that', () => {
  it.each(FAULTS)('%s', (_what, fault, complaint) => {
    const shrinks = script(
      'local t = {} for i = 1, 99 do t[i] = i end t = nil collectgarbage() print(("x"):rep(99):len())',
      '99\n',
    );
    const suffer = (): unknown => new Ordeal(RECLAIMING, shrinks, { allocator: fault }).refuseAllocation(400, 'once');
    expect(suffer).toThrow(OrdealFailure);
    expect(suffer).toThrow(complaint);
  });

  it('is not given back what Lua frees', () => {
    const keepsAll: AllocationTap = (pointer, oldBytes, newBytes, next) =>
      newBytes === 0 ? 0 : next(pointer, oldBytes, newBytes);
    const ordeal = new Ordeal(RECLAIMING, PLAIN, { caller: keepsAll });
    expect(() => ordeal.refuseAllocation(5, 'twice')).toThrow(/Lua counts \d+ bytes, nsize - osize sums to \d+/);
  });

  it('is not given back the state itself', () => {
    const keepsState: AllocationTap = (pointer, oldBytes, newBytes, next) =>
      newBytes === 0 && oldBytes === STATE_BYTES ? 0 : next(pointer, oldBytes, newBytes);
    const suffer = (fromStart: boolean) => () =>
      new Ordeal(RECLAIMING, PLAIN, { caller: keepsState }).refuseAllocation(50, 'on', fromStart);
    expect(suffer(false)).toThrow('1 blocks are live after the state was closed');
    expect(suffer(true)).toThrow('no state was made, but 1 blocks are live');
  });

  it('prints something else', () => {
    const wrong = script('print(1)', '2\n');
    expect(() => new Ordeal(RECLAIMING, wrong).refuseAllocation(9999, 'once')).toThrow('it printed something else');
  });

  it('ends in an error that is none of memory', () => {
    const failing = script('error("no")', '');
    expect(() => new Ordeal(RECLAIMING, failing).refuseAllocation(9999, 'once')).toThrow('test.lua:1: no');
  });
});
