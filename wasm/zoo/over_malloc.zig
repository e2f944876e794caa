//! calloc and realloc of a heap that has only malloc, free and malloc_usable_size of its own.
const memory = @import("memory.zig");

pub fn OverMalloc(comptime Heap: type) type {
    return struct {
        pub fn calloc(count: u32, size: u32) callconv(.c) u32 {
            const bytes = memory.product(count, size) orelse return 0;
            const pointer = Heap.malloc(bytes);
            if (pointer != 0) memory.fill(pointer, 0, bytes);
            return pointer;
        }

        /// Keeps a block that is large enough. For 0 bytes it frees the block and gives what malloc gives.
        pub fn realloc(pointer: u32, size: u32) callconv(.c) u32 {
            if (pointer == 0) return Heap.malloc(size);
            const had = Heap.malloc_usable_size(pointer);
            if (size != 0 and size <= had) return pointer;
            const moved = Heap.malloc(size);
            if (moved == 0 and size != 0) return 0;
            memory.copy(moved, pointer, @min(had, size));
            Heap.free(pointer);
            return moved;
        }
    };
}
