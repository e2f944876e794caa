/**
 * full-pools-are-reused: a pool filled to its last byte refuses one more and stays as it was; every block of it shrinks
 * where it lies; what is given back, or reset, serves again; and a script in a full pool ends in a memory error, and
 * succeeds when there is room.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pressureScript } from '../../corpus/lua-reclaiming/scripts.ts';
import { TappedLua } from '../../fuzz/lua/tapped-lua.ts';
import type { LuaModule } from '../../fuzz/subjects/lua-implementation.ts';
import { usableBytes } from '../../wasm/allocators/reclaiming-profile.ts';
import { claim } from '../claim.ts';
import { tappableModule } from './machines.ts';

interface Block {
  readonly pointer: number;
  sizeBytes: number;
  readonly byte: number;
}

const EVERY_KIND = pressureScript('every-kind');
/** Pages, beyond the 24 that it starts with. */
const RECLAIMING_PAGES = 28;
const BUMP_HEADER_BYTES = 16;

const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 30_000 })), {
  minLength: 20,
  maxLength: 200,
  size: 'max',
});
const order = fc.infiniteStream(fc.nat(1_000_000));

const counter = (lua: LuaModule, name: string): number => (lua.exports[name] as () => number)() >>> 0;

/** Blocks of `sizes`, round and round, then the largest that still fit, each with a byte of its own throughout. */
function fill(lua: LuaModule, wanted: readonly number[], largest: () => number): Block[] {
  const blocks: Block[] = [];
  const take = (sizeBytes: number): boolean => {
    const pointer = lua.heap.malloc(sizeBytes);
    if (pointer === 0) return false;
    const byte = 1 + (blocks.length % 250);
    new Uint8Array(lua.exports.memory.buffer, pointer, sizeBytes).fill(byte);
    blocks.push({ pointer, sizeBytes, byte });
    return true;
  };
  for (let index = 0; take(wanted[index % wanted.length] ?? 1); index += 1);
  for (let rest = largest(); rest > 0; rest = largest()) expect(take(rest)).toBe(true);
  return blocks;
}

function expectContents(lua: LuaModule, blocks: readonly Block[]): void {
  const damaged = blocks.find(({ pointer, sizeBytes, byte }) => {
    const bytes = Buffer.from(lua.exports.memory.buffer, pointer, sizeBytes);
    return !bytes.equals(Buffer.alloc(sizeBytes, byte));
  });
  expect(damaged).toBe(undefined);
}

/** Shrinks every block, each to a part that `picks` names: it must stay where it is, with its bytes. */
function shrinkAll(lua: LuaModule, blocks: readonly Block[], picks: Iterator<number>): void {
  for (const block of blocks) {
    const sizeBytes = 1 + (Number(picks.next().value) % block.sizeBytes);
    expect(lua.heap.realloc(block.pointer, sizeBytes)).toBe(block.pointer);
    block.sizeBytes = sizeBytes;
  }
  expectContents(lua, blocks);
}

function expectFull(lua: LuaModule): void {
  expect([lua.heap.malloc(1), lua.heap.calloc(1, 1), lua.heap.alignedAlloc(64, 1)]).toEqual([0, 0, 0]);
}

describe('lua-bump', () => {
  const rest = (lua: LuaModule) => () => Math.max(0, counter(lua, 'malloc_remaining') - BUMP_HEADER_BYTES);

  claim(
    'is filled to its last byte, shrunk, reset and filled the same way',
    [sizes, order],
    (wanted, stream) => {
      const { lua } = new TappedLua(tappableModule('lua-bump'));
      const blocks = fill(lua, wanted, rest(lua));
      const pointers = blocks.map(({ pointer }) => pointer);
      expect(counter(lua, 'malloc_remaining')).toBeLessThanOrEqual(BUMP_HEADER_BYTES);
      expectFull(lua);
      expectContents(lua, blocks);
      shrinkAll(lua, blocks, stream[Symbol.iterator]());
      lua.reset();
      expect(fill(lua, wanted, rest(lua)).map(({ pointer }) => pointer)).toEqual(pointers);
    },
    { runs: 20 },
  );
});

describe('lua-reclaiming-safe', () => {
  function fullMachine(wanted: readonly number[]): { lua: LuaModule; blocks: Block[] } {
    const machine = new TappedLua(tappableModule('lua-reclaiming-safe'));
    machine.limitGrowth(RECLAIMING_PAGES);
    return { lua: machine.lua, blocks: refill(machine.lua, wanted) };
  }

  const refill = (lua: LuaModule, wanted: readonly number[]): Block[] =>
    fill(lua, wanted, () => counter(lua, 'heap_largest_free'));

  const liveBytes = (blocks: readonly Block[]): number =>
    blocks.reduce((sum, { sizeBytes }) => sum + usableBytes(sizeBytes), 0);

  claim(
    'is filled to its last byte, shrunk, drained in any order and filled again as full as before',
    [sizes, order],
    (wanted, stream) => {
      const { lua, blocks } = fullMachine(wanted);
      const picks = stream[Symbol.iterator]();
      const fullBytes = counter(lua, 'heap_live_bytes');
      expect([counter(lua, 'heap_free_bytes'), counter(lua, 'heap_check')]).toEqual([0, 0]);
      expectFull(lua);
      shrinkAll(lua, blocks, picks);
      expect([counter(lua, 'heap_live_bytes'), counter(lua, 'heap_check')]).toEqual([liveBytes(blocks), 0]);
      const between = refill(lua, wanted);
      expect([counter(lua, 'heap_free_bytes'), counter(lua, 'heap_check')]).toEqual([0, 0]);
      expectContents(lua, blocks);
      drain(lua, [...blocks, ...between], picks);
      expect([counter(lua, 'heap_live_blocks'), counter(lua, 'heap_live_bytes')]).toEqual([0, 0]);
      const whole = counter(lua, 'heap_largest_free');
      expect(lua.heap.malloc(whole)).not.toBe(0);
      expectFull(lua);
      expect(whole).toBeGreaterThanOrEqual(fullBytes);
      expect([counter(lua, 'heap_free_bytes'), counter(lua, 'heap_check')]).toEqual([0, 0]);
    },
    { runs: 20 },
  );

  /** Frees all, each time the one that the next pick names. */
  function drain(lua: LuaModule, blocks: readonly Block[], picks: Iterator<number>): void {
    const left = [...blocks];
    while (left.length > 0) {
      const at = Number(picks.next().value) % left.length;
      const [block] = left.splice(at, 1);
      if (block !== undefined) lua.heap.free(block.pointer);
    }
  }

  it('is a memory error to a script while it is full, and no hindrance when it is drained', () => {
    const { lua, blocks } = fullMachine([100, 20_000, 3, 700]);
    expect(() => lua.run(EVERY_KIND.text)).toThrow(expect.objectContaining({ name: 'LuaError', kind: 'memory' }));
    expectContents(lua, blocks);
    expect([counter(lua, 'heap_live_blocks'), counter(lua, 'heap_check')]).toEqual([blocks.length, 0]);
    for (const { pointer } of blocks) lua.heap.free(pointer);
    lua.run(EVERY_KIND.text);
    lua.close();
    expect([counter(lua, 'heap_live_blocks'), counter(lua, 'heap_check')]).toEqual([0, 0]);
  });
});
