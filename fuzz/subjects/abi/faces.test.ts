import { describe, expect, it } from 'vitest';
import { type AssembledFunction, assemble } from '../../wasm/assemble.ts';
import { parseModule } from '../../wasm/module.ts';
import type { ValueType } from '../../wasm/types.ts';
import { otherFacesOf } from '../wasm-module.ts';
import { faceOf, otherFaces } from './faces.ts';
import { detectAll } from './index.ts';

const giving = (name: string, parameters: number): AssembledFunction => ({
  name,
  params: Array.from({ length: parameters }, (): ValueType => 'i32'),
  results: ['i32'],
  body: 'i32.const 0',
});
const freeing = (name: string): AssembledFunction => ({ name, params: ['i32'], body: 'nop' });

function moduleOf(...functions: AssembledFunction[]): Uint8Array {
  return assemble({ memory: [1, 1, 1], functions });
}

describe('the other faces of a module', () => {
  const c = [giving('malloc', 1), freeing('free')];

  it('are those of known names that have functions of their own', () => {
    const lua = [giving('lua_malloc', 1), freeing('lua_free'), giving('lua_alloc', 4)];
    const cxx = [giving('_Znwm', 1), freeing('_ZdlPv')];
    expect(otherFacesOf(moduleOf(...c, ...lua, ...cxx, giving('cabi_realloc', 4)), {})).toEqual([
      'lua_malloc',
      'lua_alloc',
      '_Znwm',
      'cabi_realloc',
    ]);
  });

  it('are not the functions of a library, nor a pair that may be anything', () => {
    const library = [giving('sqlite3_malloc', 1), freeing('sqlite3_free'), giving('alloc', 1), freeing('dealloc')];
    expect(otherFacesOf(moduleOf(...c, ...library), {})).toEqual([]);
  });

  it('are those of arenas, which take a size and need none of their own', () => {
    const arenas = [
      giving('arena_alloc', 1),
      giving('scratch_allocate', 1),
      giving('bump_alloc', 2),
      giving('pool_alloc', 1),
    ];
    expect(otherFacesOf(moduleOf(...c, ...arenas), {})).toEqual(['arena_alloc', 'scratch_allocate']);
  });

  it('are not other names of the same functions', () => {
    const module = parseModule(moduleOf(...c, giving('lua_malloc', 1), freeing('lua_free')));
    const [malloc, free] = module.exports.map(({ index }) => index);
    const exports = module.exports.map((entry) => {
      const index = { lua_malloc: malloc, lua_free: free }[entry.name] ?? entry.index;
      return { ...entry, index };
    });
    expect(detectAll(module).map(faceOf)).toEqual(['malloc', 'lua_malloc']);
    expect(otherFaces({ ...module, exports }, detectAll(module))).toEqual([]);
    expect(otherFaces(module, detectAll(module)).map(faceOf)).toEqual(['lua_malloc']);
  });

  it('are not asked for where it is said which is meant', () => {
    const bytes = moduleOf(...c, giving('lua_alloc', 4));
    expect(otherFacesOf(bytes, {})).toEqual(['lua_alloc']);
    for (const said of [{ abi: 'c' }, { face: 'malloc' }, { map: { malloc: 'malloc' } }]) {
      expect(otherFacesOf(bytes, said)).toEqual([]);
    }
  });
});
