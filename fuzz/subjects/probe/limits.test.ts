import { expect, it } from 'vitest';
import { type AssembledFunction, assemble } from '../../wasm/assemble.ts';
import { subjectFromModule } from '../wasm-module.ts';

/** A bump heap of a MiB in which blocks of 1500 bytes and more begin at the next page. */
const malloc: AssembledFunction = {
  name: 'malloc',
  params: ['i32'],
  results: ['i32'],
  body: `local.get 0 i32.const 1500 i32.ge_u
    if void global.get 0 i32.const 65535 i32.add i32.const -65536 i32.and global.set 0 end
    local.get 0 i32.const 1048576 i32.gt_u global.get 0 local.get 0 i32.add i32.const 1048576 i32.gt_u i32.or
    if void i32.const 0 return end
    global.get 0 global.get 0 local.get 0 i32.add i32.const 15 i32.add i32.const -16 i32.and global.set 0`,
};

it('pages of their own are told by the smallest block that takes them, where that is small', () => {
  const free: AssembledFunction = { name: 'free', params: ['i32'], body: 'nop' };
  const pagedFrom = (body: string) => {
    const globals = [{ type: 'i32', mutable: true, value: 'i32.const 1024' }] as const;
    const module = assemble({ memory: [1, 16, 16], globals, functions: [{ ...malloc, body }, free] });
    return subjectFromModule(module).probed().profile.pagedFromBytes;
  };
  expect(pagedFrom(malloc.body)).toBe(1500);
  expect(pagedFrom(malloc.body.replace('1500', '2049'))).toBeUndefined();
});
