//! The pair that people export by hand, where a free needs no size.
const zoo = @import("zoo");
const Heap = zoo.ListHeap(.{});

export fn alloc(size: u32) u32 {
    return Heap.malloc(size);
}

export fn dealloc(pointer: u32) void {
    Heap.free(pointer);
}
