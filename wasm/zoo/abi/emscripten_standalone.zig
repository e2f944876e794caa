//! Emscripten's standalone mode: the module grows its own memory and notifies the glue.
const zoo = @import("zoo");

comptime {
    zoo.exportC(zoo.ListHeap(.{ .grow = zoo.emscripten.growAndNotify }), "");
}

export fn _initialize() void {}
