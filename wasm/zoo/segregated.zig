//! Size classes over spans of 4 KiB: a small block comes from its class's free list, a large one is a run of spans.
//!
//! A span given to a class stays there; only runs of large blocks join again. Blocks have no header: what a pointer is,
//! the table of spans says.
const memory = @import("memory.zig");

const Fault = enum(u32) {
    none,
    class_32_carves_one_too_many,
    poison_one_past_the_end,
    free_link_spills,
    calloc_clears_64_at_a_time,
    class_lookup_193,
    page_edge_run_too_short,
    size_seen_before,
    frees_one_span_too_many,
    loses_class_384,
    growth_rounds_down,
    hangs_when_full,
    wrap_near_4g,
    calloc_checks_only_big_factors,
    shrunk_run_frees_its_tail_twice,
    realloc_copies_too_few,
    realloc_frees_new,
    blocks_drift_on_realloc_zero,
    aligned_4096_from_class,
    leaks_runs_of_three,
    run_past_the_table,
    realloc_run_past_neighbour,
    eighth_free_of_128_is_lost,
    past_400_of_64_given_twice,
};
const has = @import("fault.zig").Selected(Fault).has;

const span_bytes = 4096;
const spans_per_page = memory.page_bytes / span_bytes;
const maximum_spans = 64 * spans_per_page;
/// Every class is a multiple of 16, and every power of two from 16 to half a span is one.
const class_bytes = [_]u16{ 16, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048 };
const largest_small_bytes = class_bytes[class_bytes.len - 1];
const poison = 0xDD;

/// What a span is: `foreign` was never ours, numbers from `first_class` on are classes.
const foreign = 0;
const unused = 1;
const run_head = 2;
const run_tail = 3;
const first_class = 4;

/// One page longer than memory can be, for the faults that believe in memory that is not there.
var kinds = [_]u8{foreign} ** (maximum_spans + spans_per_page);
/// Spans of the run that begins here.
var run_spans = [_]u16{0} ** (maximum_spans + spans_per_page);
/// Heads of the classes' free lists; the link is a free block's first word.
var free_blocks = [_]u32{0} ** class_bytes.len;
var started = false;
var live_blocks: u32 = 0;
var cached_size: u32 = 0;
var cached_pointer: u32 = 0;
/// Of class 128, since one was last handed out.
var frees_in_a_row: u32 = 0;
/// Live blocks of class 64.
var live_of_64: u32 = 0;

export fn malloc(size: u32) u32 {
    if (size == 0) return 0;
    const pointer = if (size <= largest_small_bytes) takeSmall(classOf(size)) else takeLarge(size);
    if (pointer != 0) live_blocks += 1;
    return pointer;
}

export fn free(pointer: u32) void {
    if (pointer == 0) return;
    live_blocks -= 1;
    if (isSmall(pointer)) freeSmall(pointer) else freeLarge(pointer);
}

export fn calloc(count: u32, size: u32) u32 {
    const bytes = productOf(count, size) orelse return 0;
    const pointer = malloc(bytes);
    if (pointer == 0) return 0;
    const clears_more = has(.calloc_clears_64_at_a_time) and bytes <= largest_small_bytes;
    memory.fill(pointer, 0, if (clears_more) memory.alignUp(bytes, 64) else bytes);
    return pointer;
}

export fn realloc(pointer: u32, size: u32) u32 {
    if (pointer == 0) return malloc(size);
    if (size == 0) {
        free(pointer);
        if (has(.blocks_drift_on_realloc_zero)) live_blocks += 1;
        return 0;
    }
    if (isSmall(pointer) and size <= malloc_usable_size(pointer)) return pointer;
    if (!isSmall(pointer) and resizeRun(pointer, size)) return pointer;
    return move(pointer, size);
}

export fn aligned_alloc(alignment: u32, size: u32) u32 {
    if (!memory.isPowerOfTwo(alignment) or size == 0) return 0;
    if (alignment <= 16) return malloc(size);
    if (alignment <= largest_small_bytes and size <= largest_small_bytes) return malloc(powerOfTwo(@max(size, alignment)));
    if (has(.aligned_4096_from_class) and alignment == span_bytes and size <= largest_small_bytes) {
        return malloc(largest_small_bytes);
    }
    const pointer = takeRun(spansFor(size) orelse return 0, @max(1, alignment / span_bytes));
    if (pointer != 0) live_blocks += 1;
    return pointer;
}

