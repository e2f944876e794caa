//! The reclaiming allocator with one fault planted; its name comes from the module `planted`, which the build writes.

const std = @import("std");
const Fault = @import("reclaiming_fault.zig").Fault;

pub const planted_fault: Fault = std.meta.stringToEnum(Fault, @import("planted").name).?;

comptime {
    _ = @import("reclaiming.zig");
}
