//! Every C name there is, memalign and posix_memalign among them.
const zoo = @import("zoo");
const Heap = zoo.ListHeap(.{});

comptime {
    zoo.exportC(Heap, "");
    @export(&Heap.aligned_alloc, .{ .name = "memalign" });
}

const EINVAL = 22;
const ENOMEM = 12;

/// Writes the pointer to `result`, and only where it succeeds; answers 0, EINVAL or ENOMEM.
export fn posix_memalign(result: u32, alignment: u32, size: u32) u32 {
    if (alignment < 4 or !zoo.memory.isPowerOfTwo(alignment)) return EINVAL;
    const pointer = Heap.aligned_alloc(alignment, size);
    if (pointer == 0 and size != 0) return ENOMEM;
    zoo.memory.set(result, pointer);
    return 0;
}
