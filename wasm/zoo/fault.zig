//! Which single fault an allocator has. The build compiles an allocator once and writes one copy of the module a
//! fault, with the number after `marker` set; 0 is the sound form.

/// Found by `faults.ts` in the module's data. Its length keeps the number aligned.
const marker = "heaplaw zoo fault number";

var selector: extern struct { marker: [marker.len]u8, number: u32 } = .{ .marker = marker.*, .number = 0 };

/// Tells an allocator which of its faults is selected. `Fault` is its enum, with `none` first.
pub fn Selected(comptime Fault: type) type {
    return struct {
        /// Read through volatile: the optimizer must not assume the number it sees at compile time.
        pub inline fn has(comptime fault: Fault) bool {
            return @as(*volatile u32, &selector.number).* == @intFromEnum(fault);
        }
    };
}
