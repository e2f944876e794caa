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
