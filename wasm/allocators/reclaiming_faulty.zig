//! The reclaiming allocator with every fault compiled in and none selected. The build writes one copy of the module a
//! fault, with its number behind the marker, as it does for the zoo.

const marker = "heaplaw zoo fault number";

var selector: extern struct { marker: [marker.len]u8, number: u32 } = .{ .marker = marker.*, .number = 0 };

/// Read through volatile: the optimizer must not assume the number it sees.
pub fn selectedFault() u32 {
    return @as(*volatile u32, &selector.number).*;
}

comptime {
    _ = @import("reclaiming.zig");
}
