import { expect, it } from 'vitest';
import { judge, Lockstep } from '../../lockstep.ts';
import { parseTrace } from '../../trace/text.ts';
import { type AssembledFunction, assemble } from '../../wasm/assemble.ts';
import { type ModuleDefinition, subjectFromModule } from '../wasm-module.ts';

const MEMORY = [1, 4, 4];
const TOP = { type: 'i32', mutable: true, value: 'i32.const 1024' } as const;

/** Bumps up to 60,000, in a memory that is four times as long. */
const malloc: AssembledFunction = {
  name: 'malloc',
  params: ['i32'],
  results: ['i32'],
  body: `local.get 0 i32.const 60000 i32.gt_u if void i32.const 0 return end
    global.get 0 local.get 0 i32.add i32.const 60000 i32.gt_u if void i32.const 0 return end
    global.get 0 global.get 0 local.get 0 i32.add i32.const 15 i32.add i32.const -16 i32.and global.set 0`,
};
const free: AssembledFunction = { name: 'free', params: ['i32'], body: 'nop' };
/** The newest block grows where it is, and nobody looks where the heap ends. */
const realloc: AssembledFunction = {
  name: 'realloc',
  params: ['i32', 'i32'],
  results: ['i32'],
  body: 'local.get 0 i32.eqz if void local.get 1 call 0 return end local.get 0',
};

const moduleOf = (functions: readonly AssembledFunction[]): ModuleDefinition =>
  subjectFromModule(assemble({ memory: MEMORY, globals: [TOP], functions }));

it('a fixed heap ends a page behind the last block that it holds', () => {
  const { arenaEnd } = moduleOf([malloc, free]).probed().profile;
  expect(arenaEnd).toBeGreaterThan(59_900 + 65536);
  expect(arenaEnd).toBeLessThanOrEqual(60_000 + 65536);
});

it('a heap that more blocks fit into than a trace can make ends where memory does', () => {
  const most = 'local.get 0 i32.const 8 i32.gt_u if void i32.const 0 return end';
  const { arenaEnd } = moduleOf([{ ...malloc, body: `${most} ${malloc.body}` }, free]).probed().profile;
  expect(arenaEnd).toBe(4 * 65536);
});

it('a block that grows past the end of its heap is seen, though memory goes on', () => {
  const { trace } = parseTrace('# heaplaw trace 1\n%0 = malloc 16\n%0 = realloc %0 150000');
  const violation = judge(new Lockstep(moduleOf([malloc, free, realloc]).create()), trace);
  expect(violation).toMatchObject({ step: 2, law: 'impossible-sizes-are-refused' });
});
