//! Guard words around every block: it traps when one has changed, and only then.
const zoo = @import("zoo");

comptime {
    zoo.exportC(zoo.ListHeap(.{ .canaries = true }), "");
}
