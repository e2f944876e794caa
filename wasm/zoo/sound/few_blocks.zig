//! No more than 100 blocks live at once; memory never grows.
const zoo = @import("zoo");

comptime {
    zoo.exportC(zoo.ListHeap(.{ .growth = .none, .most_blocks = 100 }), "");
}
