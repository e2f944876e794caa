import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { judge, Lockstep } from '../../fuzz/lockstep.ts';
import { generateTrace } from '../../fuzz/trace/generate.ts';
import { Random } from '../../fuzz/trace/random.ts';
import { parseTrace } from '../../fuzz/trace/text.ts';
import { RECLAIMING_FAULTS } from './reclaiming-faults.ts';
import { builtBytes, type ReclaimingExports, reclaimingInstance } from './reclaiming-instance.ts';
import { LedgerSubject } from './reclaiming-ledger-subject.ts';
import { usableBytes } from './reclaiming-profile.ts';

const PAGE_BYTES = 65536;
const FUZZ_PAGES = 64;
const SAFE = builtBytes('reclaiming-safe');

const lockstepOf = (bytes: Uint8Array) => new Lockstep(new LedgerSubject(bytes, FUZZ_PAGES * PAGE_BYTES));
const traceOf = (lines: readonly string[]) => parseTrace(['# heaplaw trace 1', ...lines].join('\n')).trace;

describe('planted faults', () => {
  const judged = RECLAIMING_FAULTS.filter((fault) => fault.needsForeignPages !== true);

  test.each(judged)('$fault breaks its law', ({ fault, laws, trace }) => {
    const violation = judge(lockstepOf(builtBytes(`faults/reclaiming-${fault}`)), traceOf(trace));
    expect(laws).toContain(violation?.law);
  });

  test.each(RECLAIMING_FAULTS)('the sound allocator passes the trace of $fault', ({ trace }) => {
    expect(judge(lockstepOf(SAFE), traceOf(trace))).toBeUndefined();
  });

  test('the sound allocator may refuse a large block after a reset, where pages of others cut up what it has', () => {
    const block = '%0 = aligned_alloc 32768 1';
    const turns = Array.from({ length: 22 }, () => [block, 'grow 1']).flat();
    const lines = [
      'grow 4',
      '%0 = aligned_alloc 16384 1',
      block,
      block,
      ...turns,
      block,
      'grow 2',
      block,
      block,
      'grow 1',
    ];
    const trace = traceOf([...lines, 'reset', '%1 = aligned_alloc 524288 1']);
    expect(judge(lockstepOf(SAFE), trace)).toBeUndefined();
  });

  test('growth-ignores-foreign-pages hands out the pages that the host grew', () => {
    expect(overlapsForeignPages(builtBytes('faults/reclaiming-growth-ignores-foreign-pages'))).toBe(true);
    expect(overlapsForeignPages(SAFE)).toBe(false);
  });

  test('the table names the faults of the Zig enum, in its order', () => {
    const source = readFileSync(join(import.meta.dirname, 'reclaiming_fault.zig'), 'utf8');
    const [body = ''] = source.slice(source.indexOf('enum(u32) {')).split('};');
    const names = Array.from(body.matchAll(/^ {4}(\w+),$/gm), ([, name = '']) => name.replaceAll('_', '-'));
    expect(RECLAIMING_FAULTS.map(({ fault }) => fault)).toEqual(names.slice(1));
  });
});

function overlapsForeignPages(bytes: Uint8Array): boolean {
  const heap = reclaimingInstance(bytes);
  const foreignStart = heap.memory.grow(1) * PAGE_BYTES;
  const pointer = heap.malloc(2 * PAGE_BYTES);
  return pointer < foreignStart + PAGE_BYTES && pointer + 2 * PAGE_BYTES > foreignStart;
}

describe('generated traces', () => {
  test.each([1, 2, 3, 4])('random seed %i: every law, every counter and the whole heap', (seed) => {
    const lockstep = lockstepOf(SAFE);
    const random = new Random(seed);
    for (let count = 0; count < 300; count += 1) {
      expect(judge(lockstep, generateTrace(random, lockstep.subject.profile, 1000))).toBeUndefined();
    }
  });
});

