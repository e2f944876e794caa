//! The free blocks by size: TLSF's two levels of segregated lists (Masmano, Ripoll, Crespo, Real: "TLSF: a New Dynamic
//! Memory Allocator for Real-Time Systems", 2004), each level with a bitmap of what is not empty.
//!
//!   size 0..511      first level 0, steps of 16       every list holds one size
//!   size 512..1023   first level 1, steps of 16       every list holds one size
//!   size 1024..2047  first level 2, steps of 32
//!   size 2^k..       first level k - 8, steps of 2^(k - 5)

const std = @import("std");
const block = @import("reclaiming_block.zig");

const second_level_log2 = 5;
const second_level_count = 1 << second_level_log2;
/// Below 512 bytes the first level is linear; sizes end below 2^32.
const first_level_count = 32 - 8;
const class_count = first_level_count * second_level_count;
/// Below this every list holds blocks of one size only, and its head serves any request of its class.
pub const exact_limit_bytes = 1024;
/// Blocks of the request's own class looked at before a larger class is taken. It bounds the work; 4 is where footprint
/// stopped falling on the traces of bench/allocators.
const own_class_attempts = 4;

comptime {
    std.debug.assert(class_count == classOf(std.math.maxInt(u32)) + 1);
    std.debug.assert(exact_limit_bytes == 2 * second_level_count * block.granule_bytes);
}

/// The list that a block of `size_bytes` belongs to.
pub fn classOf(size_bytes: u32) u32 {
    if (size_bytes < exact_limit_bytes) return size_bytes / block.granule_bytes;
    const log2: u5 = @intCast(31 - @clz(size_bytes));
    const second = (size_bytes >> (log2 - second_level_log2)) & (second_level_count - 1);
    return ((@as(u32, log2) - 8) << second_level_log2) | second;
}

pub const Bins = struct {
    first_bitmap: u32 = 0,
    /// One more than there are, always 0: where a search that starts behind the last class looks.
    second_bitmaps: [first_level_count + 1]u32 = @splat(0),
    heads: [class_count]u32 = @splat(0),

    /// Puts the free block at the head of its list.
    pub inline fn insert(bins: *Bins, memory: anytype, address: u32, size_bytes: u32) void {
        const class = classOf(size_bytes);
        const head = bins.heads[class];
        memory.word(block.nextLink(address)).* = head;
        memory.word(block.previousLink(address)).* = 0;
        bins.heads[class] = address;
        if (head != 0) {
            memory.word(block.previousLink(head)).* = address;
        } else {
            bins.mark(class);
        }
    }

    /// Takes the free block out of its list.
    pub inline fn remove(bins: *Bins, memory: anytype, address: u32, size_bytes: u32) void {
        const next = memory.word(block.nextLink(address)).*;
        const previous = memory.word(block.previousLink(address)).*;
        if (next != 0) memory.word(block.previousLink(next)).* = previous;
        if (previous != 0) {
            memory.word(block.nextLink(previous)).* = next;
            return;
        }
        const class = classOf(size_bytes);
        bins.heads[class] = next;
        if (next == 0) bins.unmark(class);
    }

    /// The head of the list for exactly `size_bytes`, taken out; 0 when there is none or the list holds other sizes too.
    pub inline fn popExact(bins: *Bins, memory: anytype, size_bytes: u32) u32 {
        if (size_bytes >= exact_limit_bytes) return 0;
        const class = size_bytes / block.granule_bytes;
        const head = bins.heads[class];
        if (head == 0) return 0;
        const next = memory.word(block.nextLink(head)).*;
        bins.heads[class] = next;
        if (next != 0) {
            memory.word(block.previousLink(next)).* = 0;
        } else {
            bins.unmark(class);
        }
        return head;
    }

    /// A free block of at least `size_bytes`, from the smallest class that surely has one; 0 when there is none.
    pub inline fn find(bins: *const Bins, memory: anytype, size_bytes: u32) u32 {
        if (bins.first_bitmap == 0) return 0;
        const class = classOf(size_bytes);
        if (size_bytes < exact_limit_bytes) return bins.headFrom(class);
        const own = bins.findInClass(memory, size_bytes, own_class_attempts);
        return if (own != 0) own else bins.headFrom(class + 1);
    }

    /// A block of at least `size_bytes` among the first `attempts` of the class of `size_bytes`; 0 when there is none.
    pub fn findInClass(bins: *const Bins, memory: anytype, size_bytes: u32, attempts: u32) u32 {
        var address = bins.heads[classOf(size_bytes)];
        var left = attempts;
        while (address != 0 and left != 0) : (left -= 1) {
            if (block.sizeOf(memory.word(address).*) >= size_bytes) return address;
            address = memory.word(block.nextLink(address)).*;
        }
        return 0;
    }

    /// The size of the largest free block, 0 when there is none.
    pub fn largest(bins: *const Bins, memory: anytype) u32 {
        if (bins.first_bitmap == 0) return 0;
        const first: u32 = 31 - @clz(bins.first_bitmap);
        const second: u32 = 31 - @clz(bins.second_bitmaps[first]);
        var found: u32 = 0;
        var address = bins.heads[first * second_level_count + second];
        while (address != 0) : (address = memory.word(block.nextLink(address)).*) {
            found = @max(found, block.sizeOf(memory.word(address).*));
        }
        return found;
    }

    /// The head of the first list at `class` or above that has one.
    inline fn headFrom(bins: *const Bins, class: u32) u32 {
        var first = class >> second_level_log2;
        const second: u5 = @truncate(class);
        var map = bins.second_bitmaps[first] & (~@as(u32, 0) << second);
        if (map == 0) {
            const above = bins.first_bitmap & (~@as(u32, 0) << @as(u5, @truncate(first + 1)));
            if (above == 0) return 0;
            first = @ctz(above);
            map = bins.second_bitmaps[first];
        }
        return bins.heads[first * second_level_count + @ctz(map)];
    }

    inline fn mark(bins: *Bins, class: u32) void {
        const first = class >> second_level_log2;
        bins.second_bitmaps[first] |= bit(class);
        bins.first_bitmap |= bit(first);
    }

    inline fn unmark(bins: *Bins, class: u32) void {
        const first = class >> second_level_log2;
        bins.second_bitmaps[first] &= ~bit(class);
        if (bins.second_bitmaps[first] == 0) bins.first_bitmap &= ~bit(first);
    }

    /// True when both bitmaps agree with the lists.
    pub fn bitmapsAgree(bins: *const Bins) bool {
        for (bins.heads, 0..) |head, class| {
            const marked = bins.second_bitmaps[class >> second_level_log2] & bit(@intCast(class)) != 0;
            if (marked != (head != 0)) return false;
        }
        for (bins.second_bitmaps, 0..) |map, first| {
            if ((bins.first_bitmap & bit(@intCast(first)) != 0) != (map != 0)) return false;
        }
        return true;
    }
};

inline fn bit(index: u32) u32 {
    return @as(u32, 1) << @as(u5, @truncate(index));
}

test "classes rise with size and hold less than a thirty-second of it" {
    var size_bytes: u32 = block.minimum_bytes;
    var last: u32 = 0;
    while (size_bytes < 1 << 20) : (size_bytes += block.granule_bytes) {
        const class = classOf(size_bytes);
        try std.testing.expect(class == last or class == last + 1 or last == 0);
        if (size_bytes < exact_limit_bytes) try std.testing.expectEqual(size_bytes / 16, class);
        last = class;
    }
}
