import { describe, expect, it } from 'vitest';
import { type AssembledFunction, assemble } from '../../wasm/assemble.ts';
import { subjectFromModule } from '../wasm-module.ts';

/** A bump allocator above 65536 that rounds up to the alignment it is given, after `before`; nothing is freed. */
function alignedAfter(before: string): AssembledFunction {
  return {
    name: 'alloc',
    params: ['i32', 'i32'],
    results: ['i32'],
    locals: ['i32'],
    body: `${before}
      local.get 0 i32.const 60000 i32.gt_u if void i32.const 0 return end
      global.get 0 local.get 1 i32.add i32.const 1 i32.sub i32.const 0 local.get 1 i32.sub i32.and local.tee 2
      local.get 0 i32.add local.tee 0 i32.const 131072 i32.gt_u if void i32.const 0 return end
      local.get 0 global.set 0 local.get 2`,
  };
}

const globals = [{ type: 'i32', mutable: true, value: 'i32.const 65536' }] as const;

function operationsOf(before: string): readonly string[] {
  return subjectFromModule(assemble({ memory: [1, 2, 2], globals, functions: [alignedAfter(before)] })).probed().profile
    .operations;
}

describe('the second parameter of alloc', () => {
  it('is an alignment when blocks lie by it', () => {
    expect(operationsOf('')).toContain('aligned_alloc');
  });

  it.each([
    ['refused', 'local.get 1 i32.const 64 i32.gt_u if void i32.const 0 return end'],
    ['answered by a trap made on purpose', 'local.get 1 i32.const 64 i32.gt_u if void unreachable end'],
    ['not honoured', 'i32.const 8 local.set 1'],
  ])('is none when a large one is %s', (_, before) => {
    expect(operationsOf(before)).not.toContain('aligned_alloc');
  });

  it.each([
    ['hangs', 'local.get 1 i32.const 64 i32.gt_u if void loop void br 0 end end'],
    ['leaves memory', 'local.get 1 i32.const 64 i32.gt_u if void i32.const -4 i32.load 0 0 drop end'],
  ])('stays one where an allocator %s for it, which is a defect', (_, before) => {
    expect(operationsOf(before)).toContain('aligned_alloc');
  });
});

/** Both give blocks in turn, the one by any alignment, the other by none above 64. */
const aligning = (name: string, before: string): AssembledFunction => ({
  ...alignedAfter(`local.get 0 local.get 1 local.set 0 local.set 1 ${before}`),
  name,
});

describe('the largest alignment of several functions that align', () => {
  it('is one that all of them grant', () => {
    const limited = aligning('memalign', 'local.get 1 i32.const 64 i32.gt_u if void i32.const 0 return end');
    const malloc = {
      name: 'malloc',
      params: ['i32'],
      results: ['i32'],
      body: 'i32.const 8 local.get 0 call 1',
    } as const;
    const functions = [malloc, limited, aligning('aligned_alloc', '')];
    const { profile } = subjectFromModule(assemble({ memory: [1, 4, 4], globals, functions })).probed();
    expect(profile.maximumAlignmentBytes).toBe(64);
  });
});

describe('an operator new that is told an alignment', () => {
  const free = (name: string, params: number): AssembledFunction => ({
    name,
    params: Array.from({ length: params }, () => 'i32' as const),
    body: '',
  });
  const profileOf = (before: string) => {
    const plain = {
      name: '_Znwm',
      params: ['i32'],
      results: ['i32'],
      body: 'local.get 0 i32.const 16 call 1',
    } as const;
    const inner = { ...alignedAfter(''), name: 'inner' };
    const aligned = { ...alignedAfter(before), name: '_ZnwmSt11align_val_t' };
    const functions = [plain, inner, aligned, free('_ZdlPv', 1), free('_ZdlPvSt11align_val_t', 2)];
    return subjectFromModule(assemble({ memory: [1, 4, 4], globals, functions })).probed().profile;
  };

  it('is asked for more than the other promises, and for no more than it grants', () => {
    const before = 'local.get 1 i32.const 1024 i32.gt_u if void i32.const 0 return end';
    const { leastAlignmentBytes, maximumAlignmentBytes } = profileOf(before);
    expect([leastAlignmentBytes, maximumAlignmentBytes]).toEqual([32, 1024]);
  });

  it('is not called where it grants nothing', () => {
    expect(profileOf('i32.const 0 return').operations).not.toContain('aligned_alloc');
  });
});
