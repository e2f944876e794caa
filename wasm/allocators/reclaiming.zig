//! The reclaiming allocator of the Lua module.
const builtin = @import("builtin");
const std = @import("std");
const Heap = @import("reclaiming_heap.zig").Heap;
const LinearMemory = @import("reclaiming_pages.zig").LinearMemory;
const heapCheck = @import("reclaiming_check.zig").check;

var heap: Heap(LinearMemory) = .{ .memory = .{} };
var epoch: u32 = 0;

fn addressOf(pointer: ?*anyopaque) u32 {
    return @intFromPtr(pointer);
}

fn pointerTo(address: u32) ?*anyopaque {
    return @ptrFromInt(address);
}

pub fn malloc(size_bytes: usize) callconv(.c) ?*anyopaque {
    return pointerTo(heap.malloc(size_bytes));
}

pub fn calloc(count: usize, each_bytes: usize) callconv(.c) ?*anyopaque {
    return pointerTo(heap.calloc(count, each_bytes));
}

pub fn realloc(pointer: ?*anyopaque, size_bytes: usize) callconv(.c) ?*anyopaque {
    return pointerTo(heap.realloc(addressOf(pointer), size_bytes));
}

pub fn free(pointer: ?*anyopaque) callconv(.c) void {
    heap.free(addressOf(pointer));
}

pub fn alignedAlloc(alignment_bytes: usize, size_bytes: usize) callconv(.c) ?*anyopaque {
    return pointerTo(heap.alignedAlloc(alignment_bytes, size_bytes));
}

/// lua_Alloc, as the Lua 5.3 manual defines it. With no block `osize` is a type tag; the header is believed in any case.
pub fn luaAlloc(_: ?*anyopaque, pointer: ?*anyopaque, _: usize, nsize: usize) callconv(.c) ?*anyopaque {
    return realloc(pointer, nsize);
}

fn usableSize(pointer: ?*anyopaque) callconv(.c) u32 {
    return heap.usableSize(addressOf(pointer));
}

fn reset() callconv(.c) void {
    heap.reset();
    epoch +%= 1;
}

fn resetCount() callconv(.c) u32 {
    return epoch;
}

fn liveBytes() callconv(.c) u32 {
    return heap.statistics.live_bytes;
}

fn liveBlocks() callconv(.c) u32 {
    return heap.statistics.live_blocks;
}

fn peakBytes() callconv(.c) u32 {
    return heap.statistics.peak_bytes;
}

fn largestFree() callconv(.c) u32 {
    return heap.largestFree();
}

fn freeBytes() callconv(.c) u32 {
    return heap.freeBytes();
}

fn growths() callconv(.c) u32 {
    return heap.statistics.growths;
}

fn failedRequests() callconv(.c) u32 {
    return heap.statistics.failed_requests;
}

fn check() callconv(.c) u32 {
    return @intFromEnum(heapCheck(&heap));
}

const exports = .{
    .{ "malloc", &malloc },
    .{ "calloc", &calloc },
    .{ "realloc", &realloc },
    .{ "free", &free },
    .{ "aligned_alloc", &alignedAlloc },
    .{ "lua_malloc", &malloc },
    .{ "lua_calloc", &calloc },
    .{ "lua_realloc", &realloc },
    .{ "lua_free", &free },
    .{ "lua_alloc", &luaAlloc },
    .{ "malloc_usable_size", &usableSize },
    .{ "malloc_stats", &liveBytes },
    .{ "malloc_peak", &peakBytes },
    .{ "malloc_reset", &reset },
    .{ "malloc_epoch", &resetCount },
    .{ "heap_live_bytes", &liveBytes },
    .{ "heap_live_blocks", &liveBlocks },
    .{ "heap_peak_bytes", &peakBytes },
    .{ "heap_largest_free", &largestFree },
    .{ "heap_free_bytes", &freeBytes },
    .{ "heap_growths", &growths },
    .{ "heap_failed_requests", &failedRequests },
};

comptime {
    if (builtin.target.cpu.arch == .wasm32) {
        for (exports) |entry| @export(entry[1], .{ .name = entry[0] });
        if (std.debug.runtime_safety) @export(&check, .{ .name = "heap_check" });
    }
}
