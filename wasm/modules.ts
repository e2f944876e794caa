/**
 * Every wasm module the project builds, one a line. `ensureBuilt` in build.ts makes those that are missing or stale;
 * modules marked `onDemand` only when they are named.
 */
import { RECLAIMING_MODULES } from './allocators/reclaiming-modules.ts';
import type { Artifact } from './artifact.ts';
import { BUMP_EXPORTS, luaModule } from './lua-module.ts';
import { ZOO_MODULES } from './zoo/modules.ts';

export const MODULES: readonly Artifact[] = [
  luaModule({ name: 'lua-bump', allocator: 'bump', exports: BUMP_EXPORTS, mode: 'ReleaseSmall' }),
  luaModule({ name: 'lua-bump-safe', allocator: 'bump', exports: BUMP_EXPORTS, mode: 'ReleaseSafe' }),
  ...RECLAIMING_MODULES,
  ...ZOO_MODULES,
];
