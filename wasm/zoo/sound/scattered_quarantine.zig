//! Several oddities at once: scattered, 8-aligned, guarded, with a quarantine.
const zoo = @import("zoo");

comptime {
    zoo.exportC(zoo.ListHeap(.{ .alignment = 8, .scatters = true, .canaries = true, .quarantine = 5, .growth = .sixteen_pages }), "");
}
