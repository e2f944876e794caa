import { describe, expect, it } from 'vitest';
import { fuzzModule } from '../../library/fuzz-module.ts';
import { type AssembledFunction, assemble } from '../../wasm/assemble.ts';
import type { ValueType } from '../../wasm/types.ts';
import { subjectFromModule } from '../wasm-module.ts';

const global = (value: number) => ({ type: 'i32', mutable: true, value: `i32.const ${value}` }) as const;
/** The top, and the block that was freed last with its size. */
const GLOBALS = [global(1024), global(0), global(0)];
const i32s = (count: number): ValueType[] => Array.from({ length: count }, () => 'i32');

/**
 * A bump allocator that hands out again the block that was freed last, where the size is the same and the alignment
 * small. `size` and `alignment` are the places of its parameters.
 */
function alloc(size: number, alignment: number): AssembledFunction {
  const [bytes, align] = [`local.get ${size}`, `local.get ${alignment}`];
  return {
    name: 'alloc',
    params: i32s(2),
    results: ['i32'],
    locals: ['i32'],
    body: `${bytes} global.get 2 i32.eq ${align} i32.const 9 i32.lt_u i32.and global.get 1 i32.const 0 i32.ne i32.and
      if void global.get 1 i32.const 0 global.set 1 return end
      ${align} ${align} i32.const 1 i32.sub i32.and ${bytes} i32.const 300000 i32.gt_u i32.or
      if void i32.const 0 return end
      global.get 0 ${align} i32.add i32.const 1 i32.sub i32.const 0 ${align} i32.sub i32.and local.tee 2
      ${bytes} i32.add i32.const 7 i32.add i32.const -8 i32.and i32.const 393216 i32.gt_u
      if void i32.const 0 return end
      local.get 2 ${bytes} i32.add i32.const 7 i32.add i32.const -8 i32.and global.set 0
      local.get 2`,
  };
}

/** Keeps what it is told of the block; `size` is the place of that parameter. */
const dealloc = (size: number): AssembledFunction => ({
  name: 'dealloc',
  params: i32s(3),
  body: `local.get 0 global.set 1 local.get ${size} global.set 2`,
});

/** Copies the old bytes, as many as are told, to a new block; the places of its parameters are given. */
const realloc = (oldSize: number, alignment: number): AssembledFunction => ({
  name: 'realloc',
  params: i32s(4),
  results: ['i32'],
  locals: ['i32'],
  body: `local.get 3 local.get ${alignment} call 0 local.tee 4
    if void
      local.get 4 local.get 0 local.get ${oldSize} local.get 3 local.get ${oldSize} local.get 3 i32.lt_u select memory.copy
    end
    local.get 4`,
});

const moduleOf = (...functions: AssembledFunction[]) => assemble({ memory: [1, 6, 6], globals: GLOBALS, functions });

describe('the order of parameters', () => {
  it('is the usual one where that explains what is seen', () => {
    const { detection } = subjectFromModule(moduleOf(alloc(0, 1), dealloc(1), realloc(1, 2)));
    expect(detection.alignmentFirst).toBeUndefined();
  });

  it.each([
    ['in both', alloc(1, 0), dealloc(2), ['alloc', 'dealloc']],
    ['in alloc alone', alloc(1, 0), dealloc(1), ['alloc']],
    ['in dealloc alone', alloc(0, 1), dealloc(2), ['dealloc']],
  ])('is seen to have the alignment first %s', (_, first, second, roles) => {
    const bytes = moduleOf(first, second);
    const { detection } = subjectFromModule(bytes);
    expect(detection.alignmentFirst).toEqual(roles);
    expect(detection.why.at(-1)).toMatch(/^(de)?alloc takes the alignment before the size, as its answers show$/);
    expect(fuzzModule(bytes, { runs: 100 }).findings).toEqual([]);
  });

  it('is seen in realloc, which would else lose bytes', () => {
    const { detection } = subjectFromModule(moduleOf(alloc(0, 1), dealloc(1), realloc(2, 1)));
    expect(detection.alignmentFirst).toEqual(['realloc']);
  });

  it('is the usual one in an allocator that is faulty whichever it is', () => {
    const overlapping = { ...alloc(0, 1), body: 'i32.const 4096' };
    expect(subjectFromModule(moduleOf(overlapping, dealloc(1))).detection.alignmentFirst).toBeUndefined();
  });
});
