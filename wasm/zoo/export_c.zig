//! The C names of a heap, with what an ABI puts before them.

/// Exports malloc, free, realloc, calloc, malloc_usable_size and, where it has it, aligned_alloc of `Heap`, each with
/// `prefix`.
pub fn exportC(comptime Heap: type, comptime prefix: []const u8) void {
    const names = .{ "malloc", "free", "realloc", "calloc", "malloc_usable_size" };
    inline for (names) |name| @export(&@field(Heap, name), .{ .name = prefix ++ name });
    if (Heap.aligns) @export(&Heap.aligned_alloc, .{ .name = prefix ++ "aligned_alloc" });
}
