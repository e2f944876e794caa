import { describe, expect, it } from 'vitest';
import { isLawId, LAW_IDS, LAWS } from './laws.ts';
import { Broken, foreignErrorText, regionText, relationOf } from './violation.ts';

describe('a region', () => {
  it('is written in hexadecimal, its end excluded', () => {
    expect(regionText(0x10000, 24)).toBe('0x10000..0x10018');
  });

  it.each([
    [100, 10, 'same-start'],
    [104, 4, 'inside'],
    [104, 16, 'inside'],
    [96, 40, 'around'],
    [90, 20, 'before'],
    [90, 30, 'around'],
    [110, 40, 'after'],
  ] as const)('[%i, +%i) lies %s to [100, +20)', (pointer, sizeBytes, relation) => {
    expect(relationOf(pointer, sizeBytes, { pointer: 100, sizeBytes: 20 })).toBe(relation);
  });
});

describe('what was thrown', () => {
  it('is shown by name and message, and what is a MemoryError by its name alone is said to be', () => {
    const namesake = Object.assign(new Error('no room'), { name: 'MemoryError' });
    expect([new RangeError('too far'), 'text', namesake].map(foreignErrorText)).toEqual([
      'RangeError: too far',
      'text',
      'MemoryError: no room (no instance of the exported MemoryError)',
    ]);
  });
});

describe('the table of laws', () => {
  it('has one plain sentence an id', () => {
    for (const id of LAW_IDS) {
      expect(id).toMatch(/^[a-z]+(-[a-z0-9]+)+$/);
      expect(LAWS[id].length).toBeGreaterThan(20);
    }
  });

  it('knows its own ids and nothing that objects inherit', () => {
    expect(LAW_IDS.every(isLawId)).toBe(true);
    expect(isLawId('toString')).toBe(false);
  });

  it('is what a broken law is thrown by', () => {
    const violation = { law: 'operations-end', step: 1, kind: 'free', request: 'free %0' } as const;
    const broken = new Broken({ ...violation, answer: '', allowed: '', relation: 'none' });
    expect([broken.message, broken.violation.step]).toEqual(['operations-end', 1]);
  });
});
