import { describe, expect, it } from 'vitest';
// Subclassed here, which what stands in `src/index.ts` need not allow.
import { HostBumpAllocator } from '../../src/host-bump-allocator.ts';
import { MemoryError } from '../../src/memory-error.ts';
import { judge, Lockstep } from '../lockstep.ts';
import { parseTrace } from '../trace/text.ts';
import { type Trace, traceOf } from '../trace/trace.ts';
import { CanarySubject } from './canary.ts';
import { HostBumpSubject } from './host-bump.ts';
import { HostStackSubject } from './host-stack.ts';
import { HOST_IMPLEMENTATION } from './implementation.ts';
import { SUBJECTS } from './index.ts';
import { builtModule, functionOf } from './lua-exports.ts';
import { Snapshot } from './snapshot.ts';

const PAGE_BYTES = 65536;

function trace(lines: string): Trace {
  return parseTrace(`# heaplaw trace 1\n${lines.split('; ').join('\n')}`).trace;
}

describe('the table of subjects', () => {
  it('has each name once, and makes the subject of that name', () => {
    expect(new Set(SUBJECTS.map(({ name }) => name)).size).toBe(SUBJECTS.length);
    for (const { name, create } of SUBJECTS) expect(create().name).toBe(name);
  });

  it.each(SUBJECTS)('$name answers as at first after a restart, its memory grown or not', ({ create }) => {
    const subject = create();
    const ask = () => [subject.malloc(40), subject.malloc(100), subject.statistics()];
    subject.restart();
    const first = ask();
    subject.malloc(3 * PAGE_BYTES);
    subject.grow(1);
    subject.restart();
    expect(ask()).toEqual(first);
  });

  it.each(SUBJECTS)('$name leaves no byte of an earlier trace in its arena where it says so', ({ create }) => {
    const subject = create();
    if (subject.restartsClean !== true) return;
    const { arenaStart, arenaEnd } = subject.profile;
    const arena = () => new Uint8Array(subject.memory.buffer).subarray(arenaStart, arenaEnd);
    const fresh = arena().slice();
    const pointer = subject.malloc(1000);
    const others = [subject.realloc(pointer, 1000, 16, 5000), subject.malloc(70)];
    for (const each of [pointer, ...others]) new Uint8Array(subject.memory.buffer, each, 70).fill(0xaa);
    subject.restart();
    expect(arena().findIndex((byte, offset) => byte !== fresh[offset])).toBe(-1);
  });

  it.each(SUBJECTS)('$name refuses growth beyond any memory, and has nothing to pop without a mark', ({ create }) => {
    const subject = create();
    expect([subject.grow(PAGE_BYTES), subject.pop()]).toEqual([false, false]);
  });

  it.each(SUBJECTS)('$name gives 0 for what it does not have', ({ create }) => {
    const subject = create();
    const has = (kind: 'calloc' | 'realloc' | 'aligned_alloc') => subject.profile.operations.includes(kind);
    if (!has('calloc')) expect(subject.calloc(1, 8)).toBe(0);
    if (!has('realloc')) expect(subject.realloc(0, 0, 8, 8)).toBe(0);
    if (!has('aligned_alloc')) expect(subject.alignedAlloc(8, 8)).toBe(0);
    if (!subject.profile.operations.includes('mark')) expect(subject.mark()).toBeUndefined();
  });
});

describe('the canary', () => {
  it('sings at the 65th live block and not before', () => {
    const blocks = (count: number) =>
      traceOf(Array.from({ length: count }, (_, slot) => ({ kind: 'malloc', operands: [slot, 8] })));
    const lockstep = new Lockstep(new CanarySubject());
    expect(judge(lockstep, blocks(64))).toBeUndefined();
    expect(judge(lockstep, blocks(65))).toMatchObject({ law: 'regions-never-overlap', step: 65 });
  });

  it('counts what is freed, and refuses no bytes and too many', () => {
    const canary = new CanarySubject();
    expect(judge(new Lockstep(canary), trace('%0 = malloc 8; free %0; free %0; %1 = malloc 0'))).toBeUndefined();
    expect(canary.malloc(5 * PAGE_BYTES)).toBe(0);
    expect([canary.calloc(), canary.realloc(), canary.alignedAlloc(), canary.statistics()]).toEqual([
      0,
      0,
      0,
      undefined,
    ]);
    canary.reset();
    canary.run();
  });
});

describe('a host subject', () => {
  it('takes a MemoryError for a refusal and passes on every other error', () => {
    class Throwing extends HostBumpAllocator {
      override alloc(size: number): number {
        if (size === 1) throw new MemoryError('no', 0, size);
        throw new RangeError('a foreign error');
      }
    }
    const subject = new HostBumpSubject({ ...HOST_IMPLEMENTATION, HostBumpAllocator: Throwing, MemoryError });
    expect(subject.malloc(1)).toBe(0);
    expect(() => subject.malloc(2)).toThrow(RangeError);
    subject.run();
  });

  it('begins where its setting says', () => {
    const heap = new HostBumpSubject(HOST_IMPLEMENTATION, { initialPages: 1, maximumPages: 2, base: 4096 });
    expect([heap.malloc(1), heap.profile.arenaStart, heap.profile.capacityBytes]).toEqual([4096, 4096, 126_976]);
    const stack = new HostStackSubject(HOST_IMPLEMENTATION, { base: 4096, sizeBytes: 64 });
    expect([stack.malloc(64), stack.malloc(1), stack.profile.arenaEnd]).toEqual([4096, 0, 4160]);
    stack.free();
    stack.run();
  });
});

describe('the exports of a Lua module', () => {
  it('that are missing are named', () => {
    const instance = new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)));
    expect(() => functionOf(instance, 'lua_malloc')).toThrow('the module does not export a function lua_malloc');
  });

  it('of a module that was not built are asked for with the command that builds it', () => {
    expect(() => builtModule('no-such-module')).toThrow('run "npm run build:wasm" first');
  });
});

describe('a snapshot', () => {
  it('puts back its ranges and nothing else, also after memory has grown', () => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 2 });
    new Uint8Array(memory.buffer).fill(1, 0, 10);
    const snapshot = Snapshot.of(memory, [0, 4], [8, 10]);
    new Uint8Array(memory.buffer).fill(2, 0, 10);
    memory.grow(1);
    snapshot.restore();
    expect([...new Uint8Array(memory.buffer, 0, 10)]).toEqual([1, 1, 1, 1, 2, 2, 2, 2, 1, 1]);
  });
});