export fn malloc_usable_size(pointer: u32) u32 {
    if (pointer == 0) return 0;
    const span = pointer / span_bytes;
    return if (isSmall(pointer)) class_bytes[kinds[span] - first_class] else run_spans[span] * @as(u32, span_bytes);
}

/// The number of live blocks.
export fn heap_live_blocks() u32 {
    return live_blocks;
}

fn productOf(count: u32, size: u32) ?u32 {
    if (has(.calloc_checks_only_big_factors) and (count < 65536 or size < 65536)) return count *% size;
    return memory.product(count, size);
}

fn isSmall(pointer: u32) bool {
    return kinds[pointer / span_bytes] >= first_class;
}

fn classOf(size: u32) u8 {
    if (has(.class_lookup_193) and size == 193) return classOf(192);
    var class: u8 = 0;
    while (class_bytes[class] < size) class += 1;
    return class;
}

fn powerOfTwo(value: u32) u32 {
    return @as(u32, 1) << @intCast(32 - @clz(value - 1));
}

fn takeSmall(class: u8) u32 {
    if (free_blocks[class] == 0) carve(class);
    const pointer = free_blocks[class];
    if (pointer == 0) return 0;
    if (class_bytes[class] == 128) frees_in_a_row = 0;
    if (class_bytes[class] == 64) live_of_64 += 1;
    const stays = has(.past_400_of_64_given_twice) and class_bytes[class] == 64 and live_of_64 > 400;
    if (!stays) free_blocks[class] = memory.get(pointer);
    return pointer;
}

/// Gives a fresh span to a class whose list is empty; the lowest block comes first.
fn carve(class: u8) void {
    const lowest = takeRun(1, 1);
    if (lowest == 0) return;
    kinds[lowest / span_bytes] = first_class + class;
    const bytes: u32 = class_bytes[class];
    var count = span_bytes / bytes;
    if (has(.class_32_carves_one_too_many) and bytes == 32 and lowest + span_bytes < memory.sizeBytes()) count += 1;
    while (count > 0) {
        count -= 1;
        push(class, lowest + count * bytes);
    }
}

fn push(class: u8, pointer: u32) void {
    memory.set(pointer, free_blocks[class]);
    free_blocks[class] = pointer;
}

fn freeSmall(pointer: u32) void {
    const class = kinds[pointer / span_bytes] - first_class;
    const bytes: u32 = class_bytes[class];
    memory.fill(pointer, poison, if (has(.poison_one_past_the_end)) bytes + 1 else bytes);
    if (has(.free_link_spills) and bytes == 48) memory.set(pointer + bytes, 0);
    if (has(.loses_class_384) and bytes == 384) return;
    if (bytes == 64) live_of_64 -= 1;
    if (bytes == 128) frees_in_a_row += 1;
    if (has(.eighth_free_of_128_is_lost) and bytes == 128 and frees_in_a_row == 8) return;
    push(class, pointer);
}

fn takeLarge(size: u32) u32 {
    if (has(.size_seen_before) and size == cached_size) {
        cached_size = 0;
        return cached_pointer;
    }
    return takeRun(spansFor(size) orelse return 0, 1);
}

fn spansFor(size: u32) ?u32 {
    if (has(.wrap_near_4g)) return (size +% (span_bytes - 1)) / span_bytes;
    if (size > maximum_spans * span_bytes) return null;
    if (has(.page_edge_run_too_short) and size > memory.page_bytes and size % memory.page_bytes < 16) return size / span_bytes;
    return (size + span_bytes - 1) / span_bytes;
}

/// A run of `count` spans that begins at a multiple of `alignment` spans, marked live; its address, or 0.
fn takeRun(count: u32, alignment: u32) u32 {
    if (!started) start();
    var found = findRun(count, alignment);
    if (found == 0 and growFor(count + alignment - 1)) found = findRun(count, alignment);
    if (found == 0) return 0;
    markRun(found, count);
    return found * span_bytes;
}

fn start() void {
    started = true;
    claim((memory.base() + span_bytes - 1) / span_bytes, memory.sizeBytes() / span_bytes);
}

