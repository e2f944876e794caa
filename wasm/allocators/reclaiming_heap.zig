//! The reclaiming heap over any memory that grows by pages. What it promises is in `reclaiming.zig`.
//!
//!   region                                                          top            end
//!   ┌────────┬───────┬──────┬───────┬─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─┬───────┬───────────────┐
//!   │ record │ block │ free │ block │                       │ block │ not in a list │
//!   └────────┴───────┴──────┴───────┴─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─┴───────┴───────────────┘
//!
//! Behind `top` lies what was never handed out, or was and came back. It is cut only when no free block serves, so the
//! heap stays as low as it can. Two free blocks never touch, and none touches the top.
//!
//! Memory that somebody else grew is never ours. Where it lies between two growths of ours, the region ends before it,
//! a new region begins behind it, and a header marked `foreign` leads from one to the other.

const std = @import("std");
const block = @import("reclaiming_block.zig");
const Bins = @import("reclaiming_bins.zig").Bins;
const page_bytes = @import("reclaiming_pages.zig").page_bytes;
const planted = @import("reclaiming_fault.zig").has;

/// At a region's begin, and 4 bytes more, so that the first header comes to lie 12 bytes behind a multiple of 16.
const Record = extern struct {
    /// Where our memory ends here. The heap may not have come so far yet: see `reset`.
    end: u32,
    /// 0 for the last region.
    next: u32,
};
pub const record_bytes: u32 = 12;
/// A region ends with room for a header, which is the `foreign` one once there is another region.
pub const tail_bytes: u32 = block.header_bytes;
/// The last page of a 4 GiB memory is left alone, so that no address and no end is ever 2^32.
const end_limit: u32 = 65535 * page_bytes;
/// Whatever is larger cannot lie in memory. For what is not, no sum of 32 bits below wraps.
pub const max_request_bytes: u32 = end_limit - 2 * block.granule_bytes;

pub const Statistics = struct {
    live_bytes: u32 = 0,
    live_blocks: u32 = 0,
    peak_bytes: u32 = 0,
    growths: u32 = 0,
    failed_requests: u32 = 0,
};

