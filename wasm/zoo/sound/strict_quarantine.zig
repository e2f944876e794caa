//! Freed blocks wait for 16 others, whatever happens.
const zoo = @import("zoo");

comptime {
    zoo.exportC(zoo.ListHeap(.{ .quarantine = 16, .quarantine_is_strict = true }), "");
}
