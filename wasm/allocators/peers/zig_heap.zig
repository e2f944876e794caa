//! A peer taken as it is: the allocator of Zig's standard library for WebAssembly, behind C's malloc and free.
//!
//! Zig's interface wants the size back when a block is freed, so it is kept before the payload, in as many bytes as
//! keep the payload 16-aligned.

const std = @import("std");
const peer = std.heap.wasm_allocator;

const alignment_bytes = 16;
const header_bytes = alignment_bytes;

export fn malloc(size_bytes: usize) ?*anyopaque {
    if (size_bytes == 0) return null;
    const whole_bytes = std.math.add(usize, size_bytes, header_bytes) catch return null;
    const whole = peer.alignedAlloc(u8, .fromByteUnits(alignment_bytes), whole_bytes) catch return null;
    std.mem.writeInt(usize, whole[0..@sizeOf(usize)], whole_bytes, .little);
    return whole.ptr + header_bytes;
}

export fn free(pointer: ?*anyopaque) void {
    const payload: [*]align(alignment_bytes) u8 = @ptrCast(@alignCast(pointer orelse return));
    const start = payload - header_bytes;
    peer.free(start[0..std.mem.readInt(usize, start[0..@sizeOf(usize)], .little)]);
}
