//! The Lua virtual machine as a host sees it: one state, made of the module's own allocator, that runs scripts.
//!
//! - lua_init() makes the state when there is none: 0, or Lua's LUA_ERRMEM.
//! - lua_run(script, length, name, nameLength) runs the bytes as a text chunk of that name (Lua's conventions for chunk
//!   names hold; at most 255 bytes count). It makes the state first when there is none. The answer is Lua's status.
//!   After 0 the results are the script's values; otherwise result 0 is the message and result 1 the traceback, nil
//!   where Lua makes none (syntax and memory errors).
//! - lua_result_*: the results of the last run, until the next one. A string is read through the I/O buffer in pieces.
//! - lua_shutdown() closes the state, which runs its finalizers.
//! - lua_reset() is malloc_reset() with the state forgotten. After a malloc_reset() of the host's own the state is gone
//!   as well, with its memory, which is noticed where the allocator counts its resets (malloc_epoch). The next lua_init
//!   or lua_run makes another state.
//! - lua_run called while a run is under way (from the host's sink) is refused with `busy`; so is every call after a run
//!   that a trap or the host ended half way, until a reset.
//!
//! Scripts and results pass through the I/O buffer; a script that does not fit may lie in a block of the host's.

const std = @import("std");
const lua = @import("lua_api.zig");

/// The linker gives the module 2 MiB and this stack; see wasm/lua-module.ts for the whole map.
const io_buffer_size: u32 = 64 * 1024;
const name_size_max = 255;

/// Statuses of our own, beyond Lua's 0 to 6.
const status_busy: c_int = 16;

var io_buffer: [io_buffer_size]u8 align(16) = @splat(0);
var state: ?*lua.State = null;
/// malloc_epoch when the state was made. Another epoch means that the state's memory is gone.
var state_epoch: u32 = 0;
var running = false;

extern fn lua_alloc(?*anyopaque, ?*anyopaque, usize, usize) ?*anyopaque;
extern fn malloc_reset() void;
extern fn heaplaw_flush_output() void;
extern fn heaplaw_drop_output() void;

/// Fails a run for good: a panic of Zig's must not print through an operating system.
pub const panic = std.debug.no_panic;

/// How often the allocator was reset; 0 for an allocator that does not count.
fn epoch() u32 {
    const count = @extern(?*const fn () callconv(.c) u32, .{ .name = "malloc_epoch", .linkage = .weak });
    return if (count) |now| now() else 0;
}

fn forgetState() void {
    state = null;
    running = false;
    state_epoch = epoch();
    heaplaw_drop_output();
}

fn liveState() ?*lua.State {
    if (state_epoch != epoch()) forgetState();
    return state;
}

export fn lua_reset() void {
    malloc_reset();
    forgetState();
}

export fn lua_init() c_int {
    if (liveState() != null) return if (running) status_busy else lua.ok;
    heaplaw_drop_output();
    const fresh = lua.lua_newstate(&lua_alloc, null) orelse return lua.err_memory;
    lua.lua_pushcclosure(fresh, &openLibraries, 0);
    const status = lua.lua_pcallk(fresh, 0, 0, 0, 0, null);
    if (status == lua.ok) state = fresh else lua.lua_close(fresh);
    return status;
}

fn openLibraries(L: *lua.State) callconv(.c) c_int {
    lua.luaL_openlibs(L);
    _ = lua.lua_getglobal(L, "os");
    lua.lua_pushcclosure(L, &refuseToExit, 0);
    lua.lua_setfield(L, -2, "exit");
    return 0;
}

/// There is no process to end; the host decides what follows a run.
fn refuseToExit(L: *lua.State) callconv(.c) c_int {
    return lua.luaL_error(L, "os.exit is not available: there is no process to end");
}

const Script = struct {
    rest: []const u8,

    fn read(_: *lua.State, data: ?*anyopaque, size: *usize) callconv(.c) ?[*]const u8 {
        const script: *Script = @ptrCast(@alignCast(data));
        defer script.rest = &.{};
        size.* = script.rest.len;
        return script.rest.ptr;
    }
};

export fn lua_run(script: [*]const u8, length: usize, name: [*]const u8, name_length: usize) c_int {
    const init_status = lua_init();
    if (init_status != lua.ok) return init_status;
    const L = state orelse return lua.err_memory;
    running = true;
    const status = run(L, .{ .rest = script[0..length] }, name[0..@min(name_length, name_size_max)]);
    heaplaw_flush_output();
    running = false;
    return status;
}

