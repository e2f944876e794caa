import { expect, it } from 'vitest';
import { isClosed } from './closed.ts';
import { parseTrace } from './text.ts';

it.each([
  ['mark; %0 = malloc 1; pop', true],
  ['mark; pop', true],
  ['mark; %0 = calloc 1 1; mark; %1 = aligned_alloc 8 1; pop; %1 = malloc 1; pop', true],
  ['mark; %0 = malloc 1', false],
  ['mark; pop; mark; pop', false],
  ['mark; pop; %0 = malloc 1', false],
  ['%0 = malloc 1; mark; pop', false],
  ['%0 = malloc 1', false],
  ['pop; mark', false],
  ['mark; free %0; pop', false],
  ['mark; reset; pop', false],
  ['mark; grow 1; pop', false],
  ['', false],
])('%s is closed: %j', (lines, expected) => {
  const { trace } = parseTrace(`# heaplaw trace 1\n${lines.split('; ').join('\n')}`);
  expect(isClosed(trace)).toBe(expected);
});
