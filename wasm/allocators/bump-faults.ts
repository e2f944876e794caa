/**
 * The safeties of the bump allocator, each taken away once. A fault is an edit of `bump.zig`: the lines to find, each
 * of which is there exactly once, and what they become. A short trace shows it from a fresh instance.
 */
import type { LawId } from '../../fuzz/laws.ts';

export interface BumpFault {
  /** Kebab case. The module is wasm/dist/faults/lua-bump-<fault>.wasm. */
  readonly fault: string;
  /** Which safety is gone. */
  readonly about: string;
  /** What a lockstep with the model names when it runs `trace`. */
  readonly law: LawId;
  /** What other traces may show. */
  readonly others?: readonly LawId[];
  readonly edits: readonly (readonly [from: string, to: string])[];
  readonly trace: readonly string[];
  /** Through which names the trace shows it; the plain and lua_ ones when absent. */
  readonly face?: 'lua_alloc';
}

const FILL = '%7 = malloc 524000';

export const BUMP_FAULTS: readonly BumpFault[] = [
  {
    fault: 'alignment-of-eight',
    about: 'blocks lie at multiples of 8',
    law: 'pointers-are-aligned',
    edits: [['const min_alignment: u32 = 16;', 'const min_alignment: u32 = 8;']],
    trace: ['%0 = malloc 1', '%1 = malloc 1'],
  },
  {
    fault: 'alignment-capped',
    about: 'aligned_alloc honours nothing above 64',
    law: 'pointers-are-aligned',
    edits: [['@max(alignment, min_alignment)', '@min(@max(alignment, min_alignment), 64)']],
    trace: ['%0 = malloc 1', '%1 = aligned_alloc 8192 1', '%2 = aligned_alloc 8192 1'],
  },
  {
    fault: 'alignment-unchecked',
    about: 'an alignment that is no power of two is rounded to as if it were',
    law: 'exhaustion-is-reported',
    others: ['pointers-are-aligned'],
    edits: [['if (@popCount(alignment) != 1) return null;', 'if (alignment == 0) return null;']],
    trace: ['%0 = aligned_alloc 48 10'],
  },
  {
    fault: 'size-wraps',
    about: 'rounding a size up to 16 wraps past 2^32',
    law: 'impossible-sizes-are-refused',
    edits: [
      [
        'if (size == 0 or size > pool_size) return null;\n        if (@popCount',
        'if (size == 0) return null;\n        if (@popCount',
      ],
      [
        'const end = block + roundUp(size, min_alignment);',
        'const end: u32 = @truncate(block + roundUp(size, min_alignment));',
      ],
    ],
    trace: ['%0 = malloc 16', '%1 = malloc 4294967280'],
  },
  {
    fault: 'product-wraps',
    about: 'calloc multiplies without looking',
    law: 'impossible-sizes-are-refused',
    edits: [['std.math.mul(usize, count, size) catch return null', 'count *% size']],
    trace: ['%0 = calloc 65536 65537'],
  },
  {
    fault: 'end-off-by-a-granule',
    about: 'a block may end 16 bytes past the pool',
    law: 'regions-stay-in-bounds',
    edits: [['if (end <= pool_size)', 'if (end <= pool_size + 16)']],
    trace: ['%0 = malloc 524280'],
  },
  {
    fault: 'growth-unbounded',
    about: 'the last block grows in place without a look at the end of the pool',
    law: 'regions-stay-in-bounds',
    edits: [
      ['setTop(endOf(block, size) orelse return null);', 'setTop(@intCast(block + roundUp(size, min_alignment)));'],
    ],
    trace: ['%0 = malloc 40', '%1 = malloc 40', '%1 = realloc %1 524280'],
  },
  {
    fault: 'growth-over-the-neighbour',
    about: 'a block that is not the last grows by up to 64 bytes in place',
    law: 'regions-never-overlap',
    edits: [['} else if (size > slot.*) {', '} else if (size > slot.* + 64) {']],
    trace: ['%0 = malloc 40', '%1 = malloc 40', '%0 = realloc %0 80'],
  },
  {
    fault: 'copy-of-whole-words',
    about: 'a move copies whole words and leaves the last bytes behind',
    law: 'realloc-keeps-the-prefix',
    edits: [
      [
        '@memcpy(bytesOf(moved, old_size), bytesOf(block, old_size));',
        '@memcpy(bytesOf(moved, old_size & ~@as(u32, 3)), bytesOf(block, old_size & ~@as(u32, 3)));',
      ],
    ],
    trace: ['%0 = malloc 43', '%1 = malloc 40', '%0 = realloc %0 80'],
  },
  {
    fault: 'copy-of-the-new-size',
    about: 'a move copies as many bytes as the new block has, so it reads past the old one',
    law: 'realloc-keeps-the-prefix',
    edits: [
      [
        '@memcpy(bytesOf(moved, old_size), bytesOf(block, old_size));',
        'for (bytesOf(moved, size), bytesOf(block, size)) |*to, from| to.* = from;\n    std.debug.assert(old_size < size);',
      ],
    ],
    trace: ['%0 = malloc 40', '%1 = malloc 40', '%0 = realloc %0 80'],
  },
  {
    fault: 'shrinking-moves',
    about: 'a block that is not the last moves to shrink, and fails where there is no room',
    law: 'shrinking-never-fails',
    edits: [
      ['} else if (size > slot.*) {', '} else if (size != slot.*) {'],
      ['return moveToNew(block, slot.*, size);', 'return moveToNew(block, @min(slot.*, size), size);'],
    ],
    trace: ['%0 = malloc 200', FILL, '%0 = realloc %0 100'],
  },
  {
    fault: 'refusal-moves-top',
    about: 'a refused request has taken its header already',
    law: 'exhaustion-is-reported',
    edits: [
      [
        'const end = endOf(block, size) orelse return null;\n    last',
        'const end = endOf(block, size) orelse {\n        top = @min(pool_size, top + header_size);\n        return null;\n    };\n    last',
      ],
    ],
    trace: ['%0 = malloc 524280', '%1 = malloc 8'],
  },
  {
    fault: 'refusal-keeps-the-size',
    about: 'a refused growth has written the new size already, so that the block believes it may take its neighbours',
    law: 'regions-never-overlap',
    others: ['regions-stay-in-bounds'],
    edits: [
      [
        'setTop(endOf(block, size) orelse return null);',
        'defer slot.* = size;\n        setTop(endOf(block, size) orelse return null);',
      ],
    ],
    trace: ['%0 = malloc 40', '%0 = realloc %0 524280', '%1 = malloc 40', '%0 = realloc %0 90'],
  },
  {
    fault: 'calloc-trusts-the-pool',
    about: 'calloc clears only what it knows to be used, and a reset makes it forget',
    law: 'calloc-gives-zeroes',
    edits: [
      [
        '@memset(bytesOf(blockAt(pointer), @intCast(total)), 0);',
        'if (top < peak) @memset(bytesOf(blockAt(pointer), @intCast(total)), 0);',
      ],
    ],
    trace: ['%0 = malloc 100', 'reset', '%1 = calloc 10 10'],
  },
  {
    fault: 'no-bytes-is-a-block',
    about: 'malloc(0) is a block',
    law: 'zero-size-policy-is-constant',
    edits: [
      [
        'if (size == 0 or size > pool_size) return null;\n        if (@popCount',
        'if (size > pool_size) return null;\n        if (@popCount',
      ],
    ],
    trace: ['%0 = malloc 0'],
  },
  {
    fault: 'no-bytes-keeps-the-block',
    about: 'realloc(p, 0) shrinks to nothing instead of freeing',
    law: 'zero-size-policy-is-constant',
    edits: [
      [
        'if (size == 0 or size > pool_size) return null;\n        return pointerTo(resize',
        'if (size > pool_size) return null;\n        return pointerTo(resize',
      ],
    ],
    trace: ['%0 = malloc 40', '%0 = realloc %0 0'],
  },
  {
    fault: 'free-takes-back',
    about: 'freeing the last block lowers top',
    law: 'agrees-with-the-contract',
    edits: [
      [
        'pub fn free(_: ?*anyopaque) callconv(.c) void {}',
        'pub fn free(pointer: ?*anyopaque) callconv(.c) void {\n        const block = blockAt(pointer orelse return);\n        if (block == last) top = block - header_size;\n    }',
      ],
    ],
    trace: ['%0 = malloc 40', 'free %0', '%1 = malloc 40'],
  },
  {
    fault: 'reset-keeps-the-peak',
    about: 'the peak survives a reset',
    law: 'reset-starts-over',
    edits: [['top = 0;\n    peak = 0;', 'top = 0;']],
    trace: ['%0 = malloc 40', 'reset'],
  },
  {
    fault: 'reset-starts-late',
    about: 'after a reset calloc, malloc and the rest begin 16 bytes later than in a fresh pool',
    law: 'reset-starts-over',
    edits: [['top = 0;\n    peak = 0;', 'top = 16;\n    peak = 0;']],
    trace: ['reset', '%0 = malloc 524272'],
  },
  {
    fault: 'peak-misses-growth',
    about: 'growth in place does not count for the peak',
    law: 'statistics-match-history',
    edits: [['setTop(endOf(block, size) orelse return null);', 'top = endOf(block, size) orelse return null;']],
    trace: ['%0 = malloc 40', '%0 = realloc %0 400'],
  },
  {
    fault: 'tag-taken-for-a-size',
    about: 'lua_alloc believes osize when there is no block, where it is a type tag',
    law: 'refusals-are-honest',
    edits: [
      [
        'pointer: ?*anyopaque, _: usize, new_size: usize) callconv(.c) ?*anyopaque {',
        'pointer: ?*anyopaque, old_size: usize, new_size: usize) callconv(.c) ?*anyopaque {\n        if (new_size != 0 and new_size <= old_size) return pointer;',
      ],
    ],
    trace: ['%0 = malloc 3'],
    face: 'lua_alloc',
  },
];
