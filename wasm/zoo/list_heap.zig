//! A free list with options: the core of the sound allocators that look odd, and of the modules of each ABI.
//!
//!     +0 size of the block, in bytes   +4 canary, where asked for   +header the user's bytes
//!
//! Free blocks keep the address of the next in their first user word. Nothing else is stored, so memory that grew and
//! happens to lie behind ours joins it, and memory that another has grown is never touched.
pub const memory = @import("memory.zig");
pub const emscripten = @import("emscripten.zig");
pub const exportC = @import("export_c.zig").exportC;
pub const OverMalloc = @import("over_malloc.zig").OverMalloc;
const alignUp = memory.alignUp;

pub const Options = struct {
    /// Every pointer is a multiple of this; 4, 8 or 16.
    alignment: u32 = 16,
    /// malloc(0) is a block of its own, not NULL.
    zero_is_a_block: bool = false,
    /// realloc(p, 0) keeps a block, instead of freeing it.
    realloc_zero_is_a_block: bool = false,
    joins: enum { never, at_free, when_full } = .at_free,
    growth: enum { none, exact, doubling, sixteen_pages } = .exact,
    /// Larger requests are refused.
    largest_bytes: u32 = largest_request_bytes,
    /// Where so many blocks live, no other is given.
    most_blocks: u32 = 0xffff_ffff,
    /// A block that shrinks keeps all it has.
    keeps_when_shrunk: bool = false,
    /// Freed blocks are only marked, and come back when nothing fits.
    sweeps: bool = false,
    /// A word before and one behind the user's bytes; where one has changed, free and realloc trap.
    canaries: bool = false,
    /// Freed blocks that wait before they may be used again.
    quarantine: u32 = 0,
    /// They wait even where nothing else is left.
    quarantine_is_strict: bool = false,
    /// aligned_alloc is never asked for less, and gives a block for 0 bytes, whatever malloc does.
    least_alignment: u32 = 1,
    /// Blocks are placed by a pseudo-random choice that is the same in every instance.
    scatters: bool = false,
    /// Answers where `pages` new pages begin, or null.
    grow: fn (pages: u32) ?u32 = memory.grow,
    /// Where the head of the list is kept.
    State: type = MemoryState,
};

/// The state as variables of the module. `InGlobals` in `sound/globals.zig` is the other kind.
pub const MemoryState = struct {
    var head: u32 = 0;
    var begun: u32 = 0;
    pub fn getHead() u32 {
        return head;
    }
    pub fn setHead(block: u32) void {
        head = block;
    }
    pub fn getBegun() u32 {
        return begun;
    }
    pub fn setBegun(value: u32) void {
        begun = value;
    }
};

/// Above any memory these modules can have, and so low that no sum with it wraps.
const largest_request_bytes = 1 << 30;
const canary = 0x5AFE_B10C;

