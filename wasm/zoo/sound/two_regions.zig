//! Small blocks from below and large ones from above, in memory that never grows: a gap between large blocks is for large
//! blocks alone. Each border recedes where nothing lives behind it.
const zoo = @import("zoo");
const memory = zoo.memory;

comptime {
    zoo.exportC(TwoRegions, "");
}

const header_bytes = 8;
const granule_bytes = 8;
const least_bytes = 16;
const large_from_bytes = 512;

/// Where the small blocks end, and the large ones begin.
var low: u32 = 0;
var high: u32 = 0;
/// The free blocks of each side in the order of their addresses, joined with the neighbours they touch.
var heads = [2]u32{ 0, 0 };

const TwoRegions = struct {
    pub const aligns = false;
    pub const calloc = zoo.OverMalloc(@This()).calloc;
    pub const realloc = zoo.OverMalloc(@This()).realloc;

    pub fn malloc(size: u32) callconv(.c) u32 {
        if (size == 0 or size > memory.sizeBytes()) return 0;
        if (low == 0) begin();
        const side: u32 = @intFromBool(size >= large_from_bytes);
        const needed = @max(least_bytes, memory.alignUp(size + header_bytes, granule_bytes));
        const block = take(side, needed) orelse extend(side, needed) orelse return 0;
        memory.set(block + 4, side);
        return block + header_bytes;
    }

    pub fn free(pointer: u32) callconv(.c) void {
        if (pointer == 0) return;
        const block = pointer - header_bytes;
        const side = memory.get(block + 4);
        insert(side, block);
        if (side == 1) recedeAbove() else recedeBelow();
    }

    pub fn malloc_usable_size(pointer: u32) callconv(.c) u32 {
        return if (pointer == 0) 0 else sizeOf(pointer - header_bytes) - header_bytes;
    }
};

fn sizeOf(block: u32) u32 {
    return memory.get(block);
}

fn next(block: u32) u32 {
    return memory.get(block + 4);
}

fn begin() void {
    low = memory.base();
    high = memory.sizeBytes();
}

/// The end of the first free block that is large enough, or all of it.
fn take(side: u32, needed: u32) ?u32 {
    var before: u32 = 0;
    var block = heads[side];
    while (block != 0 and sizeOf(block) < needed) : (block = next(block)) before = block;
    if (block == 0) return null;
    const left = sizeOf(block) - needed;
    if (left < least_bytes) {
        link(side, before, next(block));
        return block;
    }
    memory.set(block, left);
    memory.set(block + left, needed);
    return block + left;
}

fn link(side: u32, before: u32, block: u32) void {
    if (before == 0) heads[side] = block else memory.set(before + 4, block);
}

fn extend(side: u32, needed: u32) ?u32 {
    if (high - low < needed) return null;
    const block = if (side == 1) high - needed else low;
    if (side == 1) high -= needed else low += needed;
    memory.set(block, needed);
    return block;
}

fn insert(side: u32, block: u32) void {
    var before: u32 = 0;
    var after = heads[side];
    while (after != 0 and after < block) : (after = next(after)) before = after;
    memory.set(block + 4, after);
    link(side, before, block);
    if (after == block + sizeOf(block)) join(block, after);
    if (before != 0 and before + sizeOf(before) == block) join(before, block);
}

fn join(block: u32, after: u32) void {
    memory.set(block, sizeOf(block) + sizeOf(after));
    memory.set(block + 4, next(after));
}

fn recedeAbove() void {
    const block = heads[1];
    if (block != high) return;
    heads[1] = next(block);
    high += sizeOf(block);
}

fn recedeBelow() void {
    var before: u32 = 0;
    var block = heads[0];
    while (block != 0 and next(block) != 0) : (block = next(block)) before = block;
    if (block == 0 or block + sizeOf(block) != low) return;
    low = block;
    link(0, before, 0);
}
