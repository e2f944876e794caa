import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ZOO_DIRECTORY } from '../../wasm/zoo/modules.ts';
import { FakeSurroundings } from '../command/fake-surroundings.ts';
import { run } from '../command/run.ts';
import { misuseTable } from '../report/misuse-table.ts';
import { SUBJECTS } from '../subjects/index.ts';
import { subjectFromModule } from '../subjects/wasm-module.ts';
import { cellHeap } from './cell-heap.ts';
import { MISUSES } from './misuses.ts';
import { type MisuseRow, runMisuse } from './run-misuse.ts';

const outcomes = (rows: readonly MisuseRow[]) => Object.fromEntries(rows.map((row) => [row.misuse, row.outcome]));

const zooModule = (file: string) => subjectFromModule(readFileSync(join(ZOO_DIRECTORY, file)), { name: file });

const hostBump = () => {
  const found = SUBJECTS.find(({ name }) => name === 'host-bump');
  if (found === undefined) throw new Error('no subject host-bump');
  return found;
};

describe('a heap that checks nothing', () => {
  const rows = runMisuse(cellHeap('trusting', { checked: false }));

  it('hands a cell freed twice out twice', () => {
    expect(outcomes(rows)).toMatchObject({
      'double free, at once': 'overlaps',
      'double free, another between': 'overlaps',
    });
  });

  it('follows a link that was written over', () => {
    expect(['traps-later', 'overlaps', 'corrupts']).toContain(outcomes(rows)['write after free']);
  });

  it('does not see a byte past the end that lands in no data of its own', () => {
    expect(outcomes(rows)['one byte past the end']).toBe('ignored');
  });
});

describe('a heap that checks what it is given', () => {
  it('stops double frees and pointers that it never gave, at once', () => {
    const rows = runMisuse(cellHeap('checking', { checked: true }));
    expect(outcomes(rows)).toMatchObject({
      'double free, at once': 'traps',
      'double free, another between': 'traps',
      'free of an interior pointer': 'traps',
      'free of a foreign pointer': 'traps',
      'free of a pointer beyond memory': 'traps',
    });
  });
});

describe('known allocators', () => {
  it('a bump allocator that never frees ignores all of it', () => {
    expect(new Set(Object.values(outcomes(runMisuse(hostBump()))))).toEqual(new Set(['ignored']));
  });

  it('a heap with guard words stops interior and foreign pointers at once', () => {
    const rows = outcomes(runMisuse(zooModule('sound-canaries.wasm')));
    expect(rows['free of an interior pointer']).toBe('traps');
    expect(rows['free of a foreign pointer']).toBe('traps');
  });

  it('one row a misuse, in the order of the table, the same every time', () => {
    const rows = runMisuse(zooModule('free-list.wasm'));
    expect(rows.map(({ misuse }) => misuse)).toEqual(MISUSES.map(({ name }) => name));
    expect(runMisuse(zooModule('free-list.wasm'))).toEqual(rows);
  });
});

describe('the table', () => {
  it('says that none of it is a finding, and what was seen at which size', () => {
    const text = misuseTable('demo', [
      { misuse: 'double free', outcome: 'overlaps', sizeBytes: 24, detail: 'blocks share bytes' },
      { misuse: 'stray', outcome: 'ignored', sizeBytes: 24, detail: '' },
    ]);
    expect(text.split('\n')).toEqual([
      'misuse of demo: what C leaves undefined, so none of this is a finding',
      '  double free  makes two other live blocks overlap (24 bytes: blocks share bytes)',
      '  stray        ignored: nothing else was touched',
    ]);
  });
});

describe('--misuse', () => {
  it('prints a table for the subject and ends well', async () => {
    const outside = new FakeSurroundings();
    expect(await run(['host-bump', '--misuse'], outside)).toBe(0);
    expect(outside.output).toContain('misuse of host-bump');
  });

  it('prints data where it is asked for', async () => {
    const outside = new FakeSurroundings();
    expect(await run(['host-bump', '--misuse', '--json'], outside)).toBe(0);
    expect(JSON.parse(outside.output)).toMatchObject({ subject: 'host-bump', misuse: expect.any(Array) });
  });

  it.each([
    [['--misuse'], 'expected a name or a .wasm file'],
    [['wasm-memory', '--misuse'], 'is no allocator'],
  ])('%j is refused', async (words, message) => {
    const outside = new FakeSurroundings();
    expect(await run(words, outside)).toBe(1);
    expect(outside.complaints).toContain(message);
  });
});
