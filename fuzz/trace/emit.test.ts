import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { emit, isEmitLanguage } from './emit.ts';
import { parseTrace } from './text.ts';
import type { Trace } from './trace.ts';

const HEADER = { subject: 'lua-bump', law: 'regions-never-overlap', step: '3', seed: '42' };
const ZIG = join(import.meta.dirname, '../../node_modules/.bin/zig');
const directory = mkdtempSync(join(tmpdir(), 'heaplaw-emit-'));
afterAll(() => rmSync(directory, { recursive: true }));

function trace(lines: string): Trace {
  return parseTrace(`# heaplaw trace 1\n${lines.split('; ').join('\n')}`).trace;
}

const EVERY_KIND = [
  '%0 = malloc 16; %1 = calloc 4 16; %0 = realloc %0 4096; free %1; %2 = aligned_alloc 64 128; free %7',
  '%5 = malloc 4294967295; %3 = calloc 65536 65536; %0 = realloc %0 0; %8 = realloc %8 12; %8 = realloc %8 300000',
  '%8 = realloc %8 20; %8 = malloc 0; %8 = calloc 3 0',
].join('; ');
const MANAGED = 'mark; %0 = malloc 9; pop; pop; reset; %1 = malloc 4; grow 2; run 3';
const TRACES = { every: EVERY_KIND, managed: MANAGED, one: '%0 = malloc 8', free: 'free %0', marks: 'mark', none: '' };

const C_COMPILERS = ['gcc', 'cc', 'clang'].filter((name) => spawnSync(name, ['--version']).status === 0);
const C_FLAGS = ['-std=c11', '-Wall', '-Wextra', '-Werror', '-O1'];
const HOOKS = ['MARK()', 'POP()', 'RESET()', 'GROW(pages)', 'RUN(script)'].map((hook) => `-DHEAP_${hook}=(void)0`);

