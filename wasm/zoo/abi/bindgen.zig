//! What wasm-bindgen's generated functions do, whatever their names: traps where memory is out, and a block of no bytes
//! is an address that is not 0 and not a block.
const zoo = @import("zoo");
const Heap = zoo.ListHeap(.{ .alignment = 8 });

pub fn malloc(size: u32, alignment: u32) u32 {
    if (size == 0) return alignment;
    if (!zoo.memory.isPowerOfTwo(alignment) or size > 0x8000_0000 - alignment) @trap();
    return orTrap(Heap.aligned_alloc(alignment, size));
}

pub fn realloc(pointer: u32, old_size: u32, new_size: u32, alignment: u32) u32 {
    if (old_size == 0) return malloc(new_size, alignment);
    if (alignment <= 8 and new_size > 0) return orTrap(Heap.realloc(pointer, new_size));
    const moved = malloc(new_size, alignment);
    zoo.memory.copy(moved, pointer, @min(old_size, new_size));
    Heap.free(pointer);
    return moved;
}

pub fn free(pointer: u32, size: u32) void {
    if (size != 0) Heap.free(pointer);
}

fn orTrap(pointer: u32) u32 {
    if (pointer == 0) @trap();
    return pointer;
}
