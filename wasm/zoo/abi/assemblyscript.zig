//! AssemblyScript's runtime interface: objects, not blocks. What is not pinned is collected by `__collect`, as nothing
//! refers to it here; `__new` may collect too, when memory is short.
//!
//!     -16 the object before   -12 pins   -8 runtime id   -4 size   +0 the object
const zoo = @import("zoo");
const memory = zoo.memory;
const Heap = zoo.ListHeap(.{});

const header_bytes = 16;

/// The newest object; they are linked.
var newest: u32 = 0;

/// Where AssemblyScript keeps its type information; hosts look for it.
export const __rtti_base: u32 = 0;

export fn __new(size: u32, id: u32) u32 {
    if (size > 0x3FFF_0000) @trap();
    var block = Heap.malloc(header_bytes + size);
    if (block == 0) {
        __collect();
        block = Heap.malloc(header_bytes + size);
    }
    if (block == 0) @trap();
    const object = block + header_bytes;
    memory.set(block, newest);
    memory.set(block + 4, 0);
    memory.set(block + 8, id);
    memory.set(block + 12, size);
    memory.fill(object, 0, size);
    newest = object;
    return object;
}

/// Pins once; a second time is an error, as in AssemblyScript.
export fn __pin(object: u32) u32 {
    if (object == 0) return 0;
    if (memory.get(object - 12) != 0) @trap();
    memory.set(object - 12, 1);
    return object;
}

export fn __unpin(object: u32) void {
    if (object == 0) return;
    if (memory.get(object - 12) == 0) @trap();
    memory.set(object - 12, 0);
}

export fn __collect() void {
    var kept: u32 = 0;
    var object = newest;
    while (object != 0) {
        const before = memory.get(object - 16);
        if (memory.get(object - 12) != 0) {
            memory.set(object - 16, kept);
            kept = object;
        } else Heap.free(object - header_bytes);
        object = before;
    }
    newest = kept;
}
