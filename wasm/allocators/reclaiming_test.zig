//! The heap on a simulated memory: single behaviours first, then seeded traces against a model that knows only what
//! was asked for and what was answered.

const std = @import("std");
const testing = std.testing;
const block = @import("reclaiming_block.zig");
const pages = @import("reclaiming_pages.zig");
const check = @import("reclaiming_check.zig").check;
const Inconsistency = @import("reclaiming_check.zig").Inconsistency;
const TestHeap = @import("reclaiming_heap.zig").Heap(pages.SimulatedMemory);

const page_bytes = pages.page_bytes;

/// A heap that starts with one page and may have `maximum_pages`.
const Bench = struct {
    buffer: []align(page_bytes) u8,
    heap: TestHeap,

    fn init(maximum_pages: u32) !Bench {
        const buffer = try testing.allocator.alignedAlloc(u8, .fromByteUnits(page_bytes), maximum_pages * page_bytes);
        @memset(buffer, 0xaa);
        return .{ .buffer = buffer, .heap = .{ .memory = .init(buffer, 1) } };
    }

    fn deinit(bench: *Bench) void {
        testing.allocator.free(bench.buffer);
    }

    fn expectSound(bench: *Bench) !void {
        try testing.expectEqual(.none, check(&bench.heap));
    }
};

test "zero sizes and NULL" {
    var bench: Bench = try .init(2);
    defer bench.deinit();
    const heap = &bench.heap;
    try testing.expectEqual(0, heap.malloc(0));
    try testing.expectEqual(0, heap.calloc(0, 8));
    try testing.expectEqual(0, heap.alignedAlloc(64, 0));
    heap.free(0);
    const pointer = heap.realloc(0, 40);
    try testing.expect(pointer != 0);
    try testing.expectEqual(0, heap.realloc(pointer, 0));
    try testing.expectEqual(0, heap.statistics.live_blocks);
    try testing.expectEqual(0, heap.statistics.failed_requests);
    try bench.expectSound();
}

test "impossible sizes are refused, counted, and change nothing" {
    var bench: Bench = try .init(2);
    defer bench.deinit();
    const heap = &bench.heap;
    const pointer = heap.malloc(100);
    const before = heap.*;
    const sizes = [_]u32{ 1 << 31, 0xfffe_ffff, 0xffff_0000, 0xffff_ffec, 0xffff_fff0, 0xffff_ffff };
    for (sizes) |size| {
        try testing.expectEqual(0, heap.malloc(size));
        try testing.expectEqual(0, heap.realloc(pointer, size));
        try testing.expectEqual(0, heap.alignedAlloc(1 << 31, size));
        try testing.expectEqual(0, heap.calloc(size, 3));
    }
    try testing.expectEqual(0, heap.calloc(0x10001, 0x10001));
    try testing.expectEqual(0, heap.alignedAlloc(24, 8));
    try testing.expectEqual(4 * sizes.len + 2, heap.statistics.failed_requests);
    heap.statistics.failed_requests = 0;
    try testing.expectEqual(before, heap.*);
}

test "a freed neighbourhood becomes one block again" {
    var bench: Bench = try .init(1);
    defer bench.deinit();
    const heap = &bench.heap;
    const fresh = heap.largestFree();
    var pointers: [7]u32 = undefined;
    for ([_]usize{ 0, 1, 2, 3, 4, 5, 6 }) |i| pointers[i] = heap.malloc(100);
    for ([_]usize{ 1, 3, 2, 6, 5, 0, 4 }) |i| {
        heap.free(pointers[i]);
        try bench.expectSound();
    }
    try testing.expectEqual(fresh, heap.largestFree());
    try testing.expect(heap.malloc(fresh) != 0);
    try testing.expectEqual(0, heap.malloc(1));
}

test "realloc grows forward in place" {
    var bench: Bench = try .init(1);
    defer bench.deinit();
    const heap = &bench.heap;
    const pointer = heap.malloc(100);
    const next = heap.malloc(1000);
    const guard = heap.malloc(1);
    heap.free(next);
    try testing.expectEqual(pointer, heap.realloc(pointer, 1100));
    try bench.expectSound();
    heap.free(guard);
    try testing.expectEqual(pointer, heap.realloc(pointer, 30000));
    try bench.expectSound();
}

