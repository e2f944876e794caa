import { expect, test } from 'vitest';
import { MEMORY_LAYOUT } from './index.ts';

test('the layout has the constants of the contract', () => {
  expect(MEMORY_LAYOUT).toMatchObject({ HEAP_BASE: 0x10000, STACK_SIZE: 0x8000, PAGE_SIZE: 0x10000 });
});
