//! Freed blocks wait until 32 others are freed before they are used again.
const zoo = @import("zoo");

comptime {
    zoo.exportC(zoo.ListHeap(.{ .quarantine = 32 }), "");
}