/// Pointers are payloads, and 0 is NULL; everything else called an address is a block's header.
pub fn Heap(comptime Memory: type) type {
    return struct {
        const Self = @This();

        memory: Memory,
        bins: Bins = .{},
        /// 0 until the first region is there.
        top: u32 = 0,
        end: u32 = tail_bytes,
        region: u32 = 0,
        first_region: u32 = 0,
        /// What all blocks and the top hold together.
        managed_bytes: u32 = 0,
        statistics: Statistics = .{},

        pub fn malloc(heap: *Self, size_bytes: u32) u32 {
            if (isImpossible(size_bytes)) return heap.refuseUnlessZero(size_bytes);
            const size = block.sizeFor(size_bytes);
            const taken = heap.take(size);
            if (taken == 0) return heap.refuse();
            heap.countIn(size);
            return taken + block.header_bytes;
        }

        pub fn calloc(heap: *Self, count: u32, each_bytes: u32) u32 {
            const product = @as(u64, count) * each_bytes;
            if (product > max_request_bytes and !planted(.calloc_product_wraps)) return heap.refuse();
            const size_bytes: u32 = @truncate(product);
            const top_pointer = heap.top + block.header_bytes;
            const pointer = heap.malloc(size_bytes);
            if (planted(.calloc_trusts_the_top) and pointer == top_pointer) return pointer;
            if (pointer != 0) @memset(heap.memory.bytes(pointer, size_bytes), 0);
            return pointer;
        }

        pub fn alignedAlloc(heap: *Self, alignment_bytes: u32, size_bytes: u32) u32 {
            if (isImpossible(size_bytes)) return heap.refuseUnlessZero(size_bytes);
            if (!std.math.isPowerOfTwo(alignment_bytes)) return heap.refuse();
            if (alignment_bytes <= block.granule_bytes) return heap.malloc(size_bytes);
            const kept_alignment = if (planted(.align_stops_at_a_page)) @min(alignment_bytes, 4096) else alignment_bytes;
            const size = block.sizeFor(size_bytes);
            const taken = heap.takeAligned(size, kept_alignment);
            if (taken == 0) return heap.refuse();
            heap.countIn(size);
            return taken + block.header_bytes;
        }

        pub fn free(heap: *Self, pointer: u32) void {
            if (pointer == 0) return;
            const address = pointer - block.header_bytes;
            const header = heap.memory.word(address).*;
            std.debug.assert(header & (block.free | block.foreign) == 0);
            heap.countOut(block.sizeOf(header));
            heap.release(address, block.sizeOf(header), header & block.previous_free != 0);
        }

        pub fn realloc(heap: *Self, pointer: u32, size_bytes: u32) u32 {
            if (pointer == 0) return heap.malloc(size_bytes);
            if (size_bytes == 0) {
                heap.free(pointer);
                return 0;
            }
            if (isImpossible(size_bytes)) return heap.refuse();
            const address = pointer - block.header_bytes;
            const old_size = block.sizeOf(heap.memory.word(address).*);
            const size = block.sizeFor(size_bytes);
            const kept = heap.resize(address, old_size, size);
            if (kept == 0) return heap.refuse();
            heap.countResized(old_size, size);
            return kept + block.header_bytes;
        }

        pub fn usableSize(heap: *const Self, pointer: u32) u32 {
            if (pointer == 0) return 0;
            return block.sizeOf(heap.memory.word(pointer - block.header_bytes).*) - block.header_bytes;
        }

        /// Back to the first state. Pages that were grown stay ours and are taken again before memory grows.
        pub fn reset(heap: *Self) void {
            heap.statistics = .{};
            if (!planted(.reset_keeps_the_bins)) heap.bins = .{};
            if (heap.first_region != 0) heap.enterFirstRegion();
        }

        /// Bytes of the free blocks and of the top, headers included.
        pub fn freeBytes(heap: *Self) u32 {
            _ = heap.hasBegun();
            return heap.managed_bytes - heap.statistics.live_bytes - heap.statistics.live_blocks * block.header_bytes;
        }

        /// The largest request that is met without growing memory, in bytes.
        pub fn largestFree(heap: *Self) u32 {
            _ = heap.hasBegun();
            return @max(heap.room(), heap.bins.largest(&heap.memory)) -| block.header_bytes;
        }

        // Taking a block. Each returns the address of a block in use, or 0 and has changed nothing.

        inline fn take(heap: *Self, size: u32) u32 {
            const exact = heap.bins.popExact(&heap.memory, size);
            if (exact != 0) return heap.takeWhole(exact, size);
            const found = heap.bins.find(&heap.memory, size);
            if (found != 0) return heap.takeFree(found, size);
            if (size <= heap.room()) return heap.takeTop(size, 0);
            return heap.takeHard(size);
        }

        noinline fn takeHard(heap: *Self, size: u32) u32 {
            const found = heap.findThoroughly(size);
            if (found != 0) return heap.takeFree(found, size);
            if (!heap.extend(size, block.granule_bytes)) return 0;
            return heap.takeTop(size, 0);
        }

        fn takeFree(heap: *Self, address: u32, size: u32) u32 {
            const whole = block.sizeOf(heap.memory.word(address).*);
            heap.bins.remove(&heap.memory, address, whole);
            if (whole == size) return heap.takeWhole(address, size);
            heap.memory.word(address).* = size;
            heap.splitOff(address + size, whole - size);
            return address;
        }

        /// A free block that is in no list any more.
        inline fn takeWhole(heap: *Self, address: u32, size: u32) u32 {
            heap.memory.word(address).* = size;
            heap.memory.word(address + size).* &= ~block.previous_free;
            return address;
        }

        inline fn takeTop(heap: *Self, size: u32, flags: u32) u32 {
            const address = heap.top;
            heap.memory.word(address).* = size | flags;
            heap.top = address + size;
            return address;
        }

        fn takeAligned(heap: *Self, size: u32, alignment: u32) u32 {
            const found = heap.findAligned(size, alignment);
            if (found != 0) return heap.takeAlignedFree(found, size, alignment);
            if (!heap.extend(size, alignment)) return 0;
            const skipped = block.padding(heap.top, alignment);
            if (skipped == 0) return heap.takeTop(size, 0);
            heap.insertFree(heap.top, skipped);
            heap.top += skipped;
            return heap.takeTop(size, block.previous_free);
        }

        /// A free block that holds `size` behind the most padding that `alignment` can ask for.
        fn findAligned(heap: *Self, size: u32, alignment: u32) u32 {
            const worst = @as(u64, size) + alignment - block.granule_bytes;
            if (worst > max_request_bytes) return 0;
            return heap.findThoroughly(@intCast(worst));
        }

        /// As `find`, and then every free block of the class of `size`: the one search that has no bound. It comes
        /// before memory grows or a request is refused.
        fn findThoroughly(heap: *Self, size: u32) u32 {
            const found = heap.bins.find(&heap.memory, size);
            if (found != 0) return found;
            return heap.bins.findInClass(&heap.memory, size, std.math.maxInt(u32));
        }

        fn takeAlignedFree(heap: *Self, address: u32, size: u32, alignment: u32) u32 {
            const skipped = block.padding(address, alignment);
            if (skipped == 0) return heap.takeFree(address, size);
            const whole = block.sizeOf(heap.memory.word(address).*);
            heap.bins.remove(&heap.memory, address, whole);
            heap.insertFree(address, skipped);
            heap.settle(address + skipped, whole - skipped, size, block.previous_free);
            return address + skipped;
        }

        // Resizing in place, to both sides, before moving.

        fn resize(heap: *Self, address: u32, old_size: u32, size: u32) u32 {
            if (size <= old_size) return heap.shrink(address, old_size, size);
            if (heap.enlargeForward(address, old_size, size)) return address;
            const lower = heap.enlargeBackward(address, old_size, size);
            if (lower != 0) return lower;
            return heap.enlargeElsewhere(address, old_size, size);
        }

        fn shrink(heap: *Self, address: u32, old_size: u32, size: u32) u32 {
            if (planted(.realloc_shrinks_by_moving) and size < old_size / 2) {
                return heap.moveTo(heap.take(size), address, old_size, size);
            }
            if (size == old_size) return address;
            heap.setSize(address, size);
            heap.release(address + size, old_size - size, false);
            return address;
        }

        fn enlargeForward(heap: *Self, address: u32, old_size: u32, size: u32) bool {
            const next = address + old_size;
            if (next == heap.top) {
                if (size - old_size > heap.room()) return false;
                heap.setSize(address, size);
                heap.top = address + size;
                return true;
            }
            const whole = old_size + heap.freeSizeAt(next);
            if (planted(.realloc_takes_a_next_too_small) and whole > old_size and whole < size) {
                heap.setSize(address, size);
                return true;
            }
            if (whole < size) return false;
            heap.bins.remove(&heap.memory, next, whole - old_size);
            heap.settle(address, whole, size, block.flagsOf(heap.memory.word(address).*));
            return true;
        }

        /// The lower address, or 0.
        fn enlargeBackward(heap: *Self, address: u32, old_size: u32, size: u32) u32 {
            if (heap.memory.word(address).* & block.previous_free == 0) return 0;
            const lower_size = heap.memory.word(address - 4).*;
            const lower = address - lower_size;
            const next = address + old_size;
            const behind = if (next == heap.top) heap.room() else heap.freeSizeAt(next);
            const whole = lower_size + old_size + behind;
            if (whole < size) return 0;
            heap.bins.remove(&heap.memory, lower, lower_size);
            if (next != heap.top and behind != 0) heap.bins.remove(&heap.memory, next, behind);
            heap.slide(lower, address, old_size);
            if (next == heap.top) {
                heap.top = lower;
                return heap.takeTop(size, 0);
            }
            heap.settle(lower, whole, size, 0);
            return lower;
        }

        /// Moves the payload down; the two may overlap.
        fn slide(heap: *Self, lower: u32, address: u32, old_size: u32) void {
            const short: u32 = if (planted(.realloc_moves_back_a_word_short)) 4 else 0;
            const length = old_size - block.header_bytes - short;
            const to = heap.memory.bytes(lower + block.header_bytes, length);
            @memmove(to, heap.memory.bytes(address + block.header_bytes, length));
        }

        /// Into a free block; else memory grows under the last block; else into the heap's end.
        fn enlargeElsewhere(heap: *Self, address: u32, old_size: u32, size: u32) u32 {
            if (planted(.realloc_frees_before_it_has)) {
                heap.release(address, old_size, heap.memory.word(address).* & block.previous_free != 0);
                return heap.take(size);
            }
            const found = heap.findThoroughly(size);
            if (found != 0) return heap.moveTo(heap.takeFree(found, size), address, old_size, size);
            if (address + old_size == heap.top and heap.stretch(size - old_size)) {
                _ = heap.enlargeForward(address, old_size, size);
                return address;
            }
            const moved = heap.moveTo(heap.takeHard(size), address, old_size, size);
            return if (moved != 0) moved else heap.enlargeBackwardByGrowing(address, old_size, size);
        }

        /// The last resort: the free block before, this one, and memory grown under it.
        fn enlargeBackwardByGrowing(heap: *Self, address: u32, old_size: u32, size: u32) u32 {
            if (address + old_size != heap.top) return 0;
            if (heap.memory.word(address).* & block.previous_free == 0) return 0;
            const lower_size = heap.memory.word(address - 4).*;
            if (!heap.stretch(size - old_size - lower_size)) return 0;
            return heap.enlargeBackward(address, old_size, size);
        }

        fn moveTo(heap: *Self, taken: u32, address: u32, old_size: u32, size: u32) u32 {
            if (taken == 0) return 0;
            const length = @min(old_size, size) - block.header_bytes;
            const to = heap.memory.bytes(taken + block.header_bytes, length);
            @memcpy(to, heap.memory.bytes(address + block.header_bytes, length));
            heap.release(address, old_size, heap.memory.word(address).* & block.previous_free != 0);
            return taken;
        }

        // Blocks and their neighbours.

        /// The block at `address` becomes free, one with its free neighbours or with the top.
        inline fn release(heap: *Self, address: u32, size: u32, previous_is_free: bool) void {
            var start = address;
            var end = address + size;
            if (previous_is_free) {
                const lower_size = heap.memory.word(address - 4).*;
                start -= lower_size;
                heap.bins.remove(&heap.memory, start, lower_size);
            }
            if (end == heap.top) {
                heap.top = start;
                return;
            }
            const next_header = heap.memory.word(end).*;
            if (next_header & block.free != 0 and !planted(.coalesce_skips_the_next)) {
                heap.bins.remove(&heap.memory, end, block.sizeOf(next_header));
                end += block.sizeOf(next_header);
                if (planted(.coalesce_keeps_a_stale_footer)) return heap.insertFreeKeepingFooter(start, end - start);
            } else if (!planted(.coalesce_forgets_the_flag)) {
                heap.memory.word(end).* = next_header | block.previous_free;
            }
            heap.insertFree(start, end - start);
        }

        /// A block of `whole` bytes that is in no list is used for `size` of them; the rest is released.
        fn settle(heap: *Self, address: u32, whole: u32, size: u32, flags: u32) void {
            heap.memory.word(address).* = size | flags;
            if (whole == size) {
                heap.memory.word(address + size).* &= ~block.previous_free;
            } else {
                heap.release(address + size, whole - size, false);
            }
        }

        /// The rest of a free block that was cut. The block behind it has its flag already.
        inline fn splitOff(heap: *Self, address: u32, size: u32) void {
            if (planted(.split_starts_early)) return heap.insertFree(address - 16, size + 16);
            if (planted(.split_loses_the_rest)) {
                heap.memory.word(address).* = size;
                heap.memory.word(address + size).* &= ~block.previous_free;
                return;
            }
            heap.insertFree(address, size);
        }

        inline fn insertFree(heap: *Self, address: u32, size: u32) void {
            heap.memory.word(block.footer(address, size)).* = size;
            heap.insertFreeKeepingFooter(address, size);
        }

        inline fn insertFreeKeepingFooter(heap: *Self, address: u32, size: u32) void {
            heap.memory.word(address).* = size | block.free;
            heap.bins.insert(&heap.memory, address, size);
        }

        /// The size of the free block at `address`, 0 when it is in use.
        fn freeSizeAt(heap: *Self, address: u32) u32 {
            const header = heap.memory.word(address).*;
            return if (header & block.free != 0) block.sizeOf(header) else 0;
        }

        fn setSize(heap: *Self, address: u32, size: u32) void {
            const header = heap.memory.word(address);
            header.* = size | block.flagsOf(header.*);
        }

        // Regions and growth.

        /// Bytes that can be cut off the top.
        inline fn room(heap: *const Self) u32 {
            return heap.end - tail_bytes - heap.top;
        }

        pub fn record(heap: *const Self, region: u32) *Record {
            return @ptrCast(heap.memory.word(region));
        }

        /// True when there is a first region. False where the linker left no room for one.
        fn hasBegun(heap: *Self) bool {
            if (heap.first_region != 0) return true;
            const first = std.mem.alignForward(u32, heap.memory.firstByte(), block.granule_bytes);
            if (first + record_bytes + tail_bytes > heap.memory.initialEnd()) return false;
            heap.first_region = first;
            heap.record(first).* = .{ .end = heap.memory.initialEnd(), .next = 0 };
            heap.enterFirstRegion();
            return true;
        }

        fn enterFirstRegion(heap: *Self) void {
            heap.managed_bytes = 0;
            heap.enterRegion(heap.first_region);
            heap.setEnd(heap.memory.initialEnd());
        }

        /// The region's end is set afterwards: it has no room yet.
        fn enterRegion(heap: *Self, region: u32) void {
            heap.region = region;
            heap.top = region + record_bytes;
            heap.end = region + record_bytes + tail_bytes;
        }

        fn setEnd(heap: *Self, end: u32) void {
            heap.managed_bytes += end - heap.end;
            heap.end = end;
        }

        /// Makes the top hold `size` bytes and the padding that `alignment` asks for. False: nothing has changed.
        fn extend(heap: *Self, size: u32, alignment: u32) bool {
            if (!heap.hasBegun()) return false;
            const needed = @as(u64, size) + block.padding(heap.top, alignment);
            if (needed <= heap.room() or heap.stretch(needed)) return true;
            const region = heap.regionBeyond(size, alignment);
            if (region == 0) return false;
            heap.hopTo(region);
            heap.setEnd(@intCast(endInRegion(region, size, alignment)));
            heap.statistics.growths += 1;
            return true;
        }

        /// Makes the top hold `needed` bytes without leaving its region. False: nothing has changed.
        fn stretch(heap: *Self, needed: u64) bool {
            const end = endFor(heap.top + needed);
            if (!heap.ownsUpTo(heap.region, end)) return false;
            heap.setEnd(@intCast(end));
            heap.statistics.growths += 1;
            return true;
        }

        /// True when the region's memory reaches `end`, or does so now, grown by what was missing.
        fn ownsUpTo(heap: *Self, region: u32, end: u64) bool {
            const owner = heap.record(region);
            if (end <= owner.end) return true;
            if (end > end_limit or owner.next != 0) return false;
            if (heap.isForeignBehind(owner.end)) return false;
            const missing_pages: u32 = @intCast((end - owner.end) / page_bytes);
            if (heap.growBy(missing_pages) == null) return false;
            owner.end = @intCast(end);
            return true;
        }

        fn isForeignBehind(heap: *Self, end: u32) bool {
            if (planted(.growth_ignores_foreign_pages)) return false;
            return heap.memory.pages() != end / page_bytes;
        }

        fn growBy(heap: *Self, more_pages: u32) ?u32 {
            if (planted(.growth_rounds_down)) return heap.memory.grow(more_pages - 1);
            if (planted(.growth_doubles)) return heap.memory.grow(more_pages * 2) orelse heap.memory.grow(more_pages);
            if (planted(.growth_ignores_a_refusal)) return heap.memory.grow(more_pages) orelse heap.memory.pages();
            return heap.memory.grow(more_pages);
        }

        /// A region after this one that holds the request; the last may grow for it, or be made for it. Or 0.
        fn regionBeyond(heap: *Self, size: u32, alignment: u32) u32 {
            var region = heap.region;
            while (heap.record(region).next != 0) {
                region = heap.record(region).next;
                if (heap.ownsUpTo(region, endInRegion(region, size, alignment))) return region;
            }
            return heap.newRegionAfter(region, size, alignment);
        }

        fn newRegionAfter(heap: *Self, last: u32, size: u32, alignment: u32) u32 {
            if (!heap.isForeignBehind(heap.record(last).end)) return 0;
            const before = heap.memory.pages();
            if (before >= end_limit / page_bytes) return 0;
            const region = before * page_bytes;
            const end = endInRegion(region, size, alignment);
            if (end > end_limit) return 0;
            if (heap.growBy(@intCast(end / page_bytes - before)) == null) return 0;
            heap.record(region).* = .{ .end = @intCast(end), .next = 0 };
            heap.record(last).next = region;
            return region;
        }

        /// Leaves this region and those between for good; what is left of each goes to the bins.
        fn hopTo(heap: *Self, region: u32) void {
            while (heap.region != region) {
                heap.setEnd(heap.record(heap.region).end);
                heap.hop(heap.record(heap.region).next);
            }
        }

        fn hop(heap: *Self, next_region: u32) void {
            const tail = heap.end - tail_bytes;
            const left = heap.room();
            if (left != 0) heap.insertFree(heap.top, left);
            const flags = block.foreign | if (left != 0) block.previous_free else 0;
            heap.enterRegion(next_region);
            heap.memory.word(tail).* = (heap.top - tail) | flags;
        }

        /// Where a region must end for the block that begins as its first.
        fn endInRegion(region: u32, size: u32, alignment: u32) u64 {
            const first = region + record_bytes;
            return endFor(@as(u64, first) + block.padding(first, alignment) + size);
        }

        /// The page end that leaves room for a tail behind a block that ends at `block_end`.
        fn endFor(block_end: u64) u64 {
            return std.mem.alignForward(u64, block_end + tail_bytes, page_bytes);
        }

        // Counting. A block counts with its payload, which is its size less the header.

        inline fn countIn(heap: *Self, size: u32) void {
            heap.statistics.live_blocks += 1;
            heap.statistics.live_bytes += size - block.header_bytes;
            heap.raisePeak();
        }

        inline fn countOut(heap: *Self, size: u32) void {
            heap.statistics.live_blocks -= 1;
            heap.statistics.live_bytes -= size - block.header_bytes;
        }

        fn countResized(heap: *Self, old_size: u32, size: u32) void {
            if (planted(.statistics_forget_shrinking) and size < old_size) return;
            heap.statistics.live_bytes = heap.statistics.live_bytes + size - old_size;
            if (!planted(.statistics_peak_without_realloc)) heap.raisePeak();
        }

        inline fn raisePeak(heap: *Self) void {
            if (heap.statistics.live_bytes > heap.statistics.peak_bytes) {
                heap.statistics.peak_bytes = heap.statistics.live_bytes;
            }
        }

        fn refuse(heap: *Self) u32 {
            heap.statistics.failed_requests +%= 1;
            return 0;
        }

        /// A request for nothing is no request: it gets NULL and is not counted.
        fn refuseUnlessZero(heap: *Self, size_bytes: u32) u32 {
            return if (size_bytes == 0) 0 else heap.refuse();
        }
    };
}

/// True for what cannot be met and for 0: one comparison for both, since `malloc` asks every time.
inline fn isImpossible(size_bytes: u32) bool {
    if (planted(.size_wraps)) return size_bytes == 0;
    return size_bytes -% 1 >= max_request_bytes;
}
