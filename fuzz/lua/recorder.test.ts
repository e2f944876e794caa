import { describe, expect, it } from 'vitest';
import { Lockstep } from '../lockstep.ts';
import { ReclaimingSubject } from '../subjects/reclaiming.ts';
import { formatOperation } from '../trace/text.ts';
import { operationsOf, SLOTS } from '../trace/trace.ts';
import { Recorder, type Recording } from './recorder.ts';

/** An allocator that never gives an address twice, and refuses what is larger than 1000. */
function bumping(): (pointer: number, oldBytes: number, newBytes: number) => number {
  let top = 0;
  return (_pointer, _oldBytes, newBytes) => {
    if (newBytes === 0 || newBytes > 1000) return 0;
    top += 1024;
    return top;
  };
}

type Play = (alloc: (pointer: number, newBytes: number) => number) => void;

function record(play: Play, maximumOperations?: number): Recording {
  const recorder = new Recorder();
  const next = bumping();
  play((pointer, newBytes) => recorder.tap(pointer, 0, newBytes, next));
  return recorder.recording(maximumOperations);
}

const linesOf = ({ trace }: Recording): string[] => operationsOf(trace).map(formatOperation);

describe('a recording', () => {
  it('has malloc, realloc and free as Lua meant them, and uses slots again, the lowest first', () => {
    const recording = record((alloc) => {
      const first = alloc(0, 10);
      const second = alloc(0, 20);
      const moved = alloc(first, 30);
      alloc(second, 0);
      alloc(moved, 0);
      alloc(0, 40);
    });
    expect(linesOf(recording)).toEqual([
      '%0 = malloc 10',
      '%1 = malloc 20',
      '%0 = realloc %0 30',
      'free %1',
      'free %0',
      '%0 = malloc 40',
    ]);
    expect([recording.refused, recording.lost]).toEqual([0, 0]);
  });

  it('leaves out what was refused, what frees nothing, and what it never saw made', () => {
    const recording = record((alloc) => {
      const block = alloc(0, 10);
      alloc(0, 5000);
      alloc(block, 5000);
      alloc(0, 0);
      alloc(999_999, 0);
      alloc(888_888, 7);
      alloc(block, 0);
    });
    expect(linesOf(recording)).toEqual(['%0 = malloc 10', '%1 = malloc 7', 'free %0']);
    expect([recording.refused, recording.lost]).toEqual([2, 0]);
  });

  it('ends where it is told to', () => {
    const recording = record((alloc) => Array.from({ length: 9 }, () => alloc(0, 1)), 4);
    expect(linesOf(recording)).toHaveLength(4);
  });
});

describe('more blocks than slots', () => {
  it('cost the handles of those that are never needed again, and nothing is lost', () => {
    const recording = record((alloc) => {
      const needed = Array.from({ length: SLOTS - 1 }, () => alloc(0, 1));
      for (let count = 0; count < 100; count += 1) alloc(0, 2);
      for (const pointer of needed) alloc(pointer, 0);
    });
    expect(recording.lost).toBe(0);
    expect(linesOf(recording).filter((line) => line.startsWith('free'))).toHaveLength(SLOTS - 1);
    expect(linesOf(recording).filter((line) => line.startsWith('%255'))).toHaveLength(100);
  });

  it('cost the handle of the one needed last; its realloc is a malloc, its free is left out', () => {
    const recording = record((alloc) => {
      const blocks = Array.from({ length: SLOTS + 1 }, (_, index) => alloc(0, index + 1));
      for (const pointer of blocks.slice(2)) alloc(pointer, 0);
      const [first = 0, second = 0] = blocks;
      alloc(second, 500);
      alloc(first, 0);
    });
    const lines = linesOf(recording);
    expect(lines[SLOTS]).toBe('%0 = malloc 257');
    expect(lines.slice(-1)).toEqual(['%1 = realloc %1 500']);
    expect(recording.lost).toBe(1);
  });

  it('are a trace that keeps every law', () => {
    const recording = record((alloc) => {
      const blocks = Array.from({ length: 600 }, (_, index) => alloc(0, 1 + (index % 90)));
      const moved = blocks.map((pointer, index) => (index % 3 === 0 ? alloc(pointer, 700) : pointer));
      for (const pointer of moved) alloc(pointer, 0);
    });
    expect(recording.lost).toBeGreaterThan(0);
    const subject = new ReclaimingSubject('lua-reclaiming', 'lua-reclaiming-safe');
    expect(new Lockstep(subject).run(recording.trace)).toBe(undefined);
  });
});
