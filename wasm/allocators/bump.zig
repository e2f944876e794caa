//! The bump allocator of the Lua module, and its exact contract.
//!
//! Sizes and addresses are unsigned 32-bit; round16(n) is n rounded up to a multiple of 16. The pool is
//! [base, base + 524288), base a multiple of 16. The state is
//!
//!     top    bytes used, a distance from base, always a multiple of 16; first 0
//!     peak   the greatest top since the start or the last reset; first 0
//!     size   one for each block, as it was asked for, in a header of 16 bytes just before the block
//!
//!     base                                        base + top                      base + 524288
//!      | header | block 1 ... pad | header | block 2 ... pad | free                     |
//!
//! The *last block* is the one made most recently (by malloc, calloc, aligned_alloc, or a realloc that moved) since
//! the start or the last reset, whether freed or not. Every function has a plain and, where C's heap has it, a
//! `lua_` name; both are the same function.
//!
//! - malloc(n): NULL when n = 0, else aligned_alloc(16, n).
//! - aligned_alloc(a, n): NULL when n = 0 or a is not a power of two (0 is none); a below 16 counts as 16; n need not be a
//!   multiple of a. The pointer is base + top + 16 rounded up to a multiple of a. Refused when pointer + round16(n) would
//!   lie beyond base + 524288. Else top becomes pointer + round16(n) - base. The padding before the block is lost;
//!   the block's bytes are whatever was there.
//! - calloc(c, s): NULL when c * s = 0 or c * s >= 2^32, else malloc(c * s) with the c * s bytes zeroed.
//! - realloc(p, n): malloc(n) when p is NULL; free(p) and NULL when n = 0 (top stays). Otherwise, with `size` the block's:
//!   - the last block stays where it is and takes top with it, up or down: size becomes n and top becomes
//!     p + round16(n) - base; refused when p + round16(n) would lie beyond base + 524288;
//!   - another block with n <= size stays where it is: size becomes n, top stays, the bytes cut off are lost;
//!   - another block with n > size moves: malloc(n), and the first `size` bytes copied, not one more. The bytes of the
//!     old block are not touched, and nothing is put there before a reset.
//! - free(p): nothing, for any p, NULL and the last block included.
//! - lua_alloc(ud, p, osize, n): free(p) and NULL when n = 0; malloc(n) when p is NULL (osize is then a type tag); else
//!   realloc(p, n). The header is believed, not osize.
//! - malloc_stats() is top, malloc_remaining() is 524288 - top, malloc_peak() is peak.
//! - malloc_reset(): top and peak become 0, no block is live, the bytes stay as they are.
//! - malloc_epoch() counts the resets, so that a holder of blocks can tell that they are gone.
//! - malloc_pool_base() and malloc_pool_size() are base and 524288.
//!
//! "Refused" is NULL and changes nothing: not top, not peak, not a header, not a byte of a block. A zero size is no
//! refusal but changes nothing either. The largest block of a fresh pool is 524272 bytes (524288 less one header).
//! A pointer that is no block's (foreign, inside a block, from before a reset) given to realloc is undefined, as in C.

const builtin = @import("builtin");
const std = @import("std");

const pool_size: u32 = 512 * 1024;
const header_size: u32 = 16;
/// max_align_t on wasm32.
const min_alignment: u32 = 16;

comptime {
    std.debug.assert(pool_size % min_alignment == 0);
    std.debug.assert(header_size % min_alignment == 0);
}

var pool: [pool_size]u8 align(min_alignment) = @splat(0);
var top: u32 = 0;
var peak: u32 = 0;
/// Distance of the last block from the pool's base; 0, where no block can be, when there is none.
var last: u32 = 0;
var epoch: u32 = 0;

/// Blocks are handled as distances from the pool's base, so that the same code runs under a 64-bit test.
const Offset = u32;

fn poolBase() usize {
    return @intFromPtr(&pool);
}

fn blockAt(pointer: *anyopaque) Offset {
    return @intCast(@intFromPtr(pointer) - poolBase());
}

fn pointerTo(block: ?Offset) ?*anyopaque {
    return @ptrCast(&pool[block orelse return null]);
}

fn bytesOf(block: Offset, size: u32) []u8 {
    return pool[block..][0..size];
}

fn sizeSlot(block: Offset) *u32 {
    return @ptrCast(@alignCast(&pool[block - header_size]));
}

/// Where a block of `size` bytes at `block` ends, padding included; null when that is beyond the pool.
fn endOf(block: u64, size: u32) ?u32 {
    const end = block + roundUp(size, min_alignment);
    return if (end <= pool_size) @intCast(end) else null;
}

fn roundUp(value: u64, alignment: u64) u64 {
    return (value + alignment - 1) & ~(alignment - 1);
}

fn setTop(value: u32) void {
    top = value;
    if (top > peak) peak = top;
}

