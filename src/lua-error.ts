/**
 * Why a script did not end well. `syntax`: it did not compile. `runtime`: it raised an error. `memory`: Lua's
 * allocator refused, as it does when the pool is used up. `state`: the module cannot run a script now.
 */
export type LuaErrorKind = 'syntax' | 'runtime' | 'memory' | 'state';

/** An error of a Lua script. `message` is Lua's own, `luaTraceback` the stack where it was raised, when Lua gives one. */
export class LuaError extends Error {
  override readonly name = 'LuaError';
  readonly kind: LuaErrorKind;
  readonly luaTraceback: string | undefined;

  constructor(
    kind: LuaErrorKind,
    message: string,
    options: { luaTraceback?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : {});
    this.kind = kind;
    this.luaTraceback = options.luaTraceback;
  }
}

/** LUA_ERRSYNTAX and LUA_ERRMEM of lua.h. */
const SYNTAX = 3;
const MEMORY = 4;

/** What lauxlib raises, as a runtime error, when a string buffer cannot grow. */
const BUFFER_MESSAGE = 'not enough memory for buffer allocation';

/** The kind of error that a status of lua_run, not 0, and its message stand for. */
export function kindOfStatus(status: number, message: string): LuaErrorKind {
  if (status === SYNTAX) return 'syntax';
  return status === MEMORY || message.endsWith(BUFFER_MESSAGE) ? 'memory' : 'runtime';
}
