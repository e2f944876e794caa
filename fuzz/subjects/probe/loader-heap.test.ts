import { describe, expect, it } from 'vitest';
import { type AssembledImport, assemble } from '../../wasm/assemble.ts';
import { subjectFromModule } from '../wasm-module.ts';

const TOP_IMPORT: AssembledImport = { module: 'env', name: 'DYNAMICTOP_PTR', type: [3, 0x7f, 0] };
const RESIZE_IMPORT: AssembledImport = {
  module: 'env',
  name: 'emscripten_resize_heap',
  type: { params: ['i32'], results: ['i32'] },
};

/** A bump allocator from `first` on, behind data up to 2048, or so it says. */
function bumpFrom(first: number, imports: readonly AssembledImport[]) {
  const top = imports.includes(TOP_IMPORT) ? 1 : 0;
  const malloc = `global.get ${top} local.get 0 i32.add i32.const 60000 i32.gt_u if void i32.const 0 return end
    global.get ${top} global.get ${top} local.get 0 i32.add i32.const 15 i32.add i32.const -16 i32.and global.set ${top}`;
  const functions = [
    { name: 'malloc', params: ['i32'], results: ['i32'], body: malloc },
    { name: 'free', params: ['i32'], body: 'nop' },
  ] as const;
  const globals = [
    { type: 'i32', mutable: true, value: `i32.const ${first}` },
    ...(top === 0 ? [{ type: 'i32', mutable: false, value: 'i32.const 2048', name: '__data_end' } as const] : []),
  ] as const;
  return subjectFromModule(assemble({ memory: [1, 1, 1], imports, globals, functions }));
}

describe('a heap that begins where a loader says', () => {
  it.each([
    ['it imports env.DYNAMICTOP_PTR', 2048, [TOP_IMPORT]],
    ['its first block lies at 0x400', 1024, [RESIZE_IMPORT]],
    ['its first block lies at 0x10', 16, [RESIZE_IMPORT]],
    ['its first block lies at 0x20', 32, [{ ...RESIZE_IMPORT, module: 'a', name: 'b' }]],
  ])('is not fuzzed alone: %s', (sign, first, imports) => {
    expect(() => bumpFrom(first, imports).probed()).toThrow(
      `its heap begins where JavaScript of Emscripten from before 2020 says (${sign})`,
    );
  });

  it.each([
    ['behind the data', 2048, [RESIZE_IMPORT]],
    ['anywhere else', 16, []],
  ])('is any other: %s', (_, first, imports) => {
    expect(bumpFrom(first, imports).probed().profile.firstPointer).toBe(first);
  });
});
