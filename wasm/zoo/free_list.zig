//! Boundary-tag allocator: first fit over one free list, coalescing on both sides, growing by `memory.grow`.
//!
//!     +0 size   +4 size of the block before (0: none)   +8 requested, or free_mark   +12 padding   +16 the user's bytes
//!
//! Free blocks keep their links where the user's bytes were. Every segment (memory that grew while nobody else grew it)
//! ends with a sentinel: a header that is never free.
const memory = @import("memory.zig");
const alignUp = memory.alignUp;

const Fault = enum(u32) {
    none,
    coalesces_with_live,
    no_backward_coalescing,
    coalesces_too_far,
    list_cycle,
    exact_fit_frees_neighbour,
    growth_rounds_down,
    growth_times_sixteen,
    dirty_after_refused_growth,
    lax_fit_after_refused_growth,
    realloc_past_neighbour,
    refused_realloc_frees,
    shrink_needs_room,
    realloc_copies_new_size,
    leaks_size_104,
    realloc_leaks_old,
    rounds_down_8_mod_16,
    aligned_only_to_4096,
    aligned_leaks_the_gap,
    zero_malloc_alternates,
    calloc_trusts_big_blocks,
    bytes_drift_on_shrink,
    blocks_drift_on_realloc_null,
    signed_fit,
    wrap_near_4g,
    growth_forgets_sentinel,
    shrunk_block_moves_empty,
    creeps_into_live,
    empty_list_traps,
};
const has = @import("fault.zig").Selected(Fault).has;

const header_bytes = 16;
const smallest_block_bytes = 32;
const free_mark = 0xFFFF_FFFF;
/// Above any memory these modules can have, and so low that no sum with it wraps.
const largest_request_bytes = 1 << 30;

/// Head of the free list, a block; 0 when empty.
var first_free: u32 = 0;
/// The address behind the newest segment; 0 before the first call.
var heap_end: u32 = 0;
var live_blocks: u32 = 0;
var live_bytes: u32 = 0;
var zero_requests: u32 = 0;
var growth_was_refused = false;

export fn malloc(size: u32) u32 {
    if (has(.zero_malloc_alternates) and size == 0) {
        zero_requests += 1;
        if (zero_requests % 2 == 0) return 0;
    }
    const needed = blockBytes(size) orelse return 0;
    const block = acquire(needed);
    if (block == 0) return 0;
    trim(block, needed);
    return hand(block, size);
}

export fn free(pointer: u32) void {
    if (pointer == 0) return;
    const block = pointer - header_bytes;
    live_blocks -= 1;
    live_bytes -= requested(block);
    if (has(.leaks_size_104) and requested(block) == 104) return;
    release(block);
}

export fn calloc(count: u32, size: u32) u32 {
    const bytes = memory.product(count, size) orelse return 0;
    const pointer = malloc(bytes);
    if (pointer == 0 or (has(.calloc_trusts_big_blocks) and bytes >= 4096)) return pointer;
    memory.fill(pointer, 0, bytes);
    return pointer;
}

export fn realloc(pointer: u32, size: u32) u32 {
    if (pointer == 0) {
        if (has(.blocks_drift_on_realloc_null)) live_blocks -%= 1;
        return malloc(size);
    }
    if (size == 0) {
        free(pointer);
        return 0;
    }
    const needed = blockBytes(size) orelse return refuseRealloc(pointer);
    if (!resizeInPlace(pointer - header_bytes, needed, size)) return move(pointer, size);
    account(pointer - header_bytes, size);
    return pointer;
}

export fn aligned_alloc(alignment: u32, size: u32) u32 {
    if (!memory.isPowerOfTwo(alignment) or alignment > largest_request_bytes) return 0;
    if (alignment <= header_bytes) return malloc(size);
    const needed = blockBytes(size) orelse return 0;
    // Room to move the block up to the next multiple, and one further when the gap is too small to be a block.
    const block = acquire(needed + alignment + smallest_block_bytes);
    if (block == 0) return 0;
    const aligned = cutGap(block, if (has(.aligned_only_to_4096)) @min(alignment, 4096) else alignment);
    trim(aligned, needed);
    return hand(aligned, size);
}

