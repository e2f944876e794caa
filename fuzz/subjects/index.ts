/** Every subject of the repository, by the name the command line and the corpus use. Adding one is adding a line. */
import { CanarySubject } from './canary.ts';
import { HostBumpSubject } from './host-bump.ts';
import { HostStackSubject } from './host-stack.ts';
import { builtModule } from './lua-exports.ts';
import { LuaPoolSubject, type PoolFace } from './lua-pool.ts';
import { LuaVmSubject } from './lua-vm.ts';
import { ReclaimingSubject } from './reclaiming.ts';
import type { SubjectDefinition } from './subject.ts';

export const SUBJECTS: readonly SubjectDefinition[] = [
  luaPool('lua-bump', 'lua', "the Lua module's bump pool: lua_malloc, lua_realloc, lua_free"),
  luaPool('lua-bump-c', 'c', 'the same pool under its C names: malloc, realloc, free'),
  luaPool('lua-bump-alloc', 'lua_alloc', 'the same pool through lua_alloc, as Lua calls it'),
  {
    name: 'lua-vm',
    about: 'scripts and raw requests by turns, on one pool',
    builtFrom: 'lua-bump',
    create: () => new LuaVmSubject(),
  },
  reclaiming('lua-reclaiming', 'lua-reclaiming-safe', 'the reclaiming heap of the other Lua module, 64 MiB at most'),
  reclaiming('reclaiming', 'reclaiming-safe', 'the reclaiming heap alone, 4 MiB at most, so that it runs full'),
  { name: 'host-bump', about: 'HostBumpAllocator of src/, heap that grows', create: () => new HostBumpSubject() },
  { name: 'host-stack', about: 'HostStackAllocator of src/, marks and pops', create: () => new HostStackSubject() },
  { name: 'canary', about: 'breaks a law on purpose, past 64 live blocks', create: () => new CanarySubject() },
];

function luaPool(name: string, face: PoolFace, about: string): SubjectDefinition {
  const builtFrom = 'lua-bump';
  return { name, about, builtFrom, create: () => new LuaPoolSubject(name, builtModule(builtFrom), face) };
}

function reclaiming(name: string, builtFrom: string, about: string): SubjectDefinition {
  return { name, about, builtFrom, create: () => new ReclaimingSubject(name, builtFrom) };
}
