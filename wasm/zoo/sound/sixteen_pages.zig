//! Grows by a multiple of 16 pages.
const zoo = @import("zoo");

comptime {
    zoo.exportC(zoo.ListHeap(.{ .growth = .sixteen_pages }), "");
}
