//! Lua's C API, as much of it as vm.zig uses. Written by hand from lua.h and lauxlib.h of 5.3.5.

pub const State = opaque {};
pub const CFunction = *const fn (*State) callconv(.c) c_int;
pub const Alloc = *const fn (?*anyopaque, ?*anyopaque, usize, usize) callconv(.c) ?*anyopaque;
pub const Reader = *const fn (*State, ?*anyopaque, *usize) callconv(.c) ?[*]const u8;
pub const KFunction = *const fn (*State, c_int, isize) callconv(.c) c_int;

pub const ok: c_int = 0;
pub const err_run: c_int = 2;
pub const err_memory: c_int = 4;
pub const err_handler: c_int = 6;

pub const type_none: c_int = -1;
pub const type_string: c_int = 4;
/// LUA_TNUMINT of lobject.h: LUA_TNUMBER | (1 << 4).
pub const type_integer: c_int = 19;

pub const multiple_results: c_int = -1;
/// LUA_REGISTRYINDEX: -LUAI_MAXSTACK - 1000.
pub const registry_index: c_int = -1_001_000;

pub extern fn lua_newstate(Alloc, ?*anyopaque) ?*State;
pub extern fn lua_close(*State) void;
pub extern fn lua_gettop(*State) c_int;
pub extern fn lua_settop(*State, c_int) void;
pub extern fn lua_type(*State, c_int) c_int;
pub extern fn lua_typename(*State, c_int) [*:0]const u8;
pub extern fn lua_isinteger(*State, c_int) c_int;
pub extern fn lua_isstring(*State, c_int) c_int;
pub extern fn lua_toboolean(*State, c_int) c_int;
pub extern fn lua_tointegerx(*State, c_int, ?*c_int) i64;
pub extern fn lua_tonumberx(*State, c_int, ?*c_int) f64;
pub extern fn lua_tolstring(*State, c_int, ?*usize) ?[*]const u8;
pub extern fn lua_topointer(*State, c_int) ?*const anyopaque;
pub extern fn lua_pushnil(*State) void;
pub extern fn lua_pushcclosure(*State, CFunction, c_int) void;
pub extern fn lua_pushfstring(*State, [*:0]const u8, ...) [*:0]const u8;
pub extern fn lua_getglobal(*State, [*:0]const u8) c_int;
pub extern fn lua_setfield(*State, c_int, [*:0]const u8) void;
pub extern fn lua_rawgetp(*State, c_int, *const anyopaque) c_int;
pub extern fn lua_rawsetp(*State, c_int, *const anyopaque) void;
pub extern fn lua_load(*State, Reader, ?*anyopaque, [*:0]const u8, [*:0]const u8) c_int;
pub extern fn lua_pcallk(*State, c_int, c_int, c_int, isize, ?KFunction) c_int;
pub extern fn luaL_openlibs(*State) void;
pub extern fn luaL_traceback(*State, *State, ?[*:0]const u8, c_int) void;
pub extern fn luaL_callmeta(*State, c_int, [*:0]const u8) c_int;
pub extern fn luaL_error(*State, [*:0]const u8, ...) c_int;
