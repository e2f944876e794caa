//! A free list whose head is a global of the module, not a variable in its memory: who restores memory alone restores
//! the list's links and not its head.
const zoo = @import("zoo");

comptime {
    asm (
        \\ .globaltype heap_head, i32
        \\ .hidden heap_head
        \\heap_head:
        \\ .globaltype heap_begun, i32
        \\ .hidden heap_begun
        \\heap_begun:
    );
    zoo.exportC(zoo.ListHeap(.{ .State = InGlobals }), "");
}

const InGlobals = struct {
    pub fn getHead() u32 {
        return asm volatile (
            \\ .globaltype heap_head, i32
            \\ global.get heap_head
            \\ local.set %[value]
            : [value] "=r" (-> u32),
        );
    }
    pub fn setHead(block: u32) void {
        asm volatile (
            \\ .globaltype heap_head, i32
            \\ local.get %[value]
            \\ global.set heap_head
            :
            : [value] "r" (block),
        );
    }
    pub fn getBegun() u32 {
        return asm volatile (
            \\ .globaltype heap_begun, i32
            \\ global.get heap_begun
            \\ local.set %[value]
            : [value] "=r" (-> u32),
        );
    }
    pub fn setBegun(begun: u32) void {
        asm volatile (
            \\ .globaltype heap_begun, i32
            \\ local.get %[value]
            \\ global.set heap_begun
            :
            : [value] "r" (begun),
        );
    }
};
