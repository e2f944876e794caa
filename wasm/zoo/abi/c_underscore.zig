//! C names with an underscore, as Emscripten gives them.
const zoo = @import("zoo");

comptime {
    zoo.exportC(zoo.ListHeap(.{}), "_");
}
