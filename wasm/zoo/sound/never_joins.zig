//! A last-in first-out list that never joins free blocks: it fragments, and that is no defect.
const zoo = @import("zoo");

comptime {
    zoo.exportC(zoo.ListHeap(.{ .joins = .never }), "");
}
