//! A block of the reclaiming heap, named by the address of its header.
//!
//!   address ≡ 12 (mod 16)                     multiple of 16
//!   ┌────────┐┌──────────────────────────────────────────────────────┐
//!   │ header ││ payload, usable to the last byte                      │  in use
//!   └────────┘└──────────────────────────────────────────────────────┘
//!   ┌────────┐┌────────┬──────────┬─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─┬──────────┐
//!   │ header ││ next   │ previous │                          │ footer   │  free
//!   └────────┘└────────┴──────────┴─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─┴──────────┘
//!
//! The header is the block's size in bytes, header included, a multiple of 16, with flags in its low bits. The footer
//! repeats the size and is read only by the block behind, when its `previous_free` says that there is one. `next` and
//! `previous` link the free blocks of one size class. The header is the whole overhead of a block in use.

const std = @import("std");
const planted = @import("reclaiming_fault.zig").has;

/// Payloads are multiples of this and so are block sizes. `max_align_t` on wasm32.
pub const granule_bytes: u32 = 16;
pub const header_bytes: u32 = 4;
/// Header, two links and a footer fill the smallest block exactly.
pub const minimum_bytes: u32 = 16;

pub const free: u32 = 1;
pub const previous_free: u32 = 2;
/// Not a block but the way over memory that somebody else grew. Counts as in use.
pub const foreign: u32 = 4;
const flag_mask: u32 = granule_bytes - 1;

/// The size of the block that serves a request of `payload_bytes`, which must be at most 2^32 - 20.
pub fn sizeFor(payload_bytes: u32) u32 {
    return (payload_bytes +% (header_bytes + granule_bytes - 1)) & ~flag_mask;
}

/// The size held in a header.
pub fn sizeOf(header: u32) u32 {
    return header & ~flag_mask;
}

/// Everything in a header but the size.
pub fn flagsOf(header: u32) u32 {
    return header & flag_mask;
}

pub fn nextLink(block: u32) u32 {
    return block + 4;
}

pub fn previousLink(block: u32) u32 {
    return block + 8;
}

/// Where the footer of a free block of `size_bytes` lies.
pub fn footer(block: u32, size_bytes: u32) u32 {
    return block + size_bytes - 4;
}

/// Bytes to leave out before the block at `block` so that its payload is a multiple of `alignment_bytes`.
pub fn padding(block: u32, alignment_bytes: u32) u32 {
    const payload = if (planted(.align_forgets_the_header)) block +% granule_bytes +% header_bytes else block +% header_bytes;
    return (0 -% payload) & (alignment_bytes - 1);
}

test "a request of every size fits its block with less than a granule to spare" {
    for (1..100) |payload_bytes| {
        const size_bytes = sizeFor(@intCast(payload_bytes));
        try std.testing.expect(size_bytes % granule_bytes == 0);
        try std.testing.expect(size_bytes >= payload_bytes + header_bytes);
        try std.testing.expect(size_bytes < payload_bytes + header_bytes + granule_bytes);
    }
}

test "padding reaches the next multiple and no further" {
    try std.testing.expectEqual(@as(u32, 0), padding(12, 16));
    try std.testing.expectEqual(@as(u32, 48), padding(12, 64));
    try std.testing.expectEqual(@as(u32, 0), padding(60, 64));
    try std.testing.expectEqual(@as(u32, 4096 - 16), padding(12, 4096));
}
