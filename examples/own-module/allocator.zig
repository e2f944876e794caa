//! A small allocator to fuzz: blocks of 16, 32, 64, ... bytes, a free list for each size, memory grown page by page.

const std = @import("std");

const page_bytes = 65536;
const smallest_bytes = 16;
const largest_bytes = 1 << 20;
const class_count = std.math.log2_int(usize, largest_bytes / smallest_bytes) + 1;

/// In front of every block: its class while it is live, the next free block of its class while it is free.
const Header = extern struct { class: usize, next: ?*Header };

comptime {
    std.debug.assert(@sizeOf(Header) == 8);
}

var free_blocks: [class_count]?*Header = @splat(null);
/// Where the bytes begin that no block has had yet; 0 until the first block.
var top: usize = 0;

extern var __heap_base: u8;

export fn malloc(size: usize) ?[*]u8 {
    if (size == 0 or size > largest_bytes - @sizeOf(Header)) return null;
    const class = classOf(size);
    const header = reuse(class) orelse carve(class) orelse return null;
    header.* = .{ .class = class, .next = null };
    return @as([*]u8, @ptrCast(header)) + @sizeOf(Header);
}

export fn free(pointer: ?[*]u8) void {
    const header: *Header = @ptrCast(@alignCast((pointer orelse return) - @sizeOf(Header)));
    header.next = free_blocks[header.class];
    free_blocks[header.class] = header;
}

fn classOf(size: usize) usize {
    const granules = (size + @sizeOf(Header) + smallest_bytes - 1) / smallest_bytes;
    return std.math.log2_int_ceil(usize, granules);
}

fn reuse(class: usize) ?*Header {
    const header = free_blocks[class] orelse return null;
    free_blocks[class] = header.next;
    return header;
}

fn carve(class: usize) ?*Header {
    if (top == 0) top = std.mem.alignForward(usize, @intFromPtr(&__heap_base), smallest_bytes);
    const end = top + (@as(usize, smallest_bytes) << @intCast(class));
    const memory_end = @wasmMemorySize(0) * page_bytes;
    if (end > memory_end) {
        const pages = (end - memory_end + page_bytes - 1) / page_bytes;
        if (@wasmMemoryGrow(0, pages) < 0) return null;
    }
    defer top = end;
    return @ptrFromInt(top);
}
