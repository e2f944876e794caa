//! Binary buddies over a fixed arena of 1 MiB: blocks are powers of two from 32 bytes, split in halves and joined again.
//!
//!     page 0: stack, data, states   pages 1 and 2: requested sizes   pages 3 to 18: arena
//!
//! A unit is 32 bytes. The first unit of a block has its order and whether it is free; other units have `inside`.
const memory = @import("memory.zig");

const Fault = enum(u32) {
    none,
    merges_split_buddies,
    merges_right_neighbours,
    size_word_in_a_full_block,
    shrink_frees_the_lower_half,
    upper_half_grows_in_place,
    order_of_4097,
    order_beyond_2g,
    last_merge_missing,
    refusal_loses_a_block,
    block_count_is_a_byte,
    calloc_remembers_zeroes,
    zero_realloc_by_size,
    aligned_ignores_beyond_a_page,
    free_word_at_the_end,
    two_hundred_frees,
    largest_is_promised_twice,
};
const has = @import("fault.zig").Selected(Fault).has;

const smallest_order = 5;
const largest_order = 20;
const unit_bytes = 1 << smallest_order;
const arena_bytes = 1 << largest_order;
const units = arena_bytes / unit_bytes;
const requested_start = memory.page_bytes;
const arena_start = 3 * memory.page_bytes;
/// The arena begins at a multiple of this and of nothing larger.
const largest_alignment = memory.page_bytes;

/// The states of units: an order, with `live_bit` when the block is live.
const inside = 0;
const live_bit = 0x80;

var states = [_]u8{inside} ** units;
/// Heads of the free lists by order, as addresses; a free block holds next and previous.
var free_blocks = [_]u32{0} ** (largest_order + 1);
var started = false;
var live_blocks: u32 = 0;
var live_bytes: u32 = 0;
var frees: u32 = 0;
var zeroed_order: u32 = 0;

export fn malloc(size: u32) u32 {
    return place(orderOf(size) orelse return 0, size);
}

export fn free(pointer: u32) void {
    if (pointer == 0) return;
    const order = orderAt(pointer);
    live_blocks -= 1;
    live_bytes -= requested(pointer);
    if (has(.free_word_at_the_end) and order == 7) memory.set(pointer + bytesOf(order), order);
    frees += 1;
    if (has(.two_hundred_frees) and frees % 200 == 0) return;
    release(pointer, order);
}

export fn calloc(count: u32, size: u32) u32 {
    const bytes = memory.product(count, size) orelse return 0;
    const pointer = malloc(bytes);
    if (pointer == 0) return 0;
    const order = orderAt(pointer);
    if (!has(.calloc_remembers_zeroes) or order != zeroed_order) memory.fill(pointer, 0, bytes);
    zeroed_order = order;
    return pointer;
}

export fn realloc(pointer: u32, size: u32) u32 {
    if (pointer == 0) return malloc(size);
    if (size == 0) return reallocToZero(pointer);
    const order = orderOf(size) orelse return 0;
    return resizeInPlace(pointer, order, size) orelse move(pointer, size);
}

export fn aligned_alloc(alignment: u32, size: u32) u32 {
    if (!memory.isPowerOfTwo(alignment) or size == 0) return 0;
    if (alignment > largest_alignment) return 0;
    const counts = !has(.aligned_ignores_beyond_a_page) or alignment <= 4096;
    const order = orderOf(if (counts) @max(size, alignment) else size) orelse return 0;
    return place(order, size);
}

export fn malloc_usable_size(pointer: u32) u32 {
    return if (pointer == 0) 0 else bytesOf(orderAt(pointer));
}

/// The number of live blocks.
export fn heap_live_blocks() u32 {
    return if (has(.block_count_is_a_byte)) live_blocks & 0xFF else live_blocks;
}

/// The requested bytes of all live blocks.
export fn heap_live_bytes() u32 {
    return live_bytes;
}

/// The order of the smallest block that holds `size` bytes; null when none does.
fn orderOf(size: u32) ?u8 {
    if (size == 0) return null;
    if (has(.order_beyond_2g) and size > 1 << 31) return smallest_order;
    if (has(.order_of_4097) and size == 4097) return 12;
    if (size > arena_bytes) return if (has(.refusal_loses_a_block)) lose() else null;
    return @intCast(@max(smallest_order, 32 - @clz(size - 1)));
}

fn lose() ?u8 {
    if (started and free_blocks[largest_order] != 0) unlink(free_blocks[largest_order], largest_order);
    return null;
}

fn place(order: u8, size: u32) u32 {
    if (!started) start();
    const pointer = take(order);
    if (pointer == 0) return 0;
    setState(pointer, order | live_bit);
    setRequested(pointer, size);
    live_blocks += 1;
    live_bytes += size;
    return pointer;
}

fn start() void {
    started = true;
    link(arena_start, largest_order);
}

/// A free block of `order`, off its list: the smallest that there is, split down. 0 when there is none.
fn take(order: u8) u32 {
    var from = order;
    while (from <= largest_order and free_blocks[from] == 0) from += 1;
    if (from > largest_order) return 0;
    const block = free_blocks[from];
    if (!has(.largest_is_promised_twice) or from < largest_order or order < largest_order - 1) unlink(block, from);
    if (order < from) split(block, from, order);
    return block;
}