export fn malloc_usable_size(pointer: u32) u32 {
    return if (pointer == 0) 0 else sizeOf(pointer - header_bytes) - header_bytes;
}

/// The number of live blocks.
export fn heap_live_blocks() u32 {
    return live_blocks;
}

/// The requested bytes of all live blocks.
export fn heap_live_bytes() u32 {
    return live_bytes;
}

/// The size of the block that holds `size` bytes; null when no memory could hold it.
fn blockBytes(size: u32) ?u32 {
    if (has(.wrap_near_4g)) return @max(smallest_block_bytes, alignUp(size, 16) +% header_bytes);
    if (has(.signed_fit) and size > 0x7FFF_FFFF and size < 0xFFFF_0000) return alignUp(size, 16) + header_bytes;
    if (size > largest_request_bytes) return null;
    if (has(.rounds_down_8_mod_16) and size % 16 == 8 and size > 16) return (size & ~@as(u32, 15)) + header_bytes;
    return @max(smallest_block_bytes, alignUp(size, 16) + header_bytes);
}

/// A block of at least `needed` bytes, off the list and not yet live; 0 when there is none.
fn acquire(needed: u32) u32 {
    if (heap_end == 0) addSegment(memory.base(), memory.sizeBytes());
    if (has(.empty_list_traps) and first_free == 0) @trap();
    var block = find(needed);
    if (block == 0 and growFor(needed)) block = find(needed);
    if (block != 0) unlink(block);
    return block;
}

fn find(needed: u32) u32 {
    var block = first_free;
    while (block != 0) : (block = next(block)) {
        if (holds(block, needed)) return block;
    }
    return 0;
}

fn holds(block: u32, needed: u32) bool {
    const size = sizeOf(block);
    if (has(.signed_fit)) return @as(i32, @bitCast(size)) >= @as(i32, @bitCast(needed));
    if (has(.lax_fit_after_refused_growth) and growth_was_refused and size == 64) return needed <= 128;
    return size >= needed;
}

fn growFor(needed: u32) bool {
    if (needed > largest_request_bytes * 2) return false;
    var pages = pagesFor(needed);
    if (has(.growth_times_sixteen) and memory.sizeBytes() + 16 * pages * memory.page_bytes <= 1 << 22) pages *= 16;
    const asked = if (has(.growth_rounds_down)) @max(1, needed / memory.page_bytes) else pages;
    const from = memory.grow(asked) orelse return refuseGrowth();
    addPages(from, from + pages * memory.page_bytes);
    return true;
}

fn pagesFor(needed: u32) u32 {
    const sentinel: u32 = if (has(.growth_forgets_sentinel)) 0 else header_bytes;
    return (needed + sentinel + memory.page_bytes - 1) / memory.page_bytes;
}

fn refuseGrowth() bool {
    growth_was_refused = true;
    if (has(.dirty_after_refused_growth) and heap_end == memory.sizeBytes()) heap_end -= memory.page_bytes;
    return false;
}

fn addPages(from: u32, to: u32) void {
    const follows = from == heap_end;
    if (!follows and !has(.dirty_after_refused_growth)) return addSegment(from, to);
    // The old sentinel becomes the header of the new pages, and knows the block before it.
    const block = heap_end - header_bytes;
    if (has(.dirty_after_refused_growth) and !follows) setSizeBefore(block, 0);
    setSize(block, to - heap_end);
    setRequested(block, 0);
    addSentinel(to, sizeOf(block));
    release(block);
}

fn addSegment(from: u32, to: u32) void {
    setSize(from, to - from - header_bytes);
    setSizeBefore(from, 0);
    addSentinel(to, sizeOf(from));
    release(from);
}

