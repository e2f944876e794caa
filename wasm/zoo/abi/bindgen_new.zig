//! wasm-bindgen since 0.2.85: sizes and alignment.
const bindgen = @import("bindgen.zig");

export fn __wbindgen_malloc(size: u32, alignment: u32) u32 {
    return bindgen.malloc(size, alignment);
}

export fn __wbindgen_realloc(pointer: u32, old_size: u32, new_size: u32, alignment: u32) u32 {
    return bindgen.realloc(pointer, old_size, new_size, alignment);
}

export fn __wbindgen_free(pointer: u32, size: u32, _: u32) void {
    bindgen.free(pointer, size);
}
