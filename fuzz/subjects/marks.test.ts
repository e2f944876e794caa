import { expect, it } from 'vitest';
import { Marks } from './marks.ts';

it('returns to the innermost mark first, and to none after a clear', () => {
  const marks = new Marks();
  marks.set(0);
  marks.set(200);
  expect([marks.pop(), marks.isEmpty, marks.pop(), marks.isEmpty]).toEqual([200, false, 0, true]);
  marks.set(100);
  marks.clear();
  expect(marks.isEmpty).toBe(true);
});

it('takes the first block after a mark for its place, and none that was popped already', () => {
  const marks = new Marks();
  marks.made(50);
  marks.set(undefined);
  marks.set(undefined);
  marks.made(100);
  marks.made(200);
  expect([marks.pop(), marks.pop(), marks.isEmpty]).toEqual([100, undefined, true]);
});
