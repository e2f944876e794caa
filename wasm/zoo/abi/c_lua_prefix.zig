//! C names behind `lua_`.
const zoo = @import("zoo");

comptime {
    zoo.exportC(zoo.ListHeap(.{}), "lua_");
}