pub fn ListHeap(comptime options: Options) type {
    return struct {
        const State = options.State;
        /// Without joining, the gaps that alignment leaves would pile up.
        pub const aligns = options.joins != .never;
        pub const calloc = OverMalloc(@This()).calloc;
        const header_bytes: u32 = if (options.canaries) @max(8, options.alignment) else options.alignment;
        const tail_bytes: u32 = if (options.canaries) options.alignment else 0;
        const smallest_block_bytes = header_bytes + @max(4, options.alignment) + tail_bytes;

        var waiting = [_]u32{0} ** @max(1, options.quarantine);
        var oldest: u32 = 0;
        /// Where nothing joins, only memory that was never handed out is cut: blocks that were would crumble for good.
        var uncut: u32 = 0;
        var random: u32 = 0x2545_F491;
        /// The first freed block that was not swept yet.
        var dead: u32 = 0;
        var live: u32 = 0;

        pub fn malloc(size: u32) callconv(.c) u32 {
            if (size == 0 and !options.zero_is_a_block) return 0;
            if (size > options.largest_bytes or live == options.most_blocks) return 0;
            const block = acquire(blockBytes(size));
            if (block == 0) return 0;
            live += 1;
            return hand(block, blockBytes(size));
        }

        pub fn free(pointer: u32) callconv(.c) void {
            if (pointer == 0) return;
            check(pointer);
            live -= 1;
            const block = pointer - header_bytes;
            if (options.sweeps) {
                memory.set(block + header_bytes, dead);
                dead = block;
                return;
            }
            if (options.quarantine == 0) return release(block);
            const released = waiting[oldest];
            waiting[oldest] = block;
            oldest = (oldest + 1) % options.quarantine;
            if (released != 0) release(released);
        }

        pub fn realloc(pointer: u32, size: u32) callconv(.c) u32 {
            if (pointer == 0) return malloc(size);
            check(pointer);
            if (size == 0 and !options.realloc_zero_is_a_block) {
                free(pointer);
                return 0;
            }
            if (size > options.largest_bytes) return 0;
            const block = pointer - header_bytes;
            if (blockBytes(size) > sizeOf(block)) return move(pointer, size);
            if (options.keeps_when_shrunk) return pointer;
            return hand(block, blockBytes(size));
        }

        pub fn aligned_alloc(alignment: u32, size: u32) callconv(.c) u32 {
            if (!memory.isPowerOfTwo(alignment) or alignment > largest_request_bytes) return 0;
            if (alignment < options.least_alignment) return 0;
            if (alignment <= options.alignment) return malloc(size);
            if (size == 0 and !options.zero_is_a_block and options.least_alignment == 1) return 0;
            if (size > options.largest_bytes or live == options.most_blocks) return 0;
            const needed = blockBytes(size);
            const block = acquire(needed + alignment + smallest_block_bytes);
            if (block == 0) return 0;
            live += 1;
            return hand(cutGap(block, alignment), needed);
        }

        pub fn malloc_usable_size(pointer: u32) callconv(.c) u32 {
            return if (pointer == 0) 0 else sizeOf(pointer - header_bytes) - header_bytes - tail_bytes;
        }

        fn blockBytes(size: u32) u32 {
            return @max(smallest_block_bytes, header_bytes + alignUp(size, options.alignment) + tail_bytes);
        }

        /// A block of at least `needed` bytes, off the list; 0 when there is none.
        fn acquire(needed: u32) u32 {
            if (State.getBegun() == 0) begin();
            var block = take(needed);
            if (block == 0 and tidies()) block = take(needed);
            if (block == 0 and growFor(needed)) block = take(needed);
            return block;
        }

        fn begin() void {
            State.setBegun(1);
            addMemory(memory.base(), memory.sizeBytes());
        }

        fn addMemory(from: u32, to: u32) void {
            setSize(from, to - from);
            uncut = from;
            release(from);
        }

        fn growFor(needed: u32) bool {
            const least = (needed + memory.page_bytes - 1) / memory.page_bytes;
            const more = switch (options.growth) {
                .none => return false,
                .exact => least,
                .doubling => @max(least, memory.sizeBytes() / memory.page_bytes),
                .sixteen_pages => alignUp(least, 16),
            };
            var pages = more;
            const from = options.grow(more) orelse fallback: {
                pages = least;
                if (least == more) return false;
                break :fallback options.grow(least) orelse return false;
            };
            addMemory(from, from + pages * memory.page_bytes);
            return true;
        }

        /// Takes the first block that is large enough, or where it scatters, one of those.
        fn take(needed: u32) u32 {
            var before: u32 = 0;
            var chosen: u32 = 0;
            var chosen_before: u32 = 0;
            var block = State.getHead();
            while (block != 0) : (block = next(block)) {
                if (sizeOf(block) >= needed) {
                    if (chosen == 0 or chance()) {
                        chosen = block;
                        chosen_before = before;
                    }
                    if (!options.scatters) break;
                }
                before = block;
            }
            if (chosen != 0) setNext(chosen_before, next(chosen));
            return chosen;
        }

        /// xorshift32.
        fn chance() bool {
            if (!options.scatters) return false;
            random ^= random << 13;
            random ^= random >> 17;
            random ^= random << 5;
            return random % 3 == 0;
        }

        /// Makes a block of `needed` bytes live, and frees what it has beyond that.
        fn hand(block: u32, needed: u32) u32 {
            const size = sizeOf(block);
            if (size - needed >= smallest_block_bytes and mayCut(block)) {
                setSize(block, needed);
                setSize(block + needed, size - needed);
                uncut = block + needed;
                release(block + needed);
            }
            if (options.canaries) {
                memory.set(block + 4, canary ^ block);
                memory.set(block + sizeOf(block) - 4, canary ^ block);
            }
            return block + header_bytes;
        }

        fn mayCut(block: u32) bool {
            return options.joins != .never or block == uncut;
        }

        fn check(pointer: u32) void {
            if (!options.canaries) return;
            const block = pointer - header_bytes;
            if (memory.get(block + 4) != canary ^ block) @trap();
            if (memory.get(block + sizeOf(block) - 4) != canary ^ block) @trap();
        }

        fn cutGap(block: u32, alignment: u32) u32 {
            var pointer = alignUp(block + header_bytes, alignment);
            if (pointer == block + header_bytes) return block;
            while (pointer - header_bytes - block < smallest_block_bytes) pointer += alignment;
            const aligned = pointer - header_bytes;
            setSize(aligned, sizeOf(block) - (aligned - block));
            setSize(block, aligned - block);
            release(block);
            return aligned;
        }

        fn move(pointer: u32, size: u32) u32 {
            const moved = malloc(size);
            if (moved == 0) return 0;
            memory.copy(moved, pointer, malloc_usable_size(pointer));
            free(pointer);
            return moved;
        }

        fn release(block: u32) void {
            if (options.joins == .at_free) return insert(block);
            setNext(block, State.getHead());
            State.setHead(block);
        }

        /// Puts a block at its place by address, and joins it with the free blocks it touches.
        fn insert(block: u32) void {
            var before: u32 = 0;
            var after = State.getHead();
            while (after != 0 and after < block) : (after = next(after)) before = after;
            setNext(block, after);
            setNext(before, block);
            if (after == block + sizeOf(block)) absorb(block, after);
            if (before != 0 and before + sizeOf(before) == block) absorb(before, block);
        }

        fn absorb(block: u32, after: u32) void {
            setNext(block, next(after));
            setSize(block, sizeOf(block) + sizeOf(after));
        }

        /// Ends the quarantine and joins what can be joined; false when there is nothing of the kind to do.
        fn tidies() bool {
            if (options.quarantine_is_strict) return false;
            if (options.quarantine > 0) {
                for (&waiting) |*block| {
                    if (block.* != 0) release(block.*);
                    block.* = 0;
                }
            }
            while (dead != 0) {
                const block = dead;
                dead = next(block);
                release(block);
            }
            if (options.joins == .when_full) joinAll();
            return options.quarantine > 0 or options.sweeps or options.joins == .when_full;
        }

        fn joinAll() void {
            var block = State.getHead();
            State.setHead(0);
            while (block != 0) {
                const following = next(block);
                insert(block);
                block = following;
            }
        }

        fn sizeOf(block: u32) u32 {
            return memory.get(block);
        }

        fn setSize(block: u32, bytes: u32) void {
            memory.set(block, bytes);
        }

        fn next(block: u32) u32 {
            return memory.get(block + header_bytes);
        }

        /// Links `other` behind `block`; behind 0 it becomes the head.
        fn setNext(block: u32, other: u32) void {
            if (block == 0) State.setHead(other) else memory.set(block + header_bytes, other);
        }
    };
}

