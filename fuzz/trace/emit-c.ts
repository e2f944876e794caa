/** A reproducer in C11, for any allocator with the C names. */
import { type Program, programOf } from './emit-program.ts';
import type { Operation, OperationKind } from './operation.ts';
import type { TraceHeader } from './text.ts';
import type { Trace } from './trace.ts';

/** A C program that calls the operations of `trace` one by one, and aborts where a law breaks. */
export function emitC(trace: Trace, header: TraceHeader): string {
  const program = programOf(trace, header, 'C');
  const calls = program.operations.map((operation, index) => statement(operation, index + 1));
  return [
    preamble(program),
    ...HOOKS.filter(({ kind }) => program.kinds.has(kind)).map(({ text }) => text),
    CHECKS,
    ...HELPERS.filter(({ kinds }) => kinds.some((kind) => program.kinds.has(kind))).map(({ text }) => text),
    `int main(void) {\n${calls.map((line) => `  ${line}\n`).join('')}  check_all(${calls.length});`,
    '  puts("every law held");\n  return 0;\n}\n',
  ].join('\n');
}

function preamble({ title, slotCount, operations, kinds }: Program): string {
  const pointers = [...kinds].some((kind) => POINTING.includes(kind)) ? POINTERS : '';
  return `/* heaplaw reproducer · ${title}
 *
 * cc -std=c11 reproducer.c && ./a.out        aborts at the step that breaks a law; ends with status 0 when all held
 * -Dmalloc=my_malloc -Dfree=my_free ...      an allocator with other names
 * -DALIGNMENT=8                              one that promises another alignment than max_align_t's
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#ifndef ALIGNMENT
#define ALIGNMENT _Alignof(max_align_t)
#endif

enum { SLOTS = ${slotCount}, STEPS = ${operations.length}, EDGE = 65536 };

/* The program's own pointers, and every block it was given, by the step that asked for it. */
${pointers}static struct { uintptr_t start; size_t size; } live[STEPS + 1];
`;
}

const POINTERS = 'static void *p[SLOTS];\nstatic int owner[SLOTS];\n';
/** Operations that read or write pointers; without any, a compiler warns of unused variables. */
const POINTING: readonly OperationKind[] = ['malloc', 'calloc', 'aligned_alloc', 'realloc', 'free', 'pop', 'reset'];

interface Hook {
  readonly kind: OperationKind;
  readonly text: string;
}

/** Operations that C has no name for. */
const HOOKS: readonly Hook[] = [
  hook('mark', 'HEAP_MARK()'),
  hook('pop', 'HEAP_POP()'),
  hook('reset', 'HEAP_RESET()'),
  hook('grow', 'HEAP_GROW(pages)'),
  hook('run', 'HEAP_RUN(script)'),
];

function hook(kind: OperationKind, signature: string): Hook {
  const [name] = signature.split('(');
  return {
    kind,
    text: `#ifndef ${name}\n#error "${kind} has no name in C: compile with -D'${signature}=your_${kind}()'"\n#endif\n`,
  };
}

const CHECKS = `static void require(int holds, int step, const char *law) {
  if (holds) return;
  fprintf(stderr, "step %d: %s\\n", step, law);
  abort();
}

static unsigned char expected(int block, size_t offset) {
  return (unsigned char)(block * 31 + offset * 7 + (offset >> 8) + 1);
}

/* The bytes that are written and checked: all of them, or both edges of a large block. */
static size_t after(size_t offset, size_t size) {
  return size > 2 * (size_t)EDGE && offset + 1 == EDGE ? size - EDGE : offset + 1;
}

static void check(int block, size_t size, int step, const char *law) {
  const unsigned char *bytes = (const unsigned char *)live[block].start;
  for (size_t i = 0; i < size; i = after(i, live[block].size)) require(bytes[i] == expected(block, i), step, law);
}

static void check_all(int step) {
  for (int block = 1; block <= STEPS; block++) {
    if (live[block].start != 0) check(block, live[block].size, step, "bytes-survive-their-neighbours");
  }
}
`;

interface Helper {
  readonly kinds: readonly OperationKind[];
  readonly text: string;
}

const GIVING: readonly OperationKind[] = ['malloc', 'calloc', 'aligned_alloc', 'realloc'];

