//! Places blocks by a pseudo-random choice, the same in every instance.
const zoo = @import("zoo");

comptime {
    zoo.exportC(zoo.ListHeap(.{ .scatters = true }), "");
}