fn claim(from: u32, to: u32) void {
    for (from..to) |span| kinds[span] = unused;
}

/// The first span of a run that is free; 0 when there is none. Span 0 is never ours.
fn findRun(count: u32, alignment: u32) u32 {
    var first: u32 = alignment;
    while (first < maximum_spans and count <= maximum_spans - first) {
        const free_spans = unusedFrom(first, count);
        if (free_spans >= count) return first;
        first = memory.alignUp(first + free_spans + 1, alignment);
    }
    return 0;
}

/// How many spans from `first` are unused, counted up to `limit`.
fn unusedFrom(first: u32, limit: u32) u32 {
    var count: u32 = 0;
    while (count < limit and first + count < maximum_spans and kinds[first + count] == unused) count += 1;
    if (has(.run_past_the_table) and count > 0 and first + count == memory.sizeBytes() / span_bytes) count += 1;
    return count;
}

fn markRun(first: u32, count: u32) void {
    for (first..first + count) |span| kinds[span] = run_tail;
    kinds[first] = run_head;
    run_spans[first] = @intCast(count);
}

fn growFor(spans: u32) bool {
    const pages = (spans + spans_per_page - 1) / spans_per_page;
    const asked = if (has(.growth_rounds_down)) @max(1, spans / spans_per_page) else pages;
    while (true) {
        if (memory.grow(asked)) |from| {
            claim(from / span_bytes, from / span_bytes + pages * spans_per_page);
            return true;
        }
        if (!has(.hangs_when_full)) return false;
    }
}

fn freeLarge(pointer: u32) void {
    const first = pointer / span_bytes;
    var count: u32 = run_spans[first];
    if (has(.size_seen_before)) {
        cached_size = count * span_bytes;
        cached_pointer = pointer;
    }
    if (has(.leaks_runs_of_three) and count == 3) return;
    if (has(.frees_one_span_too_many) and first + count < memory.sizeBytes() / span_bytes) count += 1;
    claim(first, first + count);
}

fn resizeRun(pointer: u32, size: u32) bool {
    const first = pointer / span_bytes;
    const old: u32 = run_spans[first];
    const new = spansFor(size) orelse return false;
    if (new > old) {
        if (unusedFrom(first + old, new - old) < runSpansNeeded(new - old)) return false;
        markRun(first, new);
        return true;
    }
    claim(first + new, first + old);
    if (!has(.shrunk_run_frees_its_tail_twice)) run_spans[first] = @intCast(new);
    return true;
}

fn runSpansNeeded(more: u32) u32 {
    return if (has(.realloc_run_past_neighbour)) 1 else more;
}

fn move(pointer: u32, size: u32) u32 {
    const moved = malloc(size);
    if (moved == 0) return 0;
    const old_bytes = malloc_usable_size(pointer);
    const copies_less = has(.realloc_copies_too_few) and old_bytes == 512;
    memory.copy(moved, pointer, @min(size, if (copies_less) old_bytes - 16 else old_bytes));
    free(if (has(.realloc_frees_new)) moved else pointer);
    return moved;
}

const expect = @import("std").testing.expect;

fn restart() void {
    memory.restart(2);
    kinds = @splat(foreign);
    free_blocks = @splat(0);
    started = false;
    live_blocks = 0;
}

test "a freed block is the next of its class" {
    restart();
    const pointer = malloc(100);
    const other = malloc(128);
    try expect(other == pointer + 128);
    free(pointer);
    try expect(malloc(97) == pointer);
}

test "runs join again when they are freed" {
    restart();
    const left = malloc(3 * span_bytes);
    const right = malloc(3 * span_bytes);
    _ = malloc(2 * span_bytes);
    free(left);
    free(right);
    try expect(malloc(6 * span_bytes) == left);
}

test "a run is never laid over pages that another has grown" {
    restart();
    _ = malloc(1);
    const foreign_page = memory.grow(1).?;
    const pointer = malloc(150_000);
    try expect(pointer > foreign_page);
}

test "alignment holds beyond a span" {
    restart();
    try expect(malloc(1) != 0);
    try expect(aligned_alloc(65536, 16) % 65536 == 0);
    try expect(aligned_alloc(1024, 1) % 1024 == 0);
    try expect(aligned_alloc(1 << 31, 1) == 0);
}