/// `size` is not zero and `alignment` is a power of two.
fn allocate(alignment: u32, size: u32) ?Offset {
    const address = roundUp(@as(u64, poolBase()) + top + header_size, @max(alignment, min_alignment));
    const block = address - poolBase();
    const end = endOf(block, size) orelse return null;
    last = @intCast(block);
    sizeSlot(last).* = size;
    setTop(end);
    return last;
}

fn moveToNew(block: Offset, old_size: u32, size: u32) ?Offset {
    const moved = allocate(min_alignment, size) orelse return null;
    @memcpy(bytesOf(moved, old_size), bytesOf(block, old_size));
    return moved;
}

fn resize(block: Offset, size: u32) ?Offset {
    const slot = sizeSlot(block);
    if (block == last) {
        setTop(endOf(block, size) orelse return null);
    } else if (size > slot.*) {
        return moveToNew(block, slot.*, size);
    }
    slot.* = size;
    return block;
}

fn reset() void {
    top = 0;
    peak = 0;
    last = 0;
    epoch +%= 1;
}

const abi = struct {
    pub fn malloc(size: usize) callconv(.c) ?*anyopaque {
        return aligned_alloc(min_alignment, size);
    }

    pub fn aligned_alloc(alignment: usize, size: usize) callconv(.c) ?*anyopaque {
        if (size == 0 or size > pool_size) return null;
        if (@popCount(alignment) != 1) return null;
        return pointerTo(allocate(@intCast(alignment), @intCast(size)));
    }

    pub fn calloc(count: usize, size: usize) callconv(.c) ?*anyopaque {
        const total = std.math.mul(usize, count, size) catch return null;
        const pointer = malloc(total) orelse return null;
        @memset(bytesOf(blockAt(pointer), @intCast(total)), 0);
        return pointer;
    }

    pub fn realloc(pointer: ?*anyopaque, size: usize) callconv(.c) ?*anyopaque {
        const block = blockAt(pointer orelse return malloc(size));
        if (size == 0 or size > pool_size) return null;
        return pointerTo(resize(block, @intCast(size)));
    }

    pub fn free(_: ?*anyopaque) callconv(.c) void {}

    /// lua_Alloc, as the Lua 5.3 manual defines it.
    pub fn lua_alloc(_: ?*anyopaque, pointer: ?*anyopaque, _: usize, new_size: usize) callconv(.c) ?*anyopaque {
        return realloc(pointer, new_size);
    }

    pub fn lua_malloc(size: usize) callconv(.c) ?*anyopaque {
        return malloc(size);
    }

    pub fn lua_calloc(count: usize, size: usize) callconv(.c) ?*anyopaque {
        return calloc(count, size);
    }

    pub fn lua_realloc(pointer: ?*anyopaque, size: usize) callconv(.c) ?*anyopaque {
        return realloc(pointer, size);
    }

    pub fn lua_free(pointer: ?*anyopaque) callconv(.c) void {
        free(pointer);
    }

    pub fn malloc_stats() callconv(.c) u32 {
        return top;
    }

    pub fn malloc_remaining() callconv(.c) u32 {
        return pool_size - top;
    }

    pub fn malloc_peak() callconv(.c) u32 {
        return peak;
    }

    pub fn malloc_reset() callconv(.c) void {
        reset();
    }

    pub fn malloc_epoch() callconv(.c) u32 {
        return epoch;
    }

    pub fn malloc_pool_base() callconv(.c) usize {
        return poolBase();
    }

    pub fn malloc_pool_size() callconv(.c) u32 {
        return pool_size;
    }
};

// Everything public is the module's ABI, under its own name. Not in a native test, whose own malloc it would replace.
comptime {
    if (builtin.cpu.arch.isWasm()) {
        for (@typeInfo(abi).@"struct".decls) |function| @export(&@field(abi, function.name), .{ .name = function.name });
    }
}

const testing = std.testing;

fn bytesAt(pointer: ?*anyopaque) [*]u8 {
    return @ptrCast(pointer.?);
}

fn expectTop(expected: u32) !void {
    try testing.expectEqual(expected, abi.malloc_stats());
    try testing.expectEqual(pool_size - expected, abi.malloc_remaining());
}

/// What a refusal must leave alone, apart from the blocks' bytes.
const Counters = struct { top: u32, peak: u32, last: u32 };

fn counters() Counters {
    return .{ .top = top, .peak = peak, .last = last };
}

test "pointers follow one another, sixteen bytes of header between" {
    abi.malloc_reset();
    const base = poolBase();
    try testing.expectEqual(base + 16, @intFromPtr(abi.malloc(1)));
    try testing.expectEqual(base + 48, @intFromPtr(abi.lua_malloc(16)));
    try testing.expectEqual(base + 80, @intFromPtr(abi.malloc(17)));
    try testing.expectEqual(base + 128, @intFromPtr(abi.lua_alloc(null, null, 5, 100)));
    try expectTop(128 + 112);
}

