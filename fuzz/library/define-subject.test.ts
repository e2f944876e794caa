import { describe, expect, it } from 'vitest';
import { defineSubject, type OwnAllocator, type OwnSubject } from './define-subject.ts';
import { fuzzModule } from './fuzz-module.ts';
import { NoRoom, TrialHeap } from './trial-heap.ts';

const RUNS = { runs: 64, maxOps: 100 };

const own: OwnSubject = {
  name: 'trial-heap',
  promises: { alignmentBytes: 8, maximumAlignmentBytes: 256, arenaStart: 65536 },
  create: () => new TrialHeap(),
  isRefusal: (error) => error instanceof NoRoom,
};

type Change = (heap: TrialHeap) => { readonly [Name in keyof OwnAllocator]?: OwnAllocator[Name] | undefined };

/** The same heap with some functions of another. */
const heapWith = (change: Change): OwnSubject => ({
  ...own,
  create: () => {
    const heap = new TrialHeap();
    return Object.assign(heap, change(heap)) as OwnAllocator;
  },
});

const fail = (): never => {
  throw new Error('not written yet');
};

const lawsBrokenBy = (subject: OwnSubject): string[] =>
  fuzzModule(defineSubject(subject), RUNS).findings.map(({ law }) => law);

describe('a subject of your own', () => {
  it('is silent when it keeps every law, with every function it may have', () => {
    const report = fuzzModule(defineSubject(own), RUNS);
    expect(report.findings).toEqual([]);
    expect(report.profile.operations).toEqual(['malloc', 'free', 'calloc', 'realloc', 'aligned_alloc', 'reset']);
    expect(report.figures.operations).toBeGreaterThan(RUNS.runs);
  });

  it('has marks where no block moves', () => {
    const report = fuzzModule(defineSubject(heapWith(() => ({ realloc: undefined }))), RUNS);
    expect(report.findings).toEqual([]);
    expect(report.profile.operations).toEqual(['malloc', 'free', 'calloc', 'aligned_alloc', 'mark', 'pop', 'reset']);
  });

  it('is named and described as it says', () => {
    expect(defineSubject(own)).toMatchObject({ name: 'trial-heap', about: 'trial-heap' });
    expect(defineSubject({ ...own, about: 'bump heap' })).toMatchObject({ about: 'bump heap' });
  });

  it('has the operations whose functions are there, and promises nothing unsaid', () => {
    const memory = new WebAssembly.Memory({ initial: 1 });
    const definition = defineSubject({
      name: 'least',
      promises: { alignmentBytes: 1 },
      create: () => ({ memory, malloc: () => 0 }),
    });
    const subject = definition.create();
    expect(subject.profile).toMatchObject({
      operations: ['malloc'],
      arenaStart: 1,
      arenaEnd: 65536,
      mayGrow: false,
      reclaims: false,
      capacityBytes: 0,
    });
    subject.free(8, 8, 1);
    subject.mark();
    subject.reset();
    subject.run(0);
    expect(subject.pop()).toBe(false);
    expect(subject.calloc(1, 1)).toBe(0);
    expect(subject.realloc(0, 0, 1, 1)).toBe(0);
    expect(subject.alignedAlloc(1, 1)).toBe(0);
    expect(subject.statistics()).toBeUndefined();
    expect(fuzzModule(definition, RUNS).findings).toEqual([]);
  });

  it('has its memory grown by the host where it promises to live with that', () => {
    const subject = defineSubject({ ...own, promises: { ...own.promises, operations: ['malloc', 'grow'] } }).create();
    expect(subject.grow(0)).toBe(true);
    expect(subject.grow(1)).toBe(false);
  });

  it('is made anew for each trace where it cannot restart', () => {
    let made = 0;
    const subject = defineSubject({
      ...own,
      create: () => {
        made++;
        const heap = new TrialHeap();
        return { memory: heap.memory, malloc: (sizeBytes) => heap.malloc(sizeBytes) };
      },
    }).create();
    const before = made;
    const first = subject.malloc(8);
    subject.restart();
    expect(subject.malloc(8)).toBe(first);
    expect(made).toBe(before + 1);
  });
});

describe('a fault of your own subject is found', () => {
  it.each<[law: string, change: Change]>([
    ['pointers-are-aligned', (heap) => ({ malloc: (size) => heap.alignedAlloc(4, size) })],
    ['regions-never-overlap', (heap) => ({ malloc: (size) => heap.alignedAlloc(8, Math.min(size, 40)) })],
    ['calloc-gives-zeroes', (heap) => ({ calloc: (count, size) => heap.malloc(count * size) })],
    ['realloc-keeps-the-prefix', (heap) => ({ realloc: (_pointer, _old, _alignment, size) => heap.malloc(size) })],
    ['statistics-match-history', (heap) => ({ free: (pointer) => void (pointer % 64 && heap.statistics()) })],
    ['reset-starts-over', () => ({ reset: () => {} })],
    ['bytes-survive-their-neighbours', (heap) => ({ free: () => new Uint8Array(heap.memory.buffer).fill(0, 65536) })],
    ['operations-never-trap', () => ({ free: fail })],
    ['agrees-with-the-contract', () => ({ realloc: undefined, pop: () => true })],
  ])('%s', (law, change) => {
    expect(lawsBrokenBy(heapWith(change))).toContain(law);
  });

  it('an error that is no refusal', () => {
    const { isRefusal: _, ...unsaid } = own;
    expect(lawsBrokenBy(unsaid)).toContain('impossible-sizes-are-refused');
  });
});

describe('what cannot be a subject', () => {
  it.each([0, 3, 1.5, -8, Number.NaN, 2 ** 32])('an alignment of %d', (alignmentBytes) => {
    expect(() => defineSubject({ ...own, promises: { alignmentBytes } })).toThrow(
      `trial-heap: alignmentBytes is ${alignmentBytes}, expected a power of two from 1 to 2^31`,
    );
  });

  it('a heap that grows to nobody knows where', () => {
    expect(() => defineSubject({ ...own, promises: { alignmentBytes: 8, mayGrow: true } })).toThrow(
      'trial-heap: mayGrow without arenaEnd; say the largest size memory may have, in bytes',
    );
  });
});