/// Leaves the message handler at index 1 and the results above it.
fn run(L: *lua.State, script: Script, name: []const u8) c_int {
    var rest = script;
    traceback_made = false;
    var name_terminated: [name_size_max + 1]u8 = @splat(0);
    @memcpy(name_terminated[0..name.len], name);
    lua.lua_settop(L, 0);
    lua.lua_pushcclosure(L, &handleMessage, 0);
    const loaded = lua.lua_load(L, &Script.read, &rest, @ptrCast(&name_terminated), "t");
    const status = if (loaded == lua.ok) lua.lua_pcallk(L, 0, lua.multiple_results, 1, 0, null) else loaded;
    if (status != lua.ok) pushTraceback(L);
    return status;
}

/// Whether the message handler has run. Its address is the registry key of the traceback.
var traceback_made = false;

/// Raises nothing: reading a registry field and pushing nil take no memory.
fn pushTraceback(L: *lua.State) void {
    if (traceback_made) _ = lua.lua_rawgetp(L, lua.registry_index, &traceback_made) else lua.lua_pushnil(L);
}

/// Makes a message of the error value, as lua.c does, and keeps the traceback beside it.
fn handleMessage(L: *lua.State) callconv(.c) c_int {
    lua.luaL_traceback(L, L, null, 1);
    lua.lua_rawsetp(L, lua.registry_index, &traceback_made);
    traceback_made = true;
    if (lua.lua_isstring(L, 1) != 0) return textOf(L);
    if (lua.luaL_callmeta(L, 1, "__tostring") != 0 and lua.lua_type(L, -1) == lua.type_string) return 1;
    const type_name = lua.lua_typename(L, lua.lua_type(L, 1));
    _ = lua.lua_pushfstring(L, "(error object is a %s value)", type_name);
    return 1;
}

fn textOf(L: *lua.State) c_int {
    _ = lua.lua_tolstring(L, 1, null);
    lua.lua_settop(L, 1);
    return 1;
}

export fn lua_shutdown() void {
    const L = liveState() orelse return;
    if (running) return;
    running = true;
    lua.lua_close(L);
    heaplaw_flush_output();
    state = null;
    running = false;
}

/// The state when its results may be read.
fn idleState() ?*lua.State {
    const L = liveState() orelse return null;
    return if (running) null else L;
}

/// Stack index of result number `index`; the message handler lies below the results.
fn stackIndex(index: u32) c_int {
    return @intCast(@min(index, std.math.maxInt(c_int) - 2) + 2);
}

export fn lua_result_count() u32 {
    const L = idleState() orelse return 0;
    return @intCast(@max(lua.lua_gettop(L) - 1, 0));
}

/// Lua's type number (-1 for none), and 19, Lua's own LUA_TNUMINT, for an integer.
export fn lua_result_type(index: u32) c_int {
    const L = idleState() orelse return lua.type_none;
    const at = stackIndex(index);
    return if (lua.lua_isinteger(L, at) != 0) lua.type_integer else lua.lua_type(L, at);
}

export fn lua_result_boolean(index: u32) c_int {
    const L = idleState() orelse return 0;
    return lua.lua_toboolean(L, stackIndex(index));
}

export fn lua_result_integer(index: u32) i64 {
    const L = idleState() orelse return 0;
    return lua.lua_tointegerx(L, stackIndex(index), null);
}

export fn lua_result_number(index: u32) f64 {
    const L = idleState() orelse return 0;
    return lua.lua_tonumberx(L, stackIndex(index), null);
}

/// The address that stands for a table, function, userdata or thread.
export fn lua_result_address(index: u32) usize {
    const L = idleState() orelse return 0;
    return @intFromPtr(lua.lua_topointer(L, stackIndex(index)));
}

fn stringAt(index: u32) []const u8 {
    const L = idleState() orelse return &.{};
    const at = stackIndex(index);
    if (lua.lua_type(L, at) != lua.type_string) return &.{};
    var length: usize = 0;
    const bytes = lua.lua_tolstring(L, at, &length) orelse return &.{};
    return bytes[0..length];
}

/// Bytes of a string result; 0 for any other.
export fn lua_result_length(index: u32) usize {
    return stringAt(index).len;
}

/// Copies as much of a string result, from `offset` on, as the I/O buffer holds; returns how many bytes that is.
export fn lua_result_read(index: u32, offset: usize) usize {
    const bytes = stringAt(index);
    const rest = bytes[@min(offset, bytes.len)..];
    const count = @min(rest.len, io_buffer_size);
    @memcpy(io_buffer[0..count], rest[0..count]);
    return count;
}

export fn io_buffer_base() usize {
    return @intFromPtr(&io_buffer);
}

export fn io_buffer_length() u32 {
    return io_buffer_size;
}