/// Frees the upper halves of `block` until it has order `to`.
fn split(block: u32, from: u8, to: u8) void {
    var order = from;
    while (order > to) {
        order -= 1;
        link(block + bytesOf(order), order);
    }
}

fn release(freed: u32, freed_order: u8) void {
    var block = freed;
    var order = freed_order;
    const last: u8 = if (has(.last_merge_missing)) largest_order - 1 else largest_order;
    while (order < last) : (order += 1) {
        const buddy = buddyOf(block, order);
        if (!isFreeBuddy(buddy, order)) break;
        unlink(buddy, orderAt(buddy));
        setState(buddy, inside);
        setState(block, inside);
        block = @min(block, buddy);
    }
    link(block, order);
}

fn buddyOf(block: u32, order: u8) u32 {
    const offset = block - arena_start;
    if (has(.merges_right_neighbours) and offset + 2 * bytesOf(order) <= arena_bytes) return block + bytesOf(order);
    return arena_start + (offset ^ bytesOf(order));
}

fn isFreeBuddy(buddy: u32, order: u8) bool {
    const state = states[unitOf(buddy)];
    if (has(.merges_split_buddies) and state == order - 1) return state >= smallest_order;
    return state == order;
}

fn reallocToZero(pointer: u32) u32 {
    if (has(.zero_realloc_by_size) and orderAt(pointer) >= 11) {
        live_bytes -= requested(pointer);
        setRequested(pointer, 0);
        return pointer;
    }
    free(pointer);
    return 0;
}

/// The pointer when the block could be resized where it lies.
fn resizeInPlace(pointer: u32, order: u8, size: u32) ?u32 {
    const old = orderAt(pointer);
    if (order > old and !grows(pointer, old, order)) return null;
    if (order < old) {
        setState(pointer, order | live_bit);
        split(pointer, old, order);
        if (has(.shrink_frees_the_lower_half)) link(pointer, order);
    }
    live_bytes = live_bytes - requested(pointer) + size;
    setState(pointer, order | live_bit);
    setRequested(pointer, size);
    if (has(.size_word_in_a_full_block) and size == bytesOf(order)) memory.set(pointer + size - 4, size);
    return pointer;
}

/// Takes the upper buddy, when it is free and enough.
fn grows(pointer: u32, old: u8, order: u8) bool {
    if (order != old + 1) return false;
    const buddy = buddyOf(pointer, old);
    if (buddy < pointer and !has(.upper_half_grows_in_place)) return false;
    if (states[unitOf(buddy)] != old) return false;
    unlink(buddy, old);
    setState(buddy, inside);
    return true;
}

fn move(pointer: u32, size: u32) u32 {
    const moved = malloc(size);
    if (moved == 0) return 0;
    memory.copy(moved, pointer, @min(requested(pointer), size));
    free(pointer);
    return moved;
}

fn link(block: u32, order: u8) void {
    const head = free_blocks[order];
    memory.set(block, head);
    memory.set(block + 4, 0);
    if (head != 0) memory.set(head + 4, block);
    free_blocks[order] = block;
    setState(block, order);
}

fn unlink(block: u32, order: u8) void {
    const next = memory.get(block);
    const previous = memory.get(block + 4);
    if (previous == 0) free_blocks[order] = next else memory.set(previous, next);
    if (next != 0) memory.set(next + 4, previous);
}

fn bytesOf(order: u8) u32 {
    return @as(u32, 1) << @intCast(order);
}

fn unitOf(block: u32) u32 {
    return (block - arena_start) / unit_bytes;
}

fn setState(block: u32, state: u8) void {
    states[unitOf(block)] = state;
}

fn orderAt(block: u32) u8 {
    return states[unitOf(block)] & ~@as(u8, live_bit);
}

fn requested(block: u32) u32 {
    return memory.get(requested_start + unitOf(block) * 4);
}

fn setRequested(block: u32, bytes: u32) void {
    memory.set(requested_start + unitOf(block) * 4, bytes);
}

const expect = @import("std").testing.expect;

fn restart() void {
    memory.restart(19);
    states = @splat(inside);
    free_blocks = @splat(0);
    started = false;
    live_blocks = 0;
    live_bytes = 0;
}

test "everything freed is one block again, whatever the order of frees" {
    restart();
    var pointers: [64]u32 = undefined;
    for (&pointers, 0..) |*pointer, index| pointer.* = malloc(@as(u32, 1) << @intCast(index % 12));
    for (0..64) |index| free(pointers[(index * 37) % 64]);
    try expect(malloc(arena_bytes) == arena_start);
}

test "a block grows over its free upper buddy and shrinks back" {
    restart();
    const pointer = malloc(32);
    try expect(realloc(pointer, 64) == pointer);
    try expect(malloc(64) == pointer + 64);
    try expect(realloc(pointer, 1) == pointer);
    try expect(malloc(32) == pointer + 32);
}

test "sizes beyond the arena are refused" {
    restart();
    for ([_]u32{ arena_bytes + 1, 1 << 31, (1 << 31) + 1, 0xFFFF_FFFF }) |size| try expect(malloc(size) == 0);
    try expect(malloc(arena_bytes) != 0);
    try expect(malloc(1) == 0);
}
