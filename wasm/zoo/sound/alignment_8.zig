//! K&R's list with 8-byte alignment: enough for double, less than max_align_t.
const zoo = @import("zoo");

comptime {
    zoo.exportC(zoo.ListHeap(.{ .alignment = 8 }), "");
}
