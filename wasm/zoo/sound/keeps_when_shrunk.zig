//! A block that shrinks keeps all it has; memory never grows.
const zoo = @import("zoo");

comptime {
    zoo.exportC(zoo.ListHeap(.{ .growth = .none, .keeps_when_shrunk = true }), "");
}
