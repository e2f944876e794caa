import { expect, test } from 'vitest';
import { isSteady } from './steady.ts';
import { parseTrace } from './text.ts';

const steady = (lines: string): boolean =>
  isSteady(parseTrace(`# heaplaw trace 1\n${lines.split('; ').join('\n')}`).trace);

test.each([
  '%0 = malloc 1; %1 = malloc 1; free %0; %0 = malloc 1',
  '%0 = malloc 1; free %0; %1 = malloc 2; free %1; %0 = malloc 3; free %0',
])('%s asks for one size, or for one block at a time', (lines) => {
  expect(steady(lines)).toBe(true);
});

test.each([
  '%0 = malloc 1; %1 = malloc 2',
  '%0 = malloc 1; free %1; %1 = malloc 2; free %1',
  '%0 = calloc 1 1; free %0',
  '%0 = malloc 1; %0 = realloc %0 1',
])('%s does not', (lines) => {
  expect(steady(lines)).toBe(false);
});
