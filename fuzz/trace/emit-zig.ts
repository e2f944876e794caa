/** A reproducer in Zig, for any allocator that is linked under the C names. */
import { type Program, programOf } from './emit-program.ts';
import type { Operation, OperationKind } from './operation.ts';
import type { TraceHeader } from './text.ts';
import type { Trace } from './trace.ts';

/** A Zig program that calls the operations of `trace` one by one, and panics where a law breaks. */
export function emitZig(trace: Trace, header: TraceHeader): string {
  const program = programOf(trace, header, 'Zig');
  const calls = program.operations.map((operation, index) => `    ${statement(operation, index + 1)}\n`);
  return [
    preamble(program),
    ...EXTERNS.filter(({ kind }) => program.kinds.has(kind)).map(({ text }) => text),
    SUPPORT,
    `pub fn main() void {\n${calls.join('')}    checkAll(${calls.length});\n}\n`,
  ].join('\n');
}

function preamble({ title, slotCount, operations }: Program): string {
  return `//! heaplaw reproducer · ${title}
//!
//! zig run reproducer.zig -lc          panics at the step that breaks a law; ends with status 0 when all held
//! zig run reproducer.zig my_malloc.c  another allocator of the same names

/// What every block is a multiple of; max_align_t's in C.
const alignment: usize = 16;
const edge: usize = 65536;
const steps = ${operations.length};

/// The program's own pointers, and every block it was given, by the step that asked for it.
var p: [${slotCount}]?[*]u8 = @splat(null);
var owner: [${slotCount}]usize = @splat(0);
var live: [steps + 1]?[]u8 = @splat(null);
var marks: [steps + 1]usize = undefined;
var depth: usize = 0;
`;
}

interface Extern {
  readonly kind: OperationKind;
  readonly text: string;
}

/** The C names, and names to be linked for what C has none for. */
const EXTERNS: readonly Extern[] = [
  { kind: 'malloc', text: 'extern fn malloc(size: usize) ?[*]u8;' },
  { kind: 'calloc', text: 'extern fn calloc(count: usize, size: usize) ?[*]u8;' },
  { kind: 'realloc', text: 'extern fn realloc(pointer: ?[*]u8, size: usize) ?[*]u8;' },
  { kind: 'free', text: 'extern fn free(pointer: ?[*]u8) void;' },
  { kind: 'aligned_alloc', text: 'extern fn aligned_alloc(alignment: usize, size: usize) ?[*]u8;' },
  { kind: 'mark', text: 'extern fn heap_mark() void;' },
  { kind: 'pop', text: 'extern fn heap_pop() void;' },
  { kind: 'reset', text: 'extern fn heap_reset() void;' },
  { kind: 'grow', text: 'extern fn heap_grow(pages: usize) void;' },
  { kind: 'run', text: 'extern fn heap_run(script: usize) void;' },
];

