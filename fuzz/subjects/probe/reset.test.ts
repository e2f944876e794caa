import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { ensureBuilt } from '../../../wasm/build.ts';
import { judge, Lockstep } from '../../lockstep.ts';
import { parseTrace } from '../../trace/text.ts';
import { type AssembledFunction, assemble } from '../../wasm/assemble.ts';
import { type ModuleDefinition, subjectFromModule } from '../wasm-module.ts';

const FAULTY = 'faults/lua-bump-reset-starts-late';
beforeAll(() => ensureBuilt([FAULTY]), 120_000);

const TOP = { type: 'i32', mutable: true, value: 'i32.const 1024' } as const;

const bump: AssembledFunction = {
  name: 'malloc',
  params: ['i32'],
  results: ['i32'],
  body: `global.get 0 local.get 0 i32.add i32.const 60000 i32.gt_u if void i32.const 0 return end
    global.get 0 global.get 0 local.get 0 i32.add i32.const 15 i32.add i32.const -16 i32.and global.set 0`,
};
const free: AssembledFunction = { name: 'free', params: ['i32'], body: 'nop' };

function resettingBy(body: string): ModuleDefinition {
  const functions = [bump, free, { name: 'heap_reset', body }];
  return subjectFromModule(assemble({ memory: [1, 1, 1], globals: [TOP], functions }));
}

function promiseOf(definition: ModuleDefinition): [boolean, boolean | undefined] {
  const { operations, resetReplays } = definition.probed().profile;
  return [operations.includes('reset'), resetReplays];
}

function judged(definition: ModuleDefinition, lines: string): string {
  const { trace } = parseTrace(`# heaplaw trace 1\n${lines.split('; ').join('\n')}`);
  const violation = judge(new Lockstep(definition.create()), trace);
  return violation === undefined
    ? 'nothing'
    : `${violation.law} at ${violation.step}: ${violation.answer}, not ${violation.allowed}`;
}

describe('a function named after a reset', () => {
  it('starts the heap over, and is held to it', () => {
    const whole = resettingBy('i32.const 1024 global.set 0');
    expect(promiseOf(whole)).toEqual([true, true]);
    expect(judged(whole, '%0 = malloc 50000; reset; %1 = malloc 50000; reset')).toBe('nothing');
  });

  it('is tried where memory cannot grow, though the heap asks for that, and where it can', () => {
    const asking = {
      ...bump,
      body: `global.get 0 local.get 0 i32.add i32.const 60000 i32.gt_u
        if void i32.const 1 memory.grow drop i32.const 0 return end
        global.get 0 global.get 0 local.get 0 i32.add i32.const 15 i32.add i32.const -16 i32.and global.set 0`,
    };
    const functions = [asking, free, { name: 'heap_reset', body: 'i32.const 1024 global.set 0' }];
    const memories = [1, 4].map((maximum) => assemble({ memory: [1, 1, maximum], globals: [TOP], functions }));
    const definitions = memories.map((bytes) => subjectFromModule(bytes));
    expect(definitions.map(promiseOf)).toEqual([
      [true, true],
      [true, undefined],
    ]);
    expect(definitions.map((definition) => definition.probed().profile.mayGrow)).toEqual([false, true]);
  });

  it('may forget to when the heap is fuller than it was when probed', () => {
    const forgetful = resettingBy(`global.get 0 i32.const 30000 i32.gt_u
      if void i32.const 1040 global.set 0 else i32.const 1024 global.set 0 end`);
    expect(promiseOf(forgetful)).toEqual([true, true]);
    const lines = '%0 = malloc 8; %1 = malloc 40000; reset; %2 = malloc 8';
    expect(judged(forgetful, lines)).toBe(
      'reset-starts-over at 3: malloc 58976 gave NULL after it, not the largest block of a fresh heap',
    );
  });

  it('gives back all there is, wherever blocks lie after it', () => {
    const late = resettingBy('i32.const 1040 global.set 0');
    expect(promiseOf(late)).toEqual([true, undefined]);
    expect(judged(late, 'reset')).toBe(
      'reset-starts-over at 1: malloc 58976 gave NULL after it, not the largest block of a fresh heap',
    );
  });

  it('is answered after it as in a fresh heap where it was seen to be', () => {
    const wandering = resettingBy(`global.get 0 i32.const 30000 i32.gt_u
      if void i32.const 1008 global.set 0 else i32.const 1024 global.set 0 end`);
    const lines = '%0 = malloc 40000; reset; %1 = malloc 8; %2 = malloc 9';
    expect(judged(wandering, lines)).toBe('reset-starts-over at 3: 0x3f0, not 0x400, as in a fresh heap');
  });

  it.each([
    ['does nothing to blocks', 'nop'],
    ['traps', 'unreachable'],
  ])('is no reset when it %s', (_, body) => {
    expect(promiseOf(resettingBy(body))).toEqual([false, undefined]);
  });

  it('is one in the Lua module, whose pool it empties', () => {
    const built = (name: string) => subjectFromModule(readFileSync(`wasm/dist/${name}.wasm`));
    expect(promiseOf(built('lua-bump'))).toEqual([true, true]);
    expect(judged(built(FAULTY), 'reset')).toMatch(/^reset-starts-over at 1/);
  });
});