function save(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

/** Compiles C as far as an object file. What the compiler has to say; empty when it is content. */
function complaintsOfC(path: string, flags: readonly string[] = HOOKS): string {
  const [command, ...first] = C_COMPILERS[0] === undefined ? [ZIG, 'cc'] : [C_COMPILERS[0]];
  const { stderr, status } = spawnSync(command, [...first, ...C_FLAGS, ...flags, '-c', path, '-o', `${path}.o`]);
  return status === 0 ? '' : String(stderr);
}

test.each(Object.entries(TRACES))('C for the trace "%s" compiles without a warning', (name, lines) => {
  expect(complaintsOfC(save(`${name}.c`, emit(trace(lines), HEADER, 'c')))).toBe('');
});

test('C names what has to be given where C has no name for an operation', () => {
  const path = save('unnamed.c', emit(trace(MANAGED), HEADER, 'c'));
  expect(complaintsOfC(path, [])).toContain("compile with -D'HEAP_RESET()=your_reset()'");
});

test.each(Object.entries(TRACES))('Zig for the trace "%s" is well-formed', (name, lines) => {
  const path = save(`${name}_trace.zig`, emit(trace(lines), HEADER, 'zig'));
  const { stdout, stderr, status } = spawnSync(ZIG, ['ast-check', path]);
  expect([status, String(stdout) + String(stderr)]).toEqual([0, '']);
});

/** The allocators that the C program is run with: one is sound, the others break a law each. */
const ALLOCATORS = {
  sound: 'top += (n + 31) & ~(size_t)15; return q;',
  overlapping: 'top += n & ~(size_t)15; return q;',
  misaligned: 'top += n + 1; return q;',
  trampling: 'top += (n + 31) & ~(size_t)15; pool[0] ^= 1; return q;',
};

function runC(name: keyof typeof ALLOCATORS, lines: string): { status: number | null; stderr: string } {
  const allocator = save(
    `${name}.c`,
    `#include <stddef.h>
_Alignas(64) static unsigned char pool[1 << 20];
static size_t top;
void *my_malloc(size_t n) {
  if (n == 0 || n > sizeof pool - 64 - top) return NULL;
  void *q = pool + top;
  ${ALLOCATORS[name]}
}
void my_free(void *p) { (void)p; }
`,
  );
  const program = save(`${name}_program.c`, emit(trace(lines), HEADER, 'c'));
  const binary = join(directory, name);
  const rename = ['-Dmalloc=my_malloc', '-Dfree=my_free'];
  const { status, stderr } = spawnSync(C_COMPILERS[0] ?? 'cc', [
    '-std=c11',
    ...rename,
    allocator,
    program,
    '-o',
    binary,
  ]);
  expect([status, String(stderr)]).toEqual([0, '']);
  const run = spawnSync(binary);
  return { status: run.status, stderr: String(run.stderr) };
}

test.runIf(C_COMPILERS.length > 0).each([
  ['sound', 0, ''],
  ['overlapping', null, 'step 2: regions-never-overlap\n'],
  ['misaligned', null, 'step 2: pointers-are-aligned\n'],
  ['trampling', null, 'step 2: bytes-survive-their-neighbours\n'],
] as const)('the C program with a %s allocator: status %s, "%s"', (name, status, stderr) => {
  expect(runC(name, '%0 = malloc 24; %1 = malloc 8; free %0; %0 = malloc 2097152')).toEqual({ status, stderr });
});

test('the operations stand as literal calls, in order', () => {
  const c = emit(trace('%0 = malloc 16; %0 = realloc %0 40; %2 = calloc 3 5; free %0'), HEADER, 'c');
  expect(
    c.match(/= malloc\(16u\)[\s\S]*realloc\(p\[0\], 40u\)[\s\S]*calloc\(3u, 5u\)[\s\S]*free\(p\[0\]\)/),
  ).not.toBeNull();
  expect(c).toContain('subject lua-bump · law regions-never-overlap');
  expect(c).toContain('SLOTS = 3');
});

test('a header cannot end the comment it stands in', () => {
  const c = emit(trace('free %0'), { subject: 'evil */ int main\nx' }, 'c');
  expect(c.slice(0, c.indexOf('#include'))).not.toMatch(/evil \*\//);
});

test('reads and writes of memory are refused in C and Zig, with the way out', () => {
  for (const language of ['c', 'zig'] as const) {
    expect(() => emit(trace('%0 = malloc 1; write_i32 0x10 0xff'), HEADER, language)).toThrow(
      /found "write_i32 0x10 0xff", expected allocator operations: emit vitest/,
    );
  }
  expect(emit(trace('write_i32 0x10 0xff'), HEADER, 'vitest')).toContain('write_i32 0x10 0xff');
});

test('the vitest case holds the trace, the subject and the judge', () => {
  const text = emit(trace('%0 = malloc 16'), HEADER, 'vitest');
  expect(text).toContain('%0 = malloc 16\n');
  expect(text).toContain("test('lua-bump: regions-never-overlap'");
  expect(text).toContain('judge(new Lockstep(subject), parseTrace(TRACE).trace)');
  expect(emit(trace('%0 = malloc 16'), { subject: "it's" }, 'vitest')).toContain("it\\'s");
  expect(emit(trace('%0 = malloc 16'), {}, 'vitest')).toContain('every law');
});

/** Everything that means something in a template literal. */
const AWKWARD = ['a`b', 'c$', '{d}'].join('\\').replace('$\\{', '${');

test('the vitest case reads its trace again', () => {
  const text = emit(trace('%0 = malloc 16; free %0'), { subject: AWKWARD }, 'vitest');
  const literal = /const TRACE = (`[\s\S]*?[^\\]`);/.exec(text)?.[1] ?? '';
  const parsed = parseTrace(String(new Function(`return ${literal}`)()));
  expect(parsed).toEqual({ header: { subject: AWKWARD }, trace: trace('%0 = malloc 16; free %0') });
});

test('languages are known by name', () => {
  expect(['c', 'zig', 'vitest'].every(isEmitLanguage)).toBe(true);
  expect(isEmitLanguage('toString')).toBe(false);
});
