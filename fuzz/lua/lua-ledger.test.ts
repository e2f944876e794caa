import { describe, expect, it } from 'vitest';
import { LuaLedger } from './lua-ledger.ts';

/** A ledger over an allocator that answers what it is told to, in turn. */
function ledgerOf(...answers: number[]) {
  const ledger = new LuaLedger();
  const tap = ledger.watching(() => answers.shift() ?? 0);
  const call = (pointer: number, oldBytes: number, newBytes: number): number =>
    tap(pointer, oldBytes, newBytes, () => 0);
  return { ledger, call };
}

describe('a ledger', () => {
  it('sums nsize - osize, and takes no type tag for a size', () => {
    const { ledger, call } = ledgerOf(16, 64, 16, 0, 0);
    call(0, 5, 10);
    call(0, 8, 30);
    expect([ledger.liveBytes, ledger.blocks.size]).toEqual([40, 2]);
    call(16, 10, 4);
    call(64, 30, 0);
    expect([ledger.liveBytes, [...ledger.blocks]]).toEqual([4, [[16, 4]]]);
    call(0, 0, 100);
    expect([ledger.liveBytes, ledger.breach]).toEqual([4, undefined]);
    ledger.clear();
    expect([ledger.liveBytes, ledger.blocks.size]).toEqual([0, 0]);
  });

  it.each([
    ['a size that is not the block’s', [16, 16], 9, 20, 'Lua names a block of 9 bytes at 16, where it has 10'],
    ['a refusal to shrink', [16, 0], 10, 5, 'shrinking a block from 10 to 5 bytes was refused'],
    ['an answer to a free', [16, 32], 10, 0, 'a free of 16 was answered 32, expected NULL'],
  ])('notices %s', (_what, answers, oldBytes, newBytes, breach) => {
    const { ledger, call } = ledgerOf(...answers);
    call(0, 0, 10);
    call(16, oldBytes, newBytes);
    expect(ledger.breach).toBe(breach);
  });

  it('notices a block that is not known, and one handed out twice; the first breach stands', () => {
    const { ledger, call } = ledgerOf(0, 16, 16);
    call(48, 7, 0);
    call(0, 0, 1);
    call(0, 0, 1);
    expect(ledger.breach).toBe('Lua names a block of 7 bytes at 48, where it has none');
    const twice = ledgerOf(16, 16);
    twice.call(0, 0, 1);
    twice.call(0, 0, 1);
    expect(twice.ledger.breach).toBe('the block at 16 was handed out twice');
  });

  it('finds blocks that overlap, or end past memory', () => {
    const { ledger, call } = ledgerOf(32, 16);
    call(0, 0, 8);
    call(0, 0, 16);
    expect([ledger.overlap(40), ledger.overlap(39)]).toEqual([undefined, 'the block of 8 bytes at 32 reaches past 39']);
    const { ledger: broken, call: allocate } = ledgerOf(32, 16);
    allocate(0, 0, 8);
    allocate(0, 0, 17);
    expect(broken.overlap(1000)).toBe('the block of 17 bytes at 16 reaches past 32');
  });
});
