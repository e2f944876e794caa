//! How Emscripten's runtime grows memory: through functions of its glue.
const memory = @import("memory.zig");

extern "env" fn emscripten_resize_heap(size_bytes: u32) u32;
extern "env" fn emscripten_notify_memory_growth(memory_index: u32) void;

/// The glue grows memory to at least so many bytes, or answers 0.
pub fn resize(pages: u32) ?u32 {
    const before = memory.sizeBytes();
    if (pages > (1 << 30) / memory.page_bytes) return null;
    if (emscripten_resize_heap(before + pages * memory.page_bytes) == 0) return null;
    return before;
}

/// The module grows memory and tells the glue, whose views are stale now.
pub fn growAndNotify(pages: u32) ?u32 {
    const before = memory.grow(pages) orelse return null;
    emscripten_notify_memory_growth(0);
    return before;
}
