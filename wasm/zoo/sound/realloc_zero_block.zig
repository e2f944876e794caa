//! realloc(p, 0) keeps a block, which C allows, and so does malloc(0).
const zoo = @import("zoo");

comptime {
    zoo.exportC(zoo.ListHeap(.{ .zero_is_a_block = true, .realloc_zero_is_a_block = true }), "");
}
