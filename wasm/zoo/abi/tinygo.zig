//! TinyGo: C names over a garbage collector that ends the program when memory is out, a start function that must have
//! run, and imports of WASI.
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
    return if (size == 0) 0 else orPanic(Heap.malloc(size));
}

export fn free(pointer: u32) void {
    expectStarted();
    Heap.free(pointer);
}

export fn calloc(count: u32, size: u32) u32 {
    expectStarted();
    return if (count == 0 or size == 0) 0 else orPanic(Heap.calloc(count, size));
}

export fn realloc(pointer: u32, size: u32) u32 {
    expectStarted();
    const resized = Heap.realloc(pointer, size);
    return if (size == 0) resized else orPanic(resized);
}

fn expectStarted() void {
    if (!started) panic("panic: runtime not initialized\n");
}

fn orPanic(pointer: u32) u32 {
    if (pointer == 0) panic("panic: runtime error: out of memory\n");
    return pointer;
}

const Vector = extern struct { start: [*]const u8, bytes: u32 };

fn panic(message: []const u8) noreturn {
    const vector = Vector{ .start = message.ptr, .bytes = message.len };
    var written: u32 = 0;
    _ = fd_write(2, @intFromPtr(&vector), 1, @intFromPtr(&written));
    @trap();
}