describe('the contract', () => {
  let heap: ReclaimingExports;
  beforeEach(() => {
    heap = reclaimingInstance(SAFE);
  });

  test('a block holds what was asked for, rounded up, and is counted so', () => {
    let liveBytes = 0;
    for (let sizeBytes = 1; sizeBytes < 300; sizeBytes += 1) {
      const pointer = heap.malloc(sizeBytes);
      expect(pointer % 16).toBe(0);
      expect(heap.malloc_usable_size(pointer)).toBe(usableBytes(sizeBytes));
      liveBytes += usableBytes(sizeBytes);
      expect(heap.heap_live_bytes()).toBe(liveBytes);
      expect(heap.malloc_stats()).toBe(liveBytes);
    }
    expect(heap.malloc_usable_size(0)).toBe(0);
  });

  test('free, live and overhead are all the memory there is', () => {
    const heapBytes = heap.memory.buffer.byteLength - (Math.ceil(Number(heap.__heap_base.value) / 16) * 16 + 16);
    const pointers = [100, 2000, 30, 500].map((sizeBytes) => heap.malloc(sizeBytes));
    heap.free(pointers[1] ?? 0);
    expect(heap.heap_free_bytes() + heap.heap_live_bytes() + 4 * heap.heap_live_blocks()).toBe(heapBytes);
  });

  test('what heap_largest_free says is met without growth, and one more byte is not', () => {
    const pages = heap.memory.buffer.byteLength;
    const largest = heap.heap_largest_free();
    const pointer = heap.malloc(largest);
    expect(pointer).not.toBe(0);
    expect(heap.memory.buffer.byteLength).toBe(pages);
    heap.free(pointer);
    expect(heap.malloc(largest + 1)).not.toBe(0);
    expect(heap.memory.buffer.byteLength).toBe(pages + PAGE_BYTES);
    expect(heap.heap_growths()).toBe(1);
  });

  test('the largest block of the profile can be had, again and again, and one byte more cannot', () => {
    const { capacityBytes } = new LedgerSubject(SAFE, FUZZ_PAGES * PAGE_BYTES).profile;
    expect(heap.malloc(capacityBytes + 1)).toBe(0);
    for (let round = 0; round < 3; round += 1) {
      const pointer = heap.malloc(capacityBytes);
      expect(pointer).not.toBe(0);
      heap.free(pointer);
    }
    expect(heap.memory.buffer.byteLength).toBe(FUZZ_PAGES * PAGE_BYTES);
    expect(heap.heap_failed_requests()).toBe(1);
  });

  test('reset gives the same answers again and grows nothing', () => {
    const run = () => [10, 70_000, 300, 200_000].map((sizeBytes) => heap.malloc(sizeBytes));
    const first = run();
    const [bytes, growths] = [heap.memory.buffer.byteLength, heap.heap_growths()];
    heap.malloc_reset();
    expect([heap.heap_live_bytes(), heap.heap_peak_bytes(), heap.heap_growths()]).toEqual([0, 0, 0]);
    expect(run()).toEqual(first);
    expect([heap.memory.buffer.byteLength, heap.heap_growths()]).toEqual([bytes, growths]);
    expect(heap.malloc_epoch()).toBe(1);
  });

  test('a balanced trace repeated 1,000 times grows memory in the first round only', () => {
    const balanced = () => {
      const pointers = Array.from({ length: 200 }, (_, index) => heap.malloc(1 + ((index * 7919) % 3000)));
      for (let index = 0; index < 200; index += 2) pointers[index] = heap.realloc(pointers[index] ?? 0, 2000);
      for (const pointer of pointers) heap.free(pointer);
    };
    balanced();
    const [bytes, growths, largest] = [heap.memory.buffer.byteLength, heap.heap_growths(), heap.heap_largest_free()];
    for (let round = 1; round < 1000; round += 1) balanced();
    expect([heap.memory.buffer.byteLength, heap.heap_growths()]).toEqual([bytes, growths]);
    expect(heap.heap_largest_free()).toBe(largest);
    expect(heap.heap_check?.()).toBe(0);
  });

  test('a heap filled to the last byte can be shrunk, drained and filled again', () => {
    const fill = () => {
      const pointers: number[] = [];
      for (let size = 100_000; size >= 12; size = size > 12 ? Math.max(12, size >> 1) : 0) {
        for (let pointer = heap.malloc(size); pointer !== 0; pointer = heap.malloc(size)) pointers.push(pointer);
      }
      return pointers;
    };
    const first = fill();
    expect(heap.heap_free_bytes()).toBe(0);
    for (const pointer of first) expect(heap.realloc(pointer, 1)).toBe(pointer);
    expect(heap.heap_check?.()).toBe(0);
    for (const pointer of first) heap.free(pointer);
    expect(fill()).toEqual(first);
    expect(heap.heap_check?.()).toBe(0);
  });

  test('lua_alloc takes osize for a type tag where there is no block', () => {
    const pointer = heap.lua_alloc(0, 0, 5, 40);
    expect(heap.malloc_usable_size(pointer)).toBe(usableBytes(40));
    expect(heap.lua_alloc(0, pointer, 40, 0)).toBe(0);
    expect(heap.heap_live_blocks()).toBe(0);
  });

  test('heap_check names a header that was overwritten, and is not in release builds', () => {
    const pointer = heap.malloc(40);
    heap.malloc(40);
    expect(heap.heap_check?.()).toBe(0);
    new DataView(heap.memory.buffer).setUint32(pointer - 4, 7, true);
    expect(heap.heap_check?.()).toBe(2);
    expect(reclaimingInstance(builtBytes('reclaiming')).heap_check).toBeUndefined();
  });
});