const SUPPORT = `
fn require(holds: bool, step: usize, law: []const u8) void {
    if (!holds) @import("std").debug.panic("{s}, broken at step {d}", .{ law, step });
}

fn expected(block: usize, offset: usize) u8 {
    return @truncate(block *% 31 +% offset *% 7 +% (offset >> 8) +% 1);
}

/// The bytes that are written and checked: all of them, or both edges of a large block.
fn after(offset: usize, size: usize) usize {
    return if (size > 2 * edge and offset + 1 == edge) size - edge else offset + 1;
}

fn check(block: usize, bytes: []const u8, kept: usize, step: usize, law: []const u8) void {
    var i: usize = 0;
    while (i < kept) : (i = after(i, bytes.len)) require(bytes[i] == expected(block, i), step, law);
}

fn checkAll(step: usize) void {
    for (live, 0..) |region, block| {
        const bytes = region orelse continue;
        check(block, bytes, bytes.len, step, "bytes-survive-their-neighbours");
    }
}

/// Judges a block that was just given, writes it, and looks at all others.
fn took(step: usize, slot: usize, size: u64, multiple: usize) void {
    owner[slot] = 0;
    const pointer = p[slot] orelse return;
    const start = @intFromPtr(pointer);
    require(size <= @import("std").math.maxInt(usize) - start, step, "impossible-sizes-are-refused");
    require(start % multiple == 0, step, "pointers-are-aligned");
    const bytes = pointer[0..@intCast(size)];
    for (live) |region| {
        const other = region orelse continue;
        const begin = @intFromPtr(other.ptr);
        require(start >= begin + other.len or begin >= start + bytes.len, step, "regions-never-overlap");
    }
    owner[slot] = step;
    live[step] = bytes;
    var i: usize = 0;
    while (i < bytes.len) : (i = after(i, bytes.len)) bytes[i] = expected(step, i);
    checkAll(step);
}

fn checkZeroes(step: usize, slot: usize, size: u64) void {
    const bytes = p[slot] orelse return;
    require(size <= @import("std").math.maxInt(usize), step, "impossible-sizes-are-refused");
    var i: usize = 0;
    while (i < size) : (i = after(i, @intCast(size))) require(bytes[i] == 0, step, "calloc-gives-zeroes");
}

/// Ends the block of a slot, if it has one.
fn gone(step: usize, slot: usize) void {
    const bytes = live[owner[slot]] orelse return;
    check(owner[slot], bytes, bytes.len, step, "bytes-survive-their-neighbours");
    live[owner[slot]] = null;
    owner[slot] = 0;
}

/// Takes the answer of realloc: a refusal leaves the old block as it was.
fn moved(step: usize, slot: usize, answer: ?[*]u8, size: usize) void {
    const block = owner[slot];
    if (live[block]) |old| {
        if (answer == null and size != 0) {
            require(size > old.len, step, "shrinking-never-fails");
            return check(block, old, old.len, step, "realloc-keeps-the-prefix");
        }
        if (answer) |pointer| check(block, pointer[0..old.len], @min(old.len, size), step, "realloc-keeps-the-prefix");
        live[block] = null;
    }
    p[slot] = answer;
    took(step, slot, size, alignment);
}

/// Every block made after step \`first\` has ended.
fn forgetSince(first: usize) void {
    for (live[first + 1 ..]) |*region| region.* = null;
    for (&owner, &p) |*block, *pointer| {
        if (block.* <= first) continue;
        block.* = 0;
        pointer.* = null;
    }
}
`;

function statement({ kind, operands }: Operation, step: number): string {
  const [first = 0, second = 0, third = 0] = operands;
  switch (kind) {
    case 'malloc':
      return `p[${first}] = malloc(${second}); took(${step}, ${first}, ${second}, alignment);`;
    case 'calloc':
      return callocStatement(first, second, third, step);
    case 'aligned_alloc':
      return `p[${first}] = aligned_alloc(${second}, ${third}); took(${step}, ${first}, ${third}, ${Math.max(1, second)});`;
    case 'realloc':
      return `moved(${step}, ${first}, realloc(p[${first}], ${second}), ${second});`;
    case 'free':
      return `gone(${step}, ${first}); free(p[${first}]); p[${first}] = null;`;
    default:
      return managing(kind, first, step);
  }
}

function callocStatement(slot: number, count: number, sizeBytes: number, step: number): string {
  const total = `${count} * ${sizeBytes}`;
  const call = `p[${slot}] = calloc(${count}, ${sizeBytes});`;
  return `${call} checkZeroes(${step}, ${slot}, ${total}); took(${step}, ${slot}, ${total}, alignment);`;
}

function managing(kind: OperationKind, operand: number, step: number): string {
  switch (kind) {
    case 'mark':
      return `heap_mark(); marks[depth] = ${step}; depth += 1;`;
    case 'pop':
      return `checkAll(${step}); if (depth > 0) { heap_pop(); depth -= 1; forgetSince(marks[depth]); }`;
    case 'reset':
      return `checkAll(${step}); heap_reset(); forgetSince(0);`;
    case 'grow':
      return `heap_grow(${operand});`;
    default:
      return `heap_run(${operand});`;
  }
}
