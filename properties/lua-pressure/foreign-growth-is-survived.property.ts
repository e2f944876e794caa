/**
 * foreign-growth-is-survived: the host grows memory itself, before any allocation of a running script; the script prints
 * what it always prints, the heap stays consistent, and not a byte of the host's pages is written.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PRESSURE_SCRIPTS } from '../../corpus/lua-reclaiming/scripts.ts';
import { TappedLua } from '../../fuzz/lua/tapped-lua.ts';
import { claim } from '../claim.ts';
import { tappableModule } from './machines.ts';

const PAGE_BYTES = 65536;
/** No byte that Lua is likely to write over a whole page. */
const CANARY = 0xc5;
const SCRIPTS = PRESSURE_SCRIPTS.filter(({ name }) => name !== 'churn.lua');

interface Growth {
  /** Before which call of lua_alloc, counted from the state's first. */
  readonly before: number;
  readonly pages: number;
}

const growth = fc.record({
  before: fc.oneof(fc.nat(400), fc.nat(5000), fc.nat(60_000)),
  pages: fc.integer({ min: 1, max: 3 }),
});
const growths = fc.array(growth, { minLength: 1, maxLength: 12 });

/** Grows memory as `planned`, and gives back the pages of the host, filled. */
function growWhile(machine: TappedLua, planned: readonly Growth[]): Uint8Array[] {
  const { memory } = machine.lua.exports;
  const regions: (readonly [start: number, sizeBytes: number])[] = [];
  let call = 0;
  machine.tap = (pointer, oldBytes, newBytes, next) => {
    for (const { pages } of planned.filter(({ before }) => before === call)) {
      const start = memory.grow(pages) * PAGE_BYTES;
      regions.push([start, pages * PAGE_BYTES]);
      new Uint8Array(memory.buffer, start, pages * PAGE_BYTES).fill(CANARY);
    }
    call += 1;
    return next(pointer, oldBytes, newBytes);
  };
  for (const { name, text, expected } of SCRIPTS) {
    machine.lua.run(text, `@${name}`);
    expect(machine.takeOutput()).toBe(expected);
  }
  return regions.map(([start, sizeBytes]) => new Uint8Array(memory.buffer, start, sizeBytes));
}

function judgeHeap({ lua }: TappedLua): void {
  expect((lua.exports['heap_check'] as () => number)()).toBe(0);
}

claim(
  'at any time, by any pages',
  [growths],
  (planned) => {
    const machine = new TappedLua(tappableModule('lua-reclaiming-safe'));
    const untouched = Buffer.alloc(PAGE_BYTES, CANARY);
    for (const region of growWhile(machine, planned)) {
      for (let at = 0; at < region.length; at += PAGE_BYTES) {
        expect(untouched.compare(region.subarray(at, at + PAGE_BYTES))).toBe(0);
      }
    }
    judgeHeap(machine);
    machine.lua.close();
    judgeHeap(machine);
    expect((machine.lua.exports['heap_live_blocks'] as () => number)()).toBe(0);
  },
  { runs: 15 },
);

it('before every growth of the heap, so that no two of its pages lie together', () => {
  const machine = new TappedLua(tappableModule('lua-reclaiming-safe'));
  const { memory } = machine.lua.exports;
  let pages = machine.pages;
  let foreign = 0;
  machine.tap = (pointer, oldBytes, newBytes, next) => {
    const answer = next(pointer, oldBytes, newBytes);
    if (machine.pages > pages) {
      memory.grow(1);
      foreign += 1;
    }
    pages = machine.pages;
    return answer;
  };
  for (const { name, text, expected } of SCRIPTS) {
    machine.lua.run(text, `@${name}`);
    expect(machine.takeOutput()).toBe(expected);
    judgeHeap(machine);
  }
  expect(foreign).toBeGreaterThan(5);
});