test "realloc grows backward into the free block before, with what lies behind" {
    var bench: Bench = try .init(1);
    defer bench.deinit();
    const heap = &bench.heap;
    const lower = heap.malloc(1000);
    const pointer = heap.malloc(100);
    const upper = heap.malloc(1000);
    _ = heap.malloc(1);
    for (heap.memory.bytes(pointer, 100), 0..) |*byte, i| byte.* = @intCast(i);
    heap.free(lower);
    heap.free(upper);
    try testing.expectEqual(lower, heap.realloc(pointer, 2100));
    for (heap.memory.bytes(lower, 100), 0..) |byte, i| try testing.expectEqual(i, byte);
    try bench.expectSound();
}

test "the last block grows with memory, under itself" {
    var bench: Bench = try .init(8);
    defer bench.deinit();
    const heap = &bench.heap;
    const pointer = heap.malloc(60000);
    try testing.expectEqual(pointer, heap.realloc(pointer, 60000 + 3 * page_bytes));
    try testing.expectEqual(4, heap.memory.pages());
    try testing.expectEqual(1, heap.statistics.growths);
    try bench.expectSound();
}

test "shrinking stays in place in a heap without a free byte" {
    var bench: Bench = try .init(1);
    defer bench.deinit();
    const heap = &bench.heap;
    const pointer = heap.malloc(heap.largestFree() - 128);
    const last = heap.malloc(heap.largestFree());
    try testing.expectEqual(0, heap.largestFree());
    try testing.expectEqual(pointer, heap.realloc(pointer, 1000));
    try testing.expectEqual(last, heap.realloc(last, 1));
    try bench.expectSound();
}

test "every power of two is honoured, at the top and in a hole" {
    var bench: Bench = try .init(64);
    defer bench.deinit();
    const heap = &bench.heap;
    const hole = heap.malloc(40 * page_bytes);
    _ = heap.malloc(1);
    heap.free(hole);
    for (0..21) |log2| {
        const alignment = @as(u32, 1) << @intCast(log2);
        const pointer = heap.alignedAlloc(alignment, 100);
        try testing.expect(pointer != 0 and pointer % @max(alignment, 16) == 0);
        try testing.expectEqual(108, heap.usableSize(pointer));
        try bench.expectSound();
        if (log2 % 2 == 0) heap.free(pointer);
    }
}

test "pages that somebody else grew are left alone" {
    var bench: Bench = try .init(16);
    defer bench.deinit();
    const heap = &bench.heap;
    const first = heap.malloc(1000);
    const foreign = heap.memory.grow(2).? * page_bytes;
    @memset(heap.memory.bytes(foreign, 2 * page_bytes), 0x5a);
    var pointers: [5]u32 = undefined;
    for (&pointers) |*pointer| {
        pointer.* = heap.malloc(40000);
        try testing.expect(pointer.* < page_bytes or pointer.* >= foreign + 2 * page_bytes);
        @memset(heap.memory.bytes(pointer.*, 40000), 1);
        try bench.expectSound();
    }
    for (heap.memory.bytes(foreign, 2 * page_bytes)) |byte| try testing.expectEqual(0x5a, byte);
    for (pointers) |pointer| heap.free(pointer);
    heap.free(first);
    try bench.expectSound();
}

test "pages grown by somebody else before the first request are left alone" {
    var bench: Bench = try .init(4);
    defer bench.deinit();
    _ = bench.heap.memory.grow(1);
    const pointer = bench.heap.malloc(page_bytes);
    try testing.expect(pointer >= 2 * page_bytes);
    try bench.expectSound();
}

test "after a reset the same requests get the same answers, and memory is not grown again" {
    var bench: Bench = try .init(16);
    defer bench.deinit();
    const heap = &bench.heap;
    var answers: [2][6]u32 = undefined;
    for (&answers) |*run| {
        for (run, 0..) |*pointer, i| {
            if (i == 3) heap.free(run[1]);
            pointer.* = heap.malloc(@intCast(20000 * (i + 1)));
        }
        try testing.expectEqual(7, heap.memory.pages());
        try testing.expectEqual(4, heap.statistics.growths);
        heap.reset();
        try bench.expectSound();
        try testing.expectEqual(page_bytes - 1008 - 16, heap.freeBytes());
    }
    try testing.expectEqual(answers[0], answers[1]);
}

