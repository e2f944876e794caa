//! wasm-bindgen where the names were shortened to numbers: malloc, realloc, free.
const bindgen = @import("bindgen.zig");

export fn __wbindgen_export_0(size: u32, alignment: u32) u32 {
    return bindgen.malloc(size, alignment);
}

export fn __wbindgen_export_1(pointer: u32, old_size: u32, new_size: u32, alignment: u32) u32 {
    return bindgen.realloc(pointer, old_size, new_size, alignment);
}

export fn __wbindgen_export_2(pointer: u32, size: u32, _: u32) void {
    bindgen.free(pointer, size);
}
