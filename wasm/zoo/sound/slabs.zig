//! Slabs of a page, each for the blocks of one class while it has any; larger blocks take whole pages. All there is are
//! 16 pages, which a block of each class has nearly used up.
const zoo = @import("zoo");
const memory = zoo.memory;

comptime {
    zoo.exportC(Slabs, "");
}

const pages = 16;
const step_bytes = 16;
const classes = 14;
const whole = 0xff;
const rest = 0xfe;

/// What a page is for: a class, or `whole` for the first of a large block and `rest` for its others.
var use = [_]u8{0} ** pages;
/// How many blocks of a slab, or pages of a large block, are in use; a page with none is free.
var used = [_]u32{0} ** pages;
var free_block = [_]u32{0} ** pages;
var start: u32 = 0;

const Slabs = struct {
    pub const aligns = false;
    pub const calloc = zoo.OverMalloc(@This()).calloc;
    pub const realloc = zoo.OverMalloc(@This()).realloc;

    pub fn malloc(size: u32) callconv(.c) u32 {
        if (start == 0) start = memory.grow(pages) orelse return 0;
        if (size == 0 or size > pages * memory.page_bytes) return 0;
        const class = classOf(size) orelse return takePages(memory.alignUp(size, memory.page_bytes) / memory.page_bytes);
        const page = slabOf(class) orelse return 0;
        const block = free_block[page];
        free_block[page] = memory.get(block);
        used[page] += 1;
        return block;
    }

    pub fn free(pointer: u32) callconv(.c) void {
        if (pointer == 0) return;
        const page = (pointer - start) / memory.page_bytes;
        if (use[page] == whole) {
            const count = used[page];
            for (page..page + count) |index| used[index] = 0;
            return;
        }
        memory.set(pointer, free_block[page]);
        free_block[page] = pointer;
        used[page] -= 1;
    }

    pub fn malloc_usable_size(pointer: u32) callconv(.c) u32 {
        if (pointer == 0) return 0;
        const page = (pointer - start) / memory.page_bytes;
        return if (use[page] == whole) used[page] * memory.page_bytes else bytesOf(use[page]);
    }
};

fn bytesOf(class: u32) u32 {
    return (class + 1) * step_bytes;
}

fn classOf(size: u32) ?u8 {
    const class = (size - 1) / step_bytes;
    return if (class < classes) @intCast(class) else null;
}

/// The first of `count` free pages in a row, as an address; 0 when there are none.
fn takePages(count: u32) u32 {
    var length: u32 = 0;
    for (0..pages) |page| {
        length = if (used[page] == 0) length + 1 else 0;
        if (length < count) continue;
        const first = page + 1 - count;
        for (first..page + 1) |index| {
            use[index] = rest;
            used[index] = count;
        }
        use[first] = whole;
        return start + @as(u32, @intCast(first)) * memory.page_bytes;
    }
    return 0;
}

/// A slab of `class` with a free block, made where there is none; null when there is no page for it.
fn slabOf(class: u8) ?u32 {
    for (0..pages) |page| if (used[page] > 0 and use[page] == class and free_block[page] != 0) return @intCast(page);
    const from = takePages(1);
    if (from == 0) return null;
    const page = (from - start) / memory.page_bytes;
    use[page] = class;
    used[page] = 0;
    free_block[page] = 0;
    var block = from + memory.page_bytes / bytesOf(class) * bytesOf(class);
    while (block > from) {
        block -= bytesOf(class);
        memory.set(block, free_block[page]);
        free_block[page] = block;
    }
    return page;
}
