import { describe, expect, it } from 'vitest';
import { inTurn } from './in-turn.ts';

/** Work whose later items are done first. */
const backwards = async (item: number): Promise<number> => {
  for (let turn = 0; turn < 10 - item; turn++) await new Promise(setImmediate);
  return item;
};

async function takenOf(items: readonly number[], atOnce: number, last = Number.POSITIVE_INFINITY) {
  const started: number[] = [];
  const taken: number[] = [];
  const work = (item: number): Promise<number> => {
    started.push(item);
    return backwards(item);
  };
  await inTurn(items, atOnce, work, async (item) => {
    taken.push(item);
    return item < last;
  });
  return { started, taken };
}

describe('inTurn', () => {
  it('takes results in the order of the items, whichever is done first', async () => {
    expect(await takenOf([1, 2, 3, 4, 5], 3)).toEqual({ started: [1, 2, 3, 4, 5], taken: [1, 2, 3, 4, 5] });
  });

  it('starts no more at the same time than it may', async () => {
    let [under, most] = [0, 0];
    const work = async (item: number): Promise<void> => {
      most = Math.max(most, ++under);
      await backwards(item);
      under--;
    };
    await inTurn([1, 2, 3, 4, 5, 6], 2, work, async () => true);
    expect(most).toBe(2);
  });

  it('takes nothing behind the result that ends it, and starts nothing further', async () => {
    const { started, taken } = await takenOf([1, 2, 3, 4, 5, 6, 7, 8], 2, 2);
    expect(taken).toEqual([1, 2]);
    expect(started.length).toBeLessThan(8);
  });

  it('rejects as the work does', async () => {
    const work = async (item: number): Promise<number> => {
      if (item === 2) throw new Error('the second fails');
      return backwards(item);
    };
    await expect(inTurn([1, 2, 3], 2, work, async () => true)).rejects.toThrow('the second fails');
  });

  it('rejects as taking does', async () => {
    const take = async (): Promise<boolean> => {
      throw new Error('nobody takes it');
    };
    await expect(inTurn([1], 1, backwards, take)).rejects.toThrow('nobody takes it');
  });
});
