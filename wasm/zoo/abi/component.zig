//! The component model's canonical ABI: one function for everything, a trap where memory is out.
const bindgen = @import("bindgen.zig");

export fn cabi_realloc(pointer: u32, old_size: u32, alignment: u32, new_size: u32) u32 {
    return bindgen.realloc(pointer, old_size, new_size, alignment);
}
