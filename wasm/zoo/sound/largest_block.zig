//! No block is larger than 40,000 bytes.
const zoo = @import("zoo");

comptime {
    zoo.exportC(zoo.ListHeap(.{ .largest_bytes = 40_000 }), "");
}
