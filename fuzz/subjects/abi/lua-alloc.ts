/**
 * Lua's allocation function, `lua_Alloc(ud, ptr, osize, nsize)`.
 * Source: Lua 5.3 and 5.4 reference manuals, section 4.8 (lua_Alloc). `nsize` 0 frees; with `ptr` NULL, `osize` is the
 * type of the object and no size; a block never fails to shrink.
 */
import {
  type Abi,
  type Allocator,
  C_CONVENTION,
  type Detection,
  type ModuleAccess,
  type Names,
  required,
  signature,
  unsigned,
} from './abi.ts';
import { hasType, type Surface, sayType } from './surface.ts';

const TYPES = [signature(4, 1)];

export const luaAllocAbi: Abi = {
  name: 'lua-alloc',
  about: 'lua_Alloc(ud, ptr, osize, nsize)',
  convention: { ...C_CONVENTION, shrinkingNeverFails: true },
  roles: { alloc: TYPES },
  detect: detectLuaAlloc,
  bind: bindLuaAlloc,
};

function detectLuaAlloc(surface: Surface): Detection[] {
  return [...surface.functions.keys()]
    .filter((name) => /^_*(l|lua)_?alloc/i.test(name) && hasType(surface, name, TYPES))
    .map((name) => ({ abi: 'lua-alloc', names: { alloc: name }, why: [sayType(surface, name)] }));
}

/** Type tags that Lua passes for new objects: LUA_TSTRING (4) to LUA_TTHREAD (8), and 0 for anything else. */
const TYPE_TAGS = [0, 4, 5, 6, 7, 8];

function bindLuaAlloc(names: Names, { functionOf }: ModuleAccess): Allocator {
  const alloc = functionOf(required(names, 'alloc'));
  // The tag varies with the size, so that an allocator which takes it for a size is seen, and a trace repeats.
  const tagFor = (sizeBytes: number) => TYPE_TAGS[sizeBytes % TYPE_TAGS.length] ?? 0;
  const malloc = (sizeBytes: number) => unsigned(alloc(0, 0, tagFor(sizeBytes), sizeBytes));
  return {
    malloc,
    reallocTakesOldSize: true,
    realloc: (pointer, oldSizeBytes, _alignment, newSizeBytes) =>
      pointer === 0 ? malloc(newSizeBytes) : unsigned(alloc(0, pointer, oldSizeBytes, newSizeBytes)),
    free: (pointer, sizeBytes) => void alloc(0, pointer, sizeBytes, 0),
  };
}