test "zero sizes give NULL and change nothing" {
    abi.malloc_reset();
    const block = abi.malloc(40);
    const before = counters();
    try testing.expectEqual(null, abi.malloc(0));
    try testing.expectEqual(null, abi.calloc(0, 8));
    try testing.expectEqual(null, abi.calloc(8, 0));
    try testing.expectEqual(null, abi.aligned_alloc(64, 0));
    try testing.expectEqual(null, abi.realloc(null, 0));
    try testing.expectEqual(null, abi.realloc(block, 0));
    try testing.expectEqual(null, abi.lua_alloc(null, block, 40, 0));
    abi.free(null);
    abi.free(block);
    try testing.expectEqual(before, counters());
}

test "the last byte is handed out, the one after it is not" {
    abi.malloc_reset();
    const before = counters();
    try testing.expectEqual(null, abi.malloc(pool_size - header_size + 1));
    try testing.expectEqual(before, counters());
    const block = abi.malloc(pool_size - header_size);
    bytesAt(block)[pool_size - header_size - 1] = 1;
    try expectTop(pool_size);
    try testing.expectEqual(null, abi.malloc(1));
}

test "impossible sizes are refused and change nothing" {
    abi.malloc_reset();
    const block = abi.malloc(40);
    const before = counters();
    for ([_]usize{ pool_size, 0x7fff_ffff, 0x8000_0000, 0xffff_ffe0, 0xffff_fff0, 0xffff_fff1, 0xffff_ffff }) |size| {
        try testing.expectEqual(null, abi.malloc(size));
        try testing.expectEqual(null, abi.calloc(1, size));
        try testing.expectEqual(null, abi.calloc(size, std.math.maxInt(usize) / 2));
        try testing.expectEqual(null, abi.realloc(block, size));
        try testing.expectEqual(null, abi.aligned_alloc(16, size));
    }
    try testing.expectEqual(before, counters());
    try testing.expectEqual(40, sizeSlot(blockAt(block.?)).*);
}

test "every power of two is an alignment, nothing else is" {
    for (0..32) |shift| {
        abi.malloc_reset();
        const alignment = @as(usize, 1) << @intCast(shift);
        const address = @intFromPtr(abi.aligned_alloc(alignment, 24) orelse continue);
        try testing.expectEqual(0, address % alignment);
        try testing.expectEqual(0, address % min_alignment);
    }
    abi.malloc_reset();
    for ([_]usize{ 0, 3, 6, 24, 48, 0xffff_ffff }) |alignment| {
        try testing.expectEqual(null, abi.aligned_alloc(alignment, 24));
    }
    try expectTop(0);
}

test "the last block grows and shrinks in place and takes top along" {
    abi.malloc_reset();
    _ = abi.malloc(8);
    const block = abi.malloc(100);
    try testing.expectEqual(block, abi.realloc(block, 1000));
    try expectTop(48 + 1008);
    try testing.expectEqual(block, abi.realloc(block, 1));
    try expectTop(48 + 16);
    try testing.expectEqual(48 + 1008, abi.malloc_peak());
    try testing.expectEqual(block, abi.realloc(block, pool_size - 48));
    const before = counters();
    try testing.expectEqual(null, abi.realloc(block, pool_size - 47));
    try testing.expectEqual(before, counters());
}

test "another block shrinks in place, and moves to grow, with its bytes and no more" {
    abi.malloc_reset();
    const block = abi.malloc(64);
    @memset(bytesAt(block)[0..64], 0xaa);
    _ = abi.malloc(8);
    const before = counters();
    try testing.expectEqual(block, abi.realloc(block, 10));
    try testing.expectEqual(before, counters());
    @memset(pool[top..], 0x55);
    const moved = abi.realloc(block, 64);
    try testing.expectEqual(poolBase() + before.top + header_size, @intFromPtr(moved));
    for (bytesAt(moved)[0..10]) |byte| try testing.expectEqual(0xaa, byte);
    for (bytesAt(moved)[10..64]) |byte| try testing.expectEqual(0x55, byte);
}

test "a full pool refuses to grow a block and lets it shrink" {
    abi.malloc_reset();
    const block = abi.malloc(64);
    _ = abi.malloc(pool_size - 80 - 16);
    try expectTop(pool_size);
    const before = counters();
    try testing.expectEqual(null, abi.realloc(block, 65));
    try testing.expectEqual(before, counters());
    try testing.expectEqual(64, sizeSlot(blockAt(block.?)).*);
    try testing.expectEqual(block, abi.realloc(block, 63));
}

test "calloc gives zeroes, also after a reset" {
    abi.malloc_reset();
    @memset(bytesAt(abi.malloc(4096))[0..4096], 0xff);
    abi.malloc_reset();
    for (bytesAt(abi.calloc(64, 64))[0..4096]) |byte| try testing.expectEqual(0, byte);
}

test "a reset starts over and is counted" {
    const count = abi.malloc_epoch();
    const first = abi.malloc(100);
    abi.malloc_reset();
    try expectTop(0);
    try testing.expectEqual(0, abi.malloc_peak());
    try testing.expectEqual(count +% 1, abi.malloc_epoch());
    try testing.expectEqual(poolBase() + header_size, @intFromPtr(abi.malloc(100)));
    try testing.expect(first != null);
}