test "a reset before the first block forgets refusals" {
    var bench: Bench = try .init(1);
    defer bench.deinit();
    try testing.expectEqual(0, bench.heap.malloc(0xffff_ffff));
    bench.heap.reset();
    try testing.expectEqual(0, bench.heap.statistics.failed_requests);
}

test "after a reset every region is used again" {
    var bench: Bench = try .init(12);
    defer bench.deinit();
    const heap = &bench.heap;
    for (0..3) |_| {
        try testing.expect(heap.malloc(100000) != 0);
        _ = heap.memory.grow(1);
    }
    const full = heap.memory.grow(12 - heap.memory.pages());
    try testing.expect(full != null);
    heap.reset();
    for (0..3) |_| {
        try testing.expect(heap.malloc(100000) != 0);
        try bench.expectSound();
    }
    try testing.expectEqual(0, heap.malloc(100000));
}

/// Three blocks of 112 bytes, the second of them free.
const Damaged = struct {
    heap: *TestHeap,
    blocks: [3]u32,

    fn init(heap: *TestHeap) Damaged {
        var blocks: [3]u32 = undefined;
        for (&blocks) |*address| address.* = heap.malloc(100) - block.header_bytes;
        heap.free(blocks[1] + block.header_bytes);
        return .{ .heap = heap, .blocks = blocks };
    }

    fn inflict(damaged: Damaged, damage: Inconsistency) void {
        const heap = damaged.heap;
        const memory = heap.memory;
        const first, const freed, const last = damaged.blocks;
        switch (damage) {
            .none => {},
            .region_is_broken => heap.top += 4,
            .size_is_broken => memory.word(first).* = 0,
            .previous_flag_is_wrong => memory.word(last).* &= ~block.previous_free,
            .neighbours_are_free => memory.word(last).* |= block.free,
            .footer_is_wrong => memory.word(block.footer(freed, 112)).* = 96,
            .foreign_is_misplaced => memory.word(first).* |= block.foreign,
            .link_is_broken => memory.word(block.previousLink(freed)).* = first,
            .list_holds_a_stranger => std.mem.swap(u32, &heap.bins.heads[7], &heap.bins.heads[8]),
            .free_block_is_not_listed => heap.bins = .{},
            .bitmap_is_wrong => heap.bins.first_bitmap = 0,
            .live_blocks_are_miscounted => heap.statistics.live_blocks += 1,
            .live_bytes_are_miscounted => heap.statistics.live_bytes += 16,
            .free_bytes_are_miscounted => heap.managed_bytes += 16,
            .peak_is_too_low => heap.statistics.peak_bytes = 0,
        }
    }
};

test "the checker names what is wrong" {
    for (std.enums.values(Inconsistency)) |damage| {
        var bench: Bench = try .init(1);
        defer bench.deinit();
        Damaged.init(&bench.heap).inflict(damage);
        try testing.expectEqual(damage, check(&bench.heap));
    }
}

