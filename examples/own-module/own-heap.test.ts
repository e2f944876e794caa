/** The same for an allocator in TypeScript: its functions, and what it promises. */
import { defineSubject, fuzzModule } from 'heaplaw';
import { expect, it } from 'vitest';
import { OwnHeap } from './own-heap.ts';

const ownHeap = defineSubject({
  name: 'own-heap',
  promises: { alignmentBytes: 64, zeroMalloc: 'block', reclaims: true },
  create() {
    const heap = new OwnHeap();
    return {
      memory: heap.memory,
      malloc: (sizeBytes) => heap.take(sizeBytes),
      free: (pointer) => pointer !== 0 && heap.give(pointer),
      restart: () => heap.clear(),
    };
  },
});

it('keeps every law, and its promises', () => {
  expect(fuzzModule(ownHeap, { seed: 1, runs: 300 }).findings).toEqual([]);
});
