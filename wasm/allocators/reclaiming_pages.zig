//! Where the reclaiming heap gets its pages from: the module's own linear memory, or a buffer that plays one in tests.
//! Addresses are 32 bits wide in both.

const std = @import("std");

pub const page_bytes: u32 = 65536;

/// The linear memory of this module.
pub const LinearMemory = struct {
    /// Set by the linker: the first byte behind stack and data, and the end of the memory the module starts with.
    const symbols = struct {
        extern var __heap_base: u8;
        extern var __heap_end: u8;
    };

    pub inline fn firstByte(_: LinearMemory) u32 {
        return @intFromPtr(&symbols.__heap_base);
    }

    pub inline fn initialEnd(_: LinearMemory) u32 {
        return @intFromPtr(&symbols.__heap_end);
    }

    pub inline fn word(_: LinearMemory, address: u32) *u32 {
        return @ptrFromInt(address);
    }

    pub inline fn bytes(_: LinearMemory, address: u32, length: u32) []u8 {
        return @as([*]u8, @ptrFromInt(address))[0..length];
    }

    pub fn pages(_: LinearMemory) u32 {
        return @wasmMemorySize(0);
    }

    /// The number of pages before, or null when memory refuses.
    pub fn grow(_: LinearMemory, more: u32) ?u32 {
        const before = @wasmMemoryGrow(0, more);
        return if (before < 0) null else @intCast(before);
    }
};

/// A memory that grows inside a buffer, refuses where the test wants it, and can be grown behind the heap's back.
pub const SimulatedMemory = struct {
    buffer: []align(page_bytes) u8,
    page_count: u32,
    initial_pages: u32,
    /// How many more growths are granted; the one after is refused, and then they are granted again.
    growths_until_refusal: u32 = std.math.maxInt(u32),

    /// Address 0 is never handed out, as in a module whose stack or data lies there.
    const first_byte = 1000;

    pub fn init(buffer: []align(page_bytes) u8, initial_pages: u32) SimulatedMemory {
        return .{ .buffer = buffer, .page_count = initial_pages, .initial_pages = initial_pages };
    }

    pub fn firstByte(_: SimulatedMemory) u32 {
        return first_byte;
    }

    pub fn initialEnd(memory: SimulatedMemory) u32 {
        return memory.initial_pages * page_bytes;
    }

    pub fn word(memory: SimulatedMemory, address: u32) *u32 {
        std.debug.assert(address + 4 <= memory.page_count * page_bytes);
        return @ptrCast(@alignCast(memory.buffer.ptr + address));
    }

    pub fn bytes(memory: SimulatedMemory, address: u32, length: u32) []u8 {
        std.debug.assert(address + length <= memory.page_count * page_bytes);
        return memory.buffer[address..][0..length];
    }

    pub fn pages(memory: SimulatedMemory) u32 {
        return memory.page_count;
    }

    pub fn grow(memory: *SimulatedMemory, more: u32) ?u32 {
        if (memory.growths_until_refusal == 0) {
            memory.growths_until_refusal = std.math.maxInt(u32);
            return null;
        }
        if (more > memory.buffer.len / page_bytes - memory.page_count) return null;
        memory.growths_until_refusal -= 1;
        defer memory.page_count += more;
        return memory.page_count;
    }
};