const HELPERS: readonly Helper[] = [
  {
    kinds: GIVING,
    text: `/* Judges a block that was just given, writes it, and looks at all others. */
static void took(int step, int slot, uint64_t size, size_t alignment) {
  uintptr_t start = (uintptr_t)p[slot];
  owner[slot] = 0;
  if (start == 0) return;
  require(size <= SIZE_MAX, step, "impossible-sizes-are-refused");
  require(start % alignment == 0, step, "pointers-are-aligned");
  require(size <= UINTPTR_MAX - start, step, "regions-stay-in-bounds");
  for (int block = 1; block <= STEPS; block++) {
    if (live[block].start == 0) continue;
    require(start >= live[block].start + live[block].size || live[block].start >= start + size, step,
            "regions-never-overlap");
  }
  owner[slot] = step;
  live[step].start = start;
  live[step].size = (size_t)size;
  for (size_t i = 0; i < size; i = after(i, (size_t)size)) ((unsigned char *)p[slot])[i] = expected(step, i);
  check_all(step);
}
`,
  },
  {
    kinds: ['calloc'],
    text: `static void check_zeroes(int step, int slot, uint64_t size) {
  const unsigned char *bytes = p[slot];
  if (bytes == NULL) return;
  require(size <= SIZE_MAX, step, "impossible-sizes-are-refused");
  for (size_t i = 0; i < size; i = after(i, (size_t)size)) require(bytes[i] == 0, step, "calloc-gives-zeroes");
}
`,
  },
  {
    kinds: ['free', 'realloc'],
    text: `/* Ends the block of a slot, if it has one. */
static void gone(int step, int slot) {
  int block = owner[slot];
  if (block == 0) return;
  check(block, live[block].size, step, "bytes-survive-their-neighbours");
  live[block].start = 0;
  owner[slot] = 0;
}
`,
  },
  {
    kinds: ['realloc'],
    text: `/* Takes the answer of realloc: a refusal leaves the old block as it was. */
static void moved(int step, int slot, void *answer, size_t size) {
  int block = owner[slot];
  if (block != 0 && answer == NULL && size != 0) {
    require(size > live[block].size, step, "shrinking-never-fails");
    check(block, live[block].size, step, "realloc-keeps-the-prefix");
    return;
  }
  if (block != 0 && answer != NULL) {
    size_t kept = live[block].size < size ? live[block].size : size;
    live[block].start = (uintptr_t)answer;
    check(block, kept, step, "realloc-keeps-the-prefix");
  }
  if (block != 0) live[block].start = 0;
  p[slot] = answer;
  took(step, slot, size, ALIGNMENT);
}
`,
  },
  {
    kinds: ['reset', 'pop'],
    text: `/* Every block made after step \`first\` has ended. */
static void forget_since(int first) {
  for (int block = first + 1; block <= STEPS; block++) live[block].start = 0;
  for (int slot = 0; slot < SLOTS; slot++) {
    if (owner[slot] <= first) continue;
    owner[slot] = 0;
    p[slot] = NULL;
  }
}
`,
  },
  { kinds: ['mark', 'pop'], text: 'static int marks[STEPS + 1], depth;\n' },
];

function statement({ kind, operands }: Operation, step: number): string {
  const [first = 0, second = 0, third = 0] = operands;
  switch (kind) {
    case 'malloc':
      return `p[${first}] = malloc(${second}u); took(${step}, ${first}, ${second}u, ALIGNMENT);`;
    case 'calloc':
      return callocStatement(first, second, third, step);
    case 'aligned_alloc':
      return `p[${first}] = aligned_alloc(${second}u, ${third}u); took(${step}, ${first}, ${third}u, ${Math.max(1, second)}u);`;
    case 'realloc':
      return reallocStatement(first, second, step);
    case 'free':
      return `gone(${step}, ${first}); free(p[${first}]); p[${first}] = NULL;`;
    default:
      return managing(kind, first, step);
  }
}

function callocStatement(slot: number, count: number, sizeBytes: number, step: number): string {
  const total = `(uint64_t)${count}u * ${sizeBytes}u`;
  const call = `p[${slot}] = calloc(${count}u, ${sizeBytes}u);`;
  return `${call} check_zeroes(${step}, ${slot}, ${total}); took(${step}, ${slot}, ${total}, ALIGNMENT);`;
}

function reallocStatement(slot: number, sizeBytes: number, step: number): string {
  return `moved(${step}, ${slot}, realloc(p[${slot}], ${sizeBytes}u), ${sizeBytes}u);`;
}

function managing(kind: OperationKind, operand: number, step: number): string {
  switch (kind) {
    case 'mark':
      return `HEAP_MARK(); marks[depth++] = ${step};`;
    case 'pop':
      return `check_all(${step}); if (depth > 0) { HEAP_POP(); forget_since(marks[--depth]); }`;
    case 'reset':
      return `check_all(${step}); HEAP_RESET(); forget_since(0);`;
    case 'grow':
      return `HEAP_GROW(${operand}u);`;
    default:
      return `HEAP_RUN(${operand}u);`;
  }
}
