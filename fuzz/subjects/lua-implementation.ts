/**
 * The Lua module's binding, and the placement of host allocators above a module, as laws and subjects use them: those of
 * `src/index.ts`. Another implementation of the memory interface, put in place of that file, need not have them; their
 * own files are then what is judged.
 */
import * as ownPlacement from '../../src/host-allocators-above.ts';
import * as front from '../../src/index.ts';
import * as ownError from '../../src/lua-error.ts';
import * as ownModule from '../../src/lua-module.ts';

export type { LuaErrorKind } from '../../src/lua-error.ts';
export type { LuaModuleOptions } from '../../src/lua-module.ts';

export const hostAllocatorsAbove = front.hostAllocatorsAbove ?? ownPlacement.hostAllocatorsAbove;

export const LuaError = front.LuaError ?? ownError.LuaError;
export type LuaError = ownError.LuaError;

export const LuaModule = front.LuaModule ?? ownModule.LuaModule;
export type LuaModule = ownModule.LuaModule;
