/**
 * failing-growths-are-survived: whichever growth of memory is refused, alone or with all that follow, Lua reports a memory
 * error or goes on, the heap stays consistent, and the same script succeeds when memory grows again. Every growth of a
 * script that makes memory grow in small steps and in large ones.
 */
import { expect, it } from 'vitest';
import { pressureScript } from '../../corpus/lua-reclaiming/scripts.ts';
import { Ordeal } from '../../fuzz/lua/ordeal.ts';
import { tappableModule } from './machines.ts';

const GROWING = pressureScript('growing');
const module = tappableModule('lua-reclaiming-safe');
const { calls, pages } = new Ordeal(module, GROWING).countGrowths();

it('grows memory a dozen times and more', () => {
  expect(calls).toBeGreaterThan(12);
  expect(pages.length).toBeGreaterThan(12);
});

it('survives each growth that is refused alone: Lua collects its garbage and asks again', () => {
  const outcomes = Array.from({ length: calls }, (_, call) => new Ordeal(module, GROWING).refuseGrowth(call + 1));
  expect(outcomes).toContain('survived');
});

it('survives each size at which memory stops growing', () => {
  const limits = pages.slice(0, -1);
  const outcomes = limits.map((limit) => new Ordeal(module, GROWING).limitGrowth(limit, module.maximumPages));
  expect(outcomes).toContain('memory error');
});
