import { expect, test } from 'vitest';
import { MEMORY_LAYOUT } from './index.ts';

test('the layout has the constants of the contract, and keeps them', () => {
  expect(MEMORY_LAYOUT).toEqual({ HEAP_BASE: 0x10000, STACK_SIZE: 0x8000, PAGE_SIZE: 0x10000 });
  expect(Object.isFrozen(MEMORY_LAYOUT)).toBe(true);
});
