//! TinyGo: C names, a start function that must have run, and imports of WASI.
const zoo = @import("zoo");
const Heap = zoo.ListHeap(.{});

extern "wasi_snapshot_preview1" fn fd_write(file: u32, vectors: u32, count: u32, written: u32) u32;
extern "wasi_snapshot_preview1" fn random_get(buffer: u32, bytes: u32) u32;
extern "wasi_snapshot_preview1" fn proc_exit(code: u32) noreturn;

var started = false;
var hash_seed: u32 = 0;

/// Starts the runtime. A WASI that has no random bytes is one that it cannot work with.
export fn _initialize() void {
    if (started) return;
    if (random_get(@intFromPtr(&hash_seed), 4) != 0) proc_exit(1);
    started = true;
}

export fn malloc(size: u32) u32 {
    expectStarted();
    return Heap.malloc(size);
}

export fn free(pointer: u32) void {
    expectStarted();
    Heap.free(pointer);
}

export fn calloc(count: u32, size: u32) u32 {
    expectStarted();
    return Heap.calloc(count, size);
}

export fn realloc(pointer: u32, size: u32) u32 {
    expectStarted();
    return Heap.realloc(pointer, size);
}

const complaint = "panic: runtime not initialized\n";
const Vector = extern struct { start: [*]const u8, bytes: u32 };

fn expectStarted() void {
    if (started) return;
    const vector = Vector{ .start = complaint, .bytes = complaint.len };
    var written: u32 = 0;
    _ = fd_write(2, @intFromPtr(&vector), 1, @intFromPtr(&written));
    @trap();
}
