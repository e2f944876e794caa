//! Doubles its memory when it is full.
const zoo = @import("zoo");

comptime {
    zoo.exportC(zoo.ListHeap(.{ .growth = .doubling }), "");
}