const expect = @import("std").testing.expect;

fn restart() void {
    memory.restart(2);
    MemoryState.setHead(0);
    MemoryState.setBegun(0);
}

test "blocks join whatever the order of frees, at once or when the heap is full" {
    inline for (.{ ListHeap(.{}), ListHeap(.{ .joins = .when_full }), ListHeap(.{ .quarantine = 3 }) }) |Heap| {
        restart();
        var pointers: [40]u32 = undefined;
        for (&pointers) |*pointer| pointer.* = Heap.malloc(3000);
        for (0..40) |index| Heap.free(pointers[(index * 7) % 40]);
        try expect(Heap.malloc(110_000) != 0);
        try expect(memory.sizeBytes() == 2 * memory.page_bytes);
    }
}

test "alignment is what was promised, and no more by accident" {
    inline for (.{ 4, 8, 16 }) |alignment| {
        restart();
        const Heap = ListHeap(.{ .alignment = alignment });
        var seen: u32 = 0;
        for (1..50) |size| seen |= Heap.malloc(@intCast(size));
        try expect(seen & (2 * alignment - 1) == alignment);
        try expect(Heap.aligned_alloc(1024, 5) % 1024 == 0);
    }
}

test "the memory grows by what the option says, and by the least when that is refused" {
    restart();
    const Doubling = ListHeap(.{ .growth = .doubling });
    _ = Doubling.malloc(200_000);
    try expect(memory.sizeBytes() == 6 * memory.page_bytes);
    _ = Doubling.malloc(3_000_000);
    try expect(memory.sizeBytes() == (6 + 46) * memory.page_bytes);
    try expect(Doubling.malloc(700_000) != 0);
    try expect(Doubling.malloc(700_000) == 0);
}
