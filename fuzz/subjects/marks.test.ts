import { expect, it } from 'vitest';
import { Marks } from './marks.ts';

it('returns to the innermost mark first, and to none after a clear', () => {
  const marks = new Marks();
  marks.set(0);
  marks.set(200);
  expect([marks.pop()?.place, marks.isEmpty, marks.pop()?.place, marks.isEmpty]).toEqual([200, false, 0, true]);
  marks.set(100);
  marks.clear();
  expect([marks.isEmpty, marks.pop()]).toEqual([true, undefined]);
});

it('takes the first block after a mark for its place, and none that was popped already', () => {
  const marks = new Marks();
  marks.made(50);
  marks.set(undefined);
  marks.set(undefined);
  marks.made(100);
  marks.made(200);
  expect([marks.pop()?.place, marks.pop()?.place, marks.isEmpty]).toEqual([100, undefined, true]);
});

it('counts the blocks that end with each mark', () => {
  const marks = new Marks();
  marks.set(0);
  marks.made(50);
  marks.set(0);
  marks.made(100);
  marks.made(200);
  expect(marks.pop()?.blocks).toBe(2);
  marks.made(100);
  expect(marks.pop()?.blocks).toBe(2);
});
