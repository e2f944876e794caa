//! K&R's list with 4-byte alignment, as on small 32-bit machines.
const zoo = @import("zoo");

comptime {
    zoo.exportC(zoo.ListHeap(.{ .alignment = 4 }), "");
}