fn addSentinel(end: u32, size_before: u32) void {
    const sentinel = end - header_bytes;
    setSize(sentinel, header_bytes);
    setSizeBefore(sentinel, size_before);
    setRequested(sentinel, 0);
    heap_end = end;
}

/// Cuts `block` to `needed` bytes and frees what is left, when that is enough for a block.
fn trim(block: u32, needed: u32) void {
    setRequested(block, 0);
    const size = sizeOf(block);
    if (has(.exact_fit_frees_neighbour) and size == needed and sizeOf(block + size) != header_bytes) {
        setRequested(block + size, free_mark);
    }
    if (size < needed or size - needed < smallest_block_bytes) return;
    setSize(block, needed);
    const rest = block + needed;
    setSize(rest, size - needed);
    setSizeBefore(rest, needed);
    setRequested(rest, 0);
    release(rest);
}

/// Frees the gap in front of the first multiple of `alignment` in `block`; answers the block behind the gap.
fn cutGap(block: u32, alignment: u32) u32 {
    var pointer = alignUp(block + header_bytes, alignment);
    if (pointer == block + header_bytes) return block;
    if (pointer - block - header_bytes < smallest_block_bytes) pointer += alignment;
    const aligned = pointer - header_bytes;
    const size = sizeOf(block);
    setSize(block, aligned - block);
    setSize(aligned, size - (aligned - block));
    setSizeBefore(aligned, aligned - block);
    setSizeBefore(aligned + sizeOf(aligned), sizeOf(aligned));
    setRequested(aligned, 0);
    setRequested(block, 0);
    if (!has(.aligned_leaks_the_gap)) release(block);
    return aligned;
}

fn hand(block: u32, size: u32) u32 {
    setRequested(block, size);
    memory.set(block + 12, 0);
    live_blocks +%= 1;
    live_bytes += size;
    return block + header_bytes;
}

/// Puts a block on the free list, joined with its free neighbours.
fn release(freed: u32) void {
    var block = freed;
    const after = block + sizeOf(block);
    if (mayJoin(after)) {
        if (isFree(after)) unlink(after);
        setSize(block, sizeOf(block) + sizeOf(after));
    }
    const before = block - sizeBefore(block);
    if (before != block and isFree(before) and !has(.no_backward_coalescing)) {
        if (!has(.list_cycle)) unlink(before);
        setSize(before, sizeOf(before) + sizeOf(block) + @as(u32, if (has(.coalesces_too_far)) 32 else 0));
        block = before;
    }
    setRequested(block, free_mark);
    setSizeBefore(block + sizeOf(block), sizeOf(block));
    link(block);
}

fn mayJoin(block: u32) bool {
    if (has(.coalesces_with_live) and sizeOf(block) == smallest_block_bytes) return true;
    return isFree(block);
}

fn resizeInPlace(block: u32, needed: u32, size: u32) bool {
    if (needed <= sizeOf(block)) return shrink(block, needed, size);
    const after = block + sizeOf(block);
    if (has(.creeps_into_live) and sizeOf(block) > 1024 and needed - sizeOf(block) == 16) return true;
    if (!isFree(after)) return false;
    if (sizeOf(block) + sizeOf(after) < needed and !has(.realloc_past_neighbour)) return false;
    unlink(after);
    setSize(block, sizeOf(block) + sizeOf(after));
    setSizeBefore(block + sizeOf(block), sizeOf(block));
    trimKeeping(block, needed);
    return true;
}

fn shrink(block: u32, needed: u32, size: u32) bool {
    if (has(.shrink_needs_room) and size < requested(block)) {
        const room = acquire(needed);
        if (room == 0) return false;
        release(room);
    }
    trimKeeping(block, needed);
    return true;
}

/// `trim` for a live block: its requested size stays.
fn trimKeeping(block: u32, needed: u32) void {
    const size = requested(block);
    trim(block, needed);
    setRequested(block, size);
}

