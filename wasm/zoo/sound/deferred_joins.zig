//! A last-in first-out list that joins free blocks only when nothing fits.
const zoo = @import("zoo");

comptime {
    zoo.exportC(zoo.ListHeap(.{ .joins = .when_full }), "");
}
