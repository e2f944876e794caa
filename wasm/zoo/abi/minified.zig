//! Emscripten with minified names: memory is imported, growth is asked of the glue. The names stand in `abi.ts`.
const zoo = @import("zoo");
const Heap = zoo.ListHeap(.{ .grow = zoo.emscripten.resize });

/// `__wasm_call_ctors`, whose short name is `a`.
export fn a() void {}

comptime {
    @export(&Heap.malloc, .{ .name = "b" });
    @export(&Heap.free, .{ .name = "c" });
    @export(&Heap.realloc, .{ .name = "d" });
    @export(&Heap.calloc, .{ .name = "e" });
    @export(&Heap.aligned_alloc, .{ .name = "f" });
}
