//! Nothing but Lua's allocator function.
const zoo = @import("zoo");
const Heap = zoo.ListHeap(.{});

/// lua_Alloc: frees for `new_size` 0, allocates for a NULL pointer (then `old_size` is a type tag), else resizes.
export fn lua_alloc(_: u32, pointer: u32, _: u32, new_size: u32) u32 {
    if (new_size != 0) return Heap.realloc(pointer, new_size);
    Heap.free(pointer);
    return 0;
}