/// One seeded run: requests of all kinds, checked for alignment, overlap (by contents), counters and the whole heap.
const Run = struct {
    const Live = struct { pointer: u32, size: u32, mark: u8 };
    const slots = 128;

    heap: *TestHeap,
    random: std.Random,
    live: [slots]?Live = @splat(null),
    live_bytes: u32 = 0,
    peak_bytes: u32 = 0,
    failed: u32 = 0,
    next_mark: u8 = 0,

    fn step(run: *Run) !void {
        const slot = &run.live[run.random.uintLessThan(usize, slots)];
        switch (run.random.uintLessThan(u32, 8)) {
            0, 1 => if (slot.* == null) try run.allocate(slot),
            2, 3 => try run.resize(slot),
            4 => if (slot.* == null) try run.allocateAligned(slot),
            5 => if (slot.* == null) try run.allocateZeroed(slot),
            else => try run.release(slot),
        }
        run.peak_bytes = @max(run.peak_bytes, run.live_bytes);
        try run.expectCounters();
    }

    /// Small ones mostly, page edges and impossible ones now and then.
    fn size(run: *Run) u32 {
        const random = run.random;
        return switch (random.uintLessThan(u32, 32)) {
            0 => page_bytes * random.intRangeAtMost(u32, 1, 2) - random.uintLessThan(u32, 40),
            1 => ~random.uintLessThan(u32, 1 << 17),
            2...5 => random.intRangeAtMost(u32, 1, 5000),
            else => random.intRangeAtMost(u32, 1, 200),
        };
    }

    fn allocate(run: *Run, slot: *?Live) !void {
        const wanted = run.size();
        run.keep(slot, run.heap.malloc(wanted), wanted);
    }

    fn allocateAligned(run: *Run, slot: *?Live) !void {
        const wanted = run.size();
        const alignment = @as(u32, 1) << run.random.uintLessThan(u5, 18);
        const pointer = run.heap.alignedAlloc(alignment, wanted);
        try testing.expectEqual(0, pointer % alignment);
        run.keep(slot, pointer, wanted);
    }

    fn allocateZeroed(run: *Run, slot: *?Live) !void {
        const wanted = run.size();
        const pointer = run.heap.calloc(1, wanted);
        if (pointer != 0) try expectAll(run.heap.memory.bytes(pointer, wanted), 0);
        run.keep(slot, pointer, wanted);
    }

    fn resize(run: *Run, slot: *?Live) !void {
        const old = slot.* orelse return run.allocate(slot);
        const wanted = run.size();
        const pointer = run.heap.realloc(old.pointer, wanted);
        if (pointer == 0) {
            run.failed += 1;
            try testing.expect(wanted > old.size);
            return expectAll(run.heap.memory.bytes(old.pointer, old.size), old.mark);
        }
        if (wanted <= old.size) try testing.expectEqual(old.pointer, pointer);
        try expectAll(run.heap.memory.bytes(pointer, @min(old.size, wanted)), old.mark);
        run.live_bytes -= usable(old.size);
        run.keep(slot, pointer, wanted);
    }

    fn release(run: *Run, slot: *?Live) !void {
        const old = slot.* orelse return;
        try expectAll(run.heap.memory.bytes(old.pointer, old.size), old.mark);
        run.heap.free(old.pointer);
        run.live_bytes -= usable(old.size);
        slot.* = null;
    }

    fn keep(run: *Run, slot: *?Live, pointer: u32, wanted: u32) void {
        if (pointer == 0) {
            run.failed += 1;
            return;
        }
        run.next_mark +%= 1;
        @memset(run.heap.memory.bytes(pointer, wanted), run.next_mark);
        run.live_bytes += usable(wanted);
        slot.* = .{ .pointer = pointer, .size = wanted, .mark = run.next_mark };
    }

    fn releaseAll(run: *Run) !void {
        for (&run.live) |*slot| try run.release(slot);
    }

    fn expectCounters(run: *Run) !void {
        const statistics = run.heap.statistics;
        try testing.expectEqual(run.live_bytes, statistics.live_bytes);
        try testing.expectEqual(run.peak_bytes, statistics.peak_bytes);
        try testing.expectEqual(run.failed, statistics.failed_requests);
        try testing.expectEqual(.none, check(run.heap));
    }

    fn usable(size_bytes: u32) u32 {
        return block.sizeFor(size_bytes) - block.header_bytes;
    }

    fn expectAll(bytes: []const u8, value: u8) !void {
        for (bytes) |byte| try testing.expectEqual(value, byte);
    }
};

/// `growth_refused_at` is the growth that memory refuses once; `foreign_every` steps somebody else grows memory.
fn runTrace(seed: u64, growth_refused_at: u32, foreign_every: usize) !void {
    var bench: Bench = try .init(24);
    defer bench.deinit();
    errdefer std.debug.print("seed {d}, refused at {d}, foreign every {d}\n", .{ seed, growth_refused_at, foreign_every });
    bench.heap.memory.growths_until_refusal = growth_refused_at;
    var prng: std.Random.DefaultPrng = .init(seed);
    var run: Run = .{ .heap = &bench.heap, .random = prng.random() };
    const fresh = bench.heap.largestFree();
    for (1..2000) |i| {
        if (i % foreign_every == 0) _ = bench.heap.memory.grow(1);
        try run.step();
    }
    try run.releaseAll();
    try bench.expectSound();
    try testing.expect(bench.heap.largestFree() >= fresh);
}

test "seeded traces" {
    for (0..20) |seed| try runTrace(seed, std.math.maxInt(u32), 5000);
}

test "seeded traces, memory refusing the k-th growth" {
    for (0..20) |k| try runTrace(100 + k, @intCast(k), 5000);
}

test "seeded traces, somebody else growing memory" {
    for (0..20) |seed| try runTrace(200 + seed, std.math.maxInt(u32), 150);
}
