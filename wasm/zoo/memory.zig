//! Linear memory as the zoo's allocators see it: addresses are plain 32-bit numbers.
//! On wasm it is the module's own memory; in native tests it is an array of the same shape.
const builtin = @import("builtin");

pub const page_bytes = 65536;

const on_wasm = builtin.cpu.arch == .wasm32;

/// Native tests run in this many pages; it is the maximum the build gives to the growing allocators.
const simulated_maximum_pages = 64;
var simulated: [if (on_wasm) 0 else simulated_maximum_pages * page_bytes]u8 align(page_bytes) = undefined;
var simulated_pages: u32 = 2;

extern const __heap_base: u8;

/// The first address that neither the stack nor static data uses, rounded so that it stays where it is when a few bytes
/// of data come or go: the zoo's shortest traces count on it.
pub fn base() u32 {
    return if (on_wasm) alignUp(@intFromPtr(&__heap_base), 4096) else 1024;
}

/// The size of memory now, in bytes. The zoo's modules have a maximum far below 4 GiB.
pub fn sizeBytes() u32 {
    return if (on_wasm) @as(u32, @wasmMemorySize(0)) * page_bytes else simulated_pages * page_bytes;
}

/// Grows memory; answers the address where the new pages begin, or null when refused.
pub fn grow(pages: u32) ?u32 {
    if (on_wasm) {
        const before = @wasmMemoryGrow(0, pages);
        return if (before == -1) null else @as(u32, @intCast(before)) * page_bytes;
    }
    if (pages > simulated_maximum_pages - simulated_pages) return null;
    const before = simulated_pages;
    simulated_pages += pages;
    return before * page_bytes;
}

/// Native tests only: memory of `pages` pages, full of junk, as nobody promised zeroes.
pub fn restart(pages: u32) void {
    @memset(&simulated, 0xA5);
    simulated_pages = pages;
}

pub fn at(address: u32) [*]u8 {
    return if (on_wasm) @ptrFromInt(address) else simulated[address..].ptr;
}

pub fn get(address: u32) u32 {
    return @as(*u32, @ptrCast(@alignCast(at(address)))).*;
}

pub fn set(address: u32, value: u32) void {
    @as(*u32, @ptrCast(@alignCast(at(address)))).* = value;
}

pub fn copy(to: u32, from: u32, bytes: u32) void {
    @memmove(at(to)[0..bytes], at(from)[0..bytes]);
}

pub fn fill(address: u32, byte: u8, bytes: u32) void {
    @memset(at(address)[0..bytes], byte);
}

/// `value` rounded up to a multiple of `alignment`, a power of two; wraps past 2^32, so check the range first.
pub fn alignUp(value: u32, alignment: u32) u32 {
    return (value +% (alignment - 1)) & ~(alignment - 1);
}

pub fn isPowerOfTwo(value: u32) bool {
    return @popCount(value) == 1;
}

/// The bytes of `count` elements of `size`, or null when they cannot be counted in 32 bits.
pub fn product(count: u32, size: u32) ?u32 {
    const result, const overflowed = @mulWithOverflow(count, size);
    return if (overflowed == 1) null else result;
}
