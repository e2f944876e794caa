//! Freed blocks come back when nothing fits.
const zoo = @import("zoo");

comptime {
    zoo.exportC(zoo.ListHeap(.{ .sweeps = true }), "");
}
