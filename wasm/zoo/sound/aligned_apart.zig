//! aligned_alloc refuses alignments below 32 and gives blocks of 0 bytes, which malloc does not.
const zoo = @import("zoo");

comptime {
    zoo.exportC(zoo.ListHeap(.{ .least_alignment = 32 }), "");
}