fn move(pointer: u32, size: u32) u32 {
    const moved = malloc(size);
    if (moved == 0) return refuseRealloc(pointer);
    const old_size = requested(pointer - header_bytes);
    if (!has(.shrunk_block_moves_empty) or memory.get(pointer - 4) == 0) {
        memory.copy(moved, pointer, if (has(.realloc_copies_new_size)) size else old_size);
    }
    if (has(.realloc_leaks_old)) {
        live_blocks -= 1;
        live_bytes -= old_size;
    } else free(pointer);
    return moved;
}

fn refuseRealloc(pointer: u32) u32 {
    if (has(.refused_realloc_frees)) free(pointer);
    return 0;
}

/// Counts the change of a block that was resized in place.
fn account(block: u32, size: u32) void {
    if (has(.shrunk_block_moves_empty) and size < requested(block)) memory.set(block + 12, 1);
    if (!has(.bytes_drift_on_shrink) or size >= requested(block)) live_bytes = live_bytes - requested(block) + size;
    setRequested(block, size);
}

fn link(block: u32) void {
    setNext(block, first_free);
    setPrevious(block, 0);
    if (first_free != 0) setPrevious(first_free, block);
    first_free = block;
}

fn unlink(block: u32) void {
    if (previous(block) == 0) first_free = next(block) else setNext(previous(block), next(block));
    if (next(block) != 0) setPrevious(next(block), previous(block));
}

fn isFree(block: u32) bool {
    return requested(block) == free_mark;
}

fn sizeOf(block: u32) u32 {
    return memory.get(block);
}
fn setSize(block: u32, bytes: u32) void {
    memory.set(block, bytes);
}
fn sizeBefore(block: u32) u32 {
    return memory.get(block + 4);
}
fn setSizeBefore(block: u32, bytes: u32) void {
    memory.set(block + 4, bytes);
}
fn requested(block: u32) u32 {
    return memory.get(block + 8);
}
fn setRequested(block: u32, bytes: u32) void {
    memory.set(block + 8, bytes);
}
fn next(block: u32) u32 {
    return memory.get(block + header_bytes);
}
fn setNext(block: u32, other: u32) void {
    memory.set(block + header_bytes, other);
}
fn previous(block: u32) u32 {
    return memory.get(block + header_bytes + 4);
}
fn setPrevious(block: u32, other: u32) void {
    memory.set(block + header_bytes + 4, other);
}

const expect = @import("std").testing.expect;

fn restart() void {
    memory.restart(2);
    first_free = 0;
    heap_end = 0;
    live_blocks = 0;
    live_bytes = 0;
}

test "neighbours coalesce on both sides" {
    restart();
    const left = malloc(100);
    const middle = malloc(100);
    const right = malloc(100);
    _ = malloc(100);
    free(left);
    free(right);
    free(middle);
    try expect(malloc(300) == left);
}

test "pages that another has grown in between are not touched" {
    restart();
    _ = malloc(100);
    const foreign = memory.grow(1).?;
    memory.fill(foreign, 0x77, memory.page_bytes);
    const pointer = malloc(150_000);
    try expect(pointer >= foreign + memory.page_bytes);
    free(pointer);
    for (memory.at(foreign)[0..memory.page_bytes]) |byte| try expect(byte == 0x77);
}

test "an aligned block can be freed and its gap is used again" {
    restart();
    const plain = malloc(16);
    free(plain);
    const aligned = aligned_alloc(4096, 100);
    try expect(aligned % 4096 == 0);
    free(aligned);
    try expect(malloc(100_000) == plain);
}

test "a refused request leaves the counters as they were" {
    restart();
    const pointer = malloc(10);
    try expect(realloc(pointer, 0x7FFF_FFFF) == 0);
    try expect(malloc(0xFFFF_FFFF) == 0);
    try expect(heap_live_blocks() == 1 and heap_live_bytes() == 10);
}
