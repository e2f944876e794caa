//! The pair that people export by hand, where a free is told the size, and a wrong one is a trap; one that clears beside it.
const zoo = @import("zoo");
const memory = zoo.memory;
const Heap = zoo.ListHeap(.{ .alignment = 8 });

const header_bytes = 8;

export fn alloc(size: u32) u32 {
    if (size > 1 << 29) return 0;
    const block = Heap.malloc(header_bytes + size);
    if (block == 0) return 0;
    memory.set(block, size);
    return block + header_bytes;
}

export fn alloc_zeroed(size: u32) u32 {
    const pointer = alloc(size);
    if (pointer != 0) memory.fill(pointer, 0, size);
    return pointer;
}

export fn dealloc(pointer: u32, size: u32) void {
    if (pointer == 0) return;
    if (memory.get(pointer - header_bytes) != size) @trap();
    Heap.free(pointer - header_bytes);
}
