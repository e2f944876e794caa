//! The reclaiming allocator of the Lua module, and its exact contract. TLSF: free blocks in two levels of segregated
//! lists, split and coalesced at once, in memory that grows.
//!
//! Sizes and addresses are unsigned 32-bit; round16(n) is n rounded up to a multiple of 16. A page is 65536 bytes.
//! Every function has a plain and, where C's heap has it, a `lua_` name; both are the same function.
//!
//! - Every pointer is a multiple of 16. A block takes round16(n + 4) bytes: a header of 4 and a payload of usable(n)
//!   = round16(n + 4) - 4 bytes, all of which the caller may use. There is no other overhead a block, and no block is
//!   ever given more than this.
//! - malloc(n): NULL when n = 0. The block's bytes are whatever was there.
//! - calloc(c, s): NULL when c * s = 0; refused when c * s >= 2^32; else malloc(c * s) with the c * s bytes zeroed.
//! - aligned_alloc(a, n): NULL when n = 0; refused when a is not a power of two (0 is none); a below 16 counts as 16,
//!   up to 2^31; n need not be a multiple of a. What is left out before the block is free for others.
//! - realloc(p, n): malloc(n) when p is NULL; free(p) and NULL when n = 0. With `old` the size asked for before:
//!   - round16(n + 4) <= round16(old + 4): never refused, p again, and what is cut off is free at once;
//!   - else it grows in place, forward, when the free block behind (or the end of the heap) is large enough; else
//!     into the free block before (and the one behind), moving min(old, n) bytes down; else into a free block
//!     elsewhere; else by growing memory, under the block itself where it is the last. A block that moves is
//!     16-aligned, whatever alignment it was asked for with.
//! - free(p): nothing when p is NULL. The block joins its free neighbours at once.
//! - lua_alloc(ud, p, osize, n): realloc(p, n). With p NULL osize is a type tag; the header is believed in any case.
//! - malloc_usable_size(p): usable(n) of the live block, 0 for NULL.
//! - malloc_reset(): no block is live and the heap is in its first state: the same requests get the same answers, and
//!   every counter starts over. Pages that were grown stay the heap's and are taken again before memory grows, in the
//!   same steps (the answers differ only where the host grew memory between two growths of the heap).
//! - malloc_epoch() counts the resets since the start.
//!
//! Refused is NULL, and changes nothing but heap_failed_requests. Refused are the impossible (above, and n of more
//! than 4294901728) and what memory has no room for: a request is met whenever a block of its class, or of any larger
//! one, is free, or there is room at the heap's end, or memory grows by what is missing. A class spans less than 1/32
//! of its sizes, and below 1024 bytes just one; with an alignment a above 16 the free block must hold n + a - 16.
//!
//! Memory. The heap begins at `__heap_base` (rounded up to 16) and owns memory up to the end it was linked with. Then
//! it grows, by exactly the pages that are missing: an operation grows memory by at most ceil((n + a) / 65536) + 1
//! pages (a = 16 but for aligned_alloc), only when no free block serves, and never beyond the maximum or 65535 pages.
//! It may grow memory and have part of a page left over; that is used first by the next. Pages grown by anybody else,
//! at any time, before the first request too, are never touched: the heap goes on behind them. The first block of a
//! fresh heap lies 16 bytes behind its begin; the largest that a heap of M bytes of memory can hold is M -
//! round16(__heap_base) - 20 bytes. When all is freed that block can be had again, unless somebody else's pages lie
//! between.
//!
//! Counters, since the start or the last reset; each is exact after every operation:
//! - heap_live_blocks(): blocks given and not freed. heap_live_bytes() = malloc_stats(): the sum of their usable(n).
//! - heap_peak_bytes() = malloc_peak(): the greatest heap_live_bytes() after any operation. A realloc that moves
//!   counts as one: old and new block are never counted together.
//! - heap_free_bytes(): bytes of free blocks and of the heap's end, headers included. With live blocks and their 4
//!   bytes each, and 16 bytes for every stretch of memory the heap lies in, that is all the heap has taken so far.
//! - heap_largest_free(): the largest n for which malloc(n) is met without growing memory. Linear in the blocks of
//!   one class.
//! - heap_growths(): how many operations took new pages. heap_failed_requests(): how many were refused; NULL for a
//!   size of 0 is no refusal.
//! - heap_check(), where Zig's checks are on: 0, or the first thing found wrong, by the numbers of
//!   `reclaiming_check.zig`.
//!
//! Cost. malloc, realloc and free take a bounded number of steps whatever the heap holds, apart from copying and
//! zeroing and one exception: before memory grows or a request is refused, all free blocks of the request's own class
//! are looked at, which makes heap_largest_free() true. Live blocks never move: compaction is not possible under
//! malloc's contract, and good fit, immediate coalescing and a heap that cuts its end last are what keeps it small.
//!
//! A pointer that is no live block's (freed, foreign, inside a block, from before a reset) is undefined, as in C;
//! builds with checks trap on some that are freed twice.

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

/// lua_Alloc, as the Lua 5.3 manual defines it.
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
