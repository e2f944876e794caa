//! Walks the whole heap and names the first thing that is wrong. Trusts nothing it reads: an address is followed only
//! once it is known to lie in the heap.

const std = @import("std");
const block = @import("reclaiming_block.zig");
const heap_file = @import("reclaiming_heap.zig");
const classOf = @import("reclaiming_bins.zig").classOf;

/// What `heap_check` returns. The numbers are part of the module's interface: never renumber.
pub const Inconsistency = enum(u32) {
    none = 0,
    /// A region's record, the top or the end lie outside their region or are misaligned.
    region_is_broken = 1,
    /// A block's size is 0, or not one that leads to another header of its region.
    size_is_broken = 2,
    /// `previous_free` does not tell whether the block before is free.
    previous_flag_is_wrong = 3,
    /// Two free blocks touch, or one touches the top: they should have coalesced.
    neighbours_are_free = 4,
    /// The footer of a free block is not its size.
    footer_is_wrong = 5,
    /// A `foreign` header lies elsewhere than at the end of a region, or does not lead to the next one.
    foreign_is_misplaced = 6,
    /// A link of a free list leads out of the heap, or the link back does not return.
    link_is_broken = 7,
    /// A list holds a block that is in use, or of a size of another class.
    list_holds_a_stranger = 8,
    /// Fewer or more free blocks are listed than lie in the heap.
    free_block_is_not_listed = 9,
    /// A bitmap does not tell which lists are empty.
    bitmap_is_wrong = 10,
    /// The live blocks are not as many as `heap_live_blocks` says.
    live_blocks_are_miscounted = 11,
    /// The live blocks do not hold `heap_live_bytes`.
    live_bytes_are_miscounted = 12,
    /// The free blocks and the top do not hold `heap_free_bytes`.
    free_bytes_are_miscounted = 13,
    /// The peak lies below what is live.
    peak_is_too_low = 14,
};

/// `.none` for a heap in order. Its cost is linear in the number of blocks.
pub fn check(heap: anytype) Inconsistency {
    if (heap.first_region == 0) return .none;
    var walk: Walk = .{};
    var found = checkRegions(heap);
    if (found == .none) found = walk.overBlocks(heap);
    if (found == .none) found = walk.overLists(heap);
    if (found == .none) found = walk.compare(heap);
    return found;
}

fn checkRegions(heap: anytype) Inconsistency {
    const memory_end = @as(u64, heap.memory.pages()) * 65536;
    var region = heap.first_region;
    while (true) {
        if (region % block.granule_bytes != 0 or region + 16 > memory_end) return .region_is_broken;
        const record = heap.record(region);
        if (record.end <= region or record.end > memory_end) return .region_is_broken;
        if (region == heap.region) break;
        if (record.next < record.end) return .region_is_broken;
        region = record.next;
    }
    const top_is_aligned = (heap.top + block.header_bytes) % block.granule_bytes == 0;
    const top_is_inside = heap.top >= region + heap_file.record_bytes and heap.top <= heap.end - heap_file.tail_bytes;
    if (!top_is_aligned or !top_is_inside or heap.end > heap.record(region).end) return .region_is_broken;
    return .none;
}

const Walk = struct {
    live_blocks: u32 = 0,
    live_bytes: u32 = 0,
    free_blocks: u32 = 0,
    free_bytes: u32 = 0,

    fn overBlocks(walk: *Walk, heap: anytype) Inconsistency {
        var region = heap.first_region;
        while (true) : (region = heap.record(region).next) {
            const found = walk.overRegion(heap, region);
            if (found != .none or region == heap.region) return found;
        }
    }

    fn overRegion(walk: *Walk, heap: anytype, region: u32) Inconsistency {
        const is_last = region == heap.region;
        const tail = if (is_last) heap.top else heap.record(region).end - heap_file.tail_bytes;
        var previous_is_free = false;
        var address = region + heap_file.record_bytes;
        while (address < tail) {
            const found = walk.overBlock(heap, address, tail, previous_is_free);
            if (found != .none) return found;
            const header = heap.memory.word(address).*;
            previous_is_free = header & block.free != 0;
            address += block.sizeOf(header);
        }
        if (is_last) return if (previous_is_free) .neighbours_are_free else .none;
        return checkForeign(heap, region, tail, previous_is_free);
    }

    fn overBlock(walk: *Walk, heap: anytype, address: u32, tail: u32, previous_is_free: bool) Inconsistency {
        const header = heap.memory.word(address).*;
        const size = block.sizeOf(header);
        if (size == 0 or size > tail - address) return .size_is_broken;
        if (header & block.foreign != 0) return .foreign_is_misplaced;
        if ((header & block.previous_free != 0) != previous_is_free) return .previous_flag_is_wrong;
        if (header & block.free == 0) {
            walk.live_blocks += 1;
            walk.live_bytes += size - block.header_bytes;
            return .none;
        }
        walk.free_blocks += 1;
        walk.free_bytes += size;
        if (previous_is_free) return .neighbours_are_free;
        return if (heap.memory.word(block.footer(address, size)).* == size) .none else .footer_is_wrong;
    }

    fn overLists(walk: *Walk, heap: anytype) Inconsistency {
        var listed: u32 = 0;
        for (heap.bins.heads, 0..) |head, class| {
            var previous: u32 = 0;
            var address = head;
            while (address != 0) : (listed += 1) {
                if (listed == walk.free_blocks) return .free_block_is_not_listed;
                const found = checkListed(heap, address, previous, @intCast(class));
                if (found != .none) return found;
                previous = address;
                address = heap.memory.word(block.nextLink(address)).*;
            }
        }
        if (listed != walk.free_blocks) return .free_block_is_not_listed;
        return if (heap.bins.bitmapsAgree()) .none else .bitmap_is_wrong;
    }

    fn compare(walk: *Walk, heap: anytype) Inconsistency {
        const statistics = heap.statistics;
        if (walk.live_blocks != statistics.live_blocks) return .live_blocks_are_miscounted;
        if (walk.live_bytes != statistics.live_bytes) return .live_bytes_are_miscounted;
        const top_bytes = heap.end - heap_file.tail_bytes - heap.top;
        if (walk.free_bytes + top_bytes != heap.freeBytes()) return .free_bytes_are_miscounted;
        return if (statistics.peak_bytes < walk.live_bytes) .peak_is_too_low else .none;
    }
};

fn checkForeign(heap: anytype, region: u32, tail: u32, previous_is_free: bool) Inconsistency {
    const header = heap.memory.word(tail).*;
    const next_first = heap.record(region).next + heap_file.record_bytes;
    if ((header & block.previous_free != 0) != previous_is_free) return .previous_flag_is_wrong;
    const leads_on = header & block.foreign != 0 and block.sizeOf(header) == next_first - tail;
    return if (leads_on) .none else .foreign_is_misplaced;
}

fn checkListed(heap: anytype, address: u32, previous: u32, class: u32) Inconsistency {
    const is_inside = address >= heap.first_region and address < heap.top;
    if (!is_inside or (address + block.header_bytes) % block.granule_bytes != 0) return .link_is_broken;
    if (heap.memory.word(block.previousLink(address)).* != previous) return .link_is_broken;
    const header = heap.memory.word(address).*;
    const belongs = header & block.free != 0 and classOf(block.sizeOf(header)) == class;
    return if (belongs) .none else .list_holds_a_stranger;
}
