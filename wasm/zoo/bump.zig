//! Bump allocator over a static pool: blocks follow one another, the newest may be resized in place, nothing is reclaimed.
//!
//!     base                                 top                      pool_end
//!     | header | block | header | newest block | not yet handed out |
const memory = @import("memory.zig");
const alignUp = memory.alignUp;

const Fault = enum(u32) {
    none,
    overlap_past_64_live,
    page_edge_round_down,
    odd_size_misaligns,
    wrap_near_4g,
    calloc_product_wraps,
    calloc_trusts_recycled,
    realloc_past_the_end,
    realloc_copies_rounded_down,
    refuses_when_mostly_empty,
    sixteen_bytes_beyond,
    traps_when_full,
    free_null_traps,
    thousandth_overlaps,
    reads_old_bytes,
    aligned_loses_offset,
    shrink_moves_top_too_far,
};
const has = @import("fault.zig").Selected(Fault).has;

const granule_bytes = 16;
/// A header holds the requested size, and keeps the block behind it aligned.
const header_bytes = granule_bytes;
/// The pool ends where memory ends, and memory does not grow.
const pool_end = 5 * memory.page_bytes;

/// Where the next header goes; 0 before the first call.
var top: u32 = 0;
/// The newest block, which alone can be resized in place; 0 when there is none.
var newest: u32 = 0;
var allocations: u32 = 0;
var live_blocks: u32 = 0;

export fn malloc(size: u32) u32 {
    return if (size == 0) 0 else place(granule_bytes, size);
}

export fn free(pointer: u32) void {
    if (pointer == 0) {
        if (has(.free_null_traps)) @trap();
        return;
    }
    live_blocks -= 1;
}

export fn calloc(count: u32, size: u32) u32 {
    const bytes = if (has(.calloc_product_wraps)) count *% size else memory.product(count, size) orelse return 0;
    const pointer = malloc(bytes);
    if (pointer == 0 or has(.calloc_trusts_recycled)) return pointer;
    memory.fill(pointer, 0, bytes);
    return pointer;
}

export fn realloc(pointer: u32, size: u32) u32 {
    if (pointer == 0) return malloc(size);
    if (size == 0) {
        free(pointer);
        return 0;
    }
    if (pointer == newest) return resizeNewest(size);
    const old_size = requested(pointer);
    if (size <= old_size) {
        setRequested(pointer, size);
        return pointer;
    }
    return move(pointer, old_size, size);
}

export fn aligned_alloc(alignment: u32, size: u32) u32 {
    if (!memory.isPowerOfTwo(alignment) or alignment > pool_end or size == 0) return 0;
    return place(@max(alignment, granule_bytes), size);
}

fn place(alignment: u32, size: u32) u32 {
    const from = if (top == 0) memory.base() else top;
    const pointer = firstPointer(from, alignment);
    if (!fits(pointer, size)) return refuse();
    if (has(.refuses_when_mostly_empty) and from > pool_end / 8) return 0;
    allocations += 1;
    live_blocks += 1;
    if (has(.thousandth_overlaps) and allocations == 1000) return newest;
    setRequested(pointer, size);
    newest = pointer;
    top = pointer +% advance(size);
    return pointer;
}

fn firstPointer(from: u32, alignment: u32) u32 {
    if (has(.aligned_loses_offset) and alignment > 4096) return alignUp(from, alignment) + header_bytes;
    if (has(.reads_old_bytes) and from + header_bytes < pool_end and memory.get(from) & 1 == 1) {
        return alignUp(from + header_bytes, alignment) + alignment;
    }
    const less = has(.odd_size_misaligns) and alignment == granule_bytes;
    return alignUp(from + header_bytes, if (less) 8 else alignment);
}

fn fits(pointer: u32, size: u32) bool {
    const end: u32 = if (has(.sixteen_bytes_beyond)) pool_end + 16 else pool_end;
    if (has(.wrap_near_4g)) return pointer +% size <= end;
    return pointer <= end and size <= end - pointer;
}

fn refuse() u32 {
    if (has(.traps_when_full)) @trap();
    return 0;
}

/// The bytes that a block of `size` takes of the pool.
fn advance(size: u32) u32 {
    if (has(.overlap_past_64_live) and live_blocks > 64) return alignUp(size, granule_bytes) -% 2 * granule_bytes;
    if (has(.page_edge_round_down) and size % memory.page_bytes == memory.page_bytes - 16) return size - 2 * granule_bytes;
    if (has(.odd_size_misaligns) and size % 2 == 1) return alignUp(size, 8);
    return alignUp(size, granule_bytes);
}

fn resizeNewest(size: u32) u32 {
    if (!has(.realloc_past_the_end) and !fits(newest, size)) return 0;
    const shrinks = size < requested(newest);
    setRequested(newest, size);
    top = newest + alignUp(size, granule_bytes);
    if (has(.shrink_moves_top_too_far) and shrinks) top -= granule_bytes;
    return newest;
}

fn move(pointer: u32, old_size: u32, size: u32) u32 {
    const moved = malloc(size);
    if (moved == 0) return 0;
    memory.copy(moved, pointer, if (has(.realloc_copies_rounded_down)) old_size & ~@as(u32, 7) else old_size);
    live_blocks -= 1;
    return moved;
}

fn requested(pointer: u32) u32 {
    return memory.get(pointer - header_bytes);
}

fn setRequested(pointer: u32, size: u32) void {
    memory.set(pointer - header_bytes, size);
}

const expect = @import("std").testing.expect;

fn restart() void {
    memory.restart(pool_end / memory.page_bytes);
    top = 0;
    newest = 0;
    live_blocks = 0;
}

test "the newest block is resized in place" {
    restart();
    const pointer = malloc(40);
    try expect(realloc(pointer, 4000) == pointer);
    try expect(realloc(pointer, 4) == pointer);
    try expect(malloc(1) == pointer + 2 * granule_bytes);
}

test "the whole pool can be handed out and then all is refused" {
    restart();
    const capacity = pool_end - memory.base() - header_bytes;
    try expect(malloc(capacity + 1) == 0);
    try expect(malloc(capacity) != 0);
    try expect(malloc(1) == 0);
    try expect(malloc(0xFFFF_FFFF) == 0);
}

test "calloc clears what a shrunk block left behind" {
    restart();
    const pointer = malloc(64);
    memory.fill(pointer, 0xEE, 64);
    _ = realloc(pointer, 16);
    try expect(memory.get(calloc(1, 16)) == 0);
}
