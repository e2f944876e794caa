import { expect, it } from 'vitest';
import { type AssembledFunction, assemble } from '../../wasm/assemble.ts';
import { subjectFromModule } from '../wasm-module.ts';

/** A bump allocator above 65536 that gives no more aligned blocks of 0 bytes once one was freed as if it were of malloc. */
const ALLOC: AssembledFunction = {
  name: 'alloc',
  params: ['i32', 'i32'],
  results: ['i32'],
  locals: ['i32'],
  body: `global.get 1 local.get 0 i32.eqz i32.and local.get 1 i32.const 64 i32.eq i32.and if void i32.const 0 return end
    local.get 0 i32.const 60000 i32.gt_u if void i32.const 0 return end
    global.get 0 local.get 1 i32.add i32.const 1 i32.sub i32.const 0 local.get 1 i32.sub i32.and local.tee 2
    local.get 0 i32.add local.tee 0 i32.const 131072 i32.gt_u if void i32.const 0 return end
    local.get 0 global.set 0 local.get 2`,
};
const DEALLOC: AssembledFunction = {
  name: 'dealloc',
  params: ['i32', 'i32', 'i32'],
  body: 'local.get 1 i32.eqz local.get 2 i32.const 64 i32.lt_u i32.and if void i32.const 1 global.set 1 end',
};

it('frees aligned blocks of 0 bytes with their alignment', () => {
  const globals = ['i32.const 65536', 'i32.const 0'].map((value) => ({ type: 'i32', mutable: true, value }) as const);
  const { profile } = subjectFromModule(assemble({ memory: [1, 2, 2], globals, functions: [ALLOC, DEALLOC] })).probed();
  expect(profile.operations).toContain('aligned_alloc');
  expect([profile.zeroMalloc, profile.zeroOthers]).toEqual(['block', undefined]);
});
