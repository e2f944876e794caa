//! Operator new and delete of C++: of objects and arrays, sized and aligned. A delete of another form, or told another size or
//! alignment than its new was, is a trap, and so is a request that cannot be met.
const zoo = @import("zoo");
const memory = zoo.memory;
const Heap = zoo.ListHeap(.{});

/// Room for what a block is, directly before its bytes: the size, the alignment it was asked for with, its kind.
const header_bytes = 16;
const usual = 0;
const largest_alignment = 1 << 20;
const Kind = enum(u32) { object = 1, array = 2 };

fn create(kind: Kind, size: u32, alignment: u32) u32 {
    if (size > 1 << 29 or alignment > largest_alignment) @trap();
    const before = @max(header_bytes, alignment);
    const block = Heap.aligned_alloc(before, before + size);
    if (block == 0) @trap();
    const pointer = block + before;
    memory.set(pointer - 12, size);
    memory.set(pointer - 8, alignment);
    memory.set(pointer - 4, @intFromEnum(kind));
    return pointer;
}

fn destroy(kind: Kind, pointer: u32, size: ?u32, alignment: u32) void {
    if (pointer == 0) return;
    if (memory.get(pointer - 12) != size orelse memory.get(pointer - 12)) @trap();
    if (memory.get(pointer - 8) != alignment) @trap();
    if (memory.get(pointer - 4) != @intFromEnum(kind)) @trap();
    Heap.free(pointer - @max(header_bytes, alignment));
}

export fn _Znwm(size: u32) u32 {
    return create(.object, size, usual);
}
export fn _Znam(size: u32) u32 {
    return create(.array, size, usual);
}
export fn _ZnwmSt11align_val_t(size: u32, alignment: u32) u32 {
    return create(.object, size, alignment);
}
export fn _ZnamSt11align_val_t(size: u32, alignment: u32) u32 {
    return create(.array, size, alignment);
}
export fn _ZdlPv(pointer: u32) void {
    destroy(.object, pointer, null, usual);
}
export fn _ZdaPv(pointer: u32) void {
    destroy(.array, pointer, null, usual);
}
export fn _ZdlPvm(pointer: u32, size: u32) void {
    destroy(.object, pointer, size, usual);
}
export fn _ZdaPvm(pointer: u32, size: u32) void {
    destroy(.array, pointer, size, usual);
}
export fn _ZdlPvSt11align_val_t(pointer: u32, alignment: u32) void {
    destroy(.object, pointer, null, alignment);
}
export fn _ZdaPvSt11align_val_t(pointer: u32, alignment: u32) void {
    destroy(.array, pointer, null, alignment);
}
export fn _ZdlPvmSt11align_val_t(pointer: u32, size: u32, alignment: u32) void {
    destroy(.object, pointer, size, alignment);
}
export fn _ZdaPvmSt11align_val_t(pointer: u32, size: u32, alignment: u32) void {
    destroy(.array, pointer, size, alignment);
}
