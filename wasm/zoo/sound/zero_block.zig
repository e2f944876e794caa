//! malloc(0) is a block of its own, which C allows.
const zoo = @import("zoo");

comptime {
    zoo.exportC(zoo.ListHeap(.{ .zero_is_a_block = true }), "");
}
