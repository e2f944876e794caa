//! The block that was freed last waits for the next one, whatever happens.
const zoo = @import("zoo");

comptime {
    zoo.exportC(zoo.ListHeap(.{ .quarantine = 1, .quarantine_is_strict = true }), "");
}
