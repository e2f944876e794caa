import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { CanarySubject } from '../subjects/canary.ts';
import { defineSubject } from './define-subject.ts';
import { fuzzModule } from './fuzz-module.ts';
import { replay } from './replay.ts';
import { TrialHeap } from './trial-heap.ts';

const zoo = (name: string) => readFileSync(new URL(`../../wasm/dist/zoo/${name}.wasm`, import.meta.url));
const canary = { name: 'canary', about: '', create: () => new CanarySubject() };

it('shows a finding again, law and step and words', () => {
  const [finding] = fuzzModule(canary, { runs: 640 }).findings;
  const { law, step, answer, trace } = finding ?? { trace: '' };
  expect(replay(trace, canary)).toMatchObject({ law, step, answer, trace });
});

it('is silent where every law holds: the mended module', () => {
  const trace = '# heaplaw trace 1 · law operations-never-trap\nfree %0\n';
  expect(replay(trace, zoo('bump-free-null-traps'))).toMatchObject({ law: 'operations-never-trap', step: 1 });
  expect(replay(trace, zoo('bump'))).toBeUndefined();
});

it('takes the options of a module', () => {
  const trace = '# heaplaw trace 1\n%0 = malloc 1\n%1 = malloc 1\n';
  expect(replay(trace, zoo('bump'))).toBeUndefined();
  expect(replay(trace, zoo('bump'), { alignmentBytes: 64 })).toMatchObject({ law: 'pointers-are-aligned' });
});

it('looks for laws that one run cannot break, unless the header names another', () => {
  let instances = 0;
  const wandering = defineSubject({
    name: 'wandering',
    promises: { alignmentBytes: 8 },
    create: () => {
      const heap = new TrialHeap();
      heap.malloc(8 * ++instances);
      return { memory: heap.memory, malloc: (sizeBytes) => heap.malloc(sizeBytes) };
    },
  });
  const law = 'same-trace-same-answers';
  expect(replay('# heaplaw trace 1\n%0 = malloc 8\n', wandering)).toMatchObject({ law });
  expect(replay(`# heaplaw trace 1 · law ${law}\n%0 = malloc 8\n`, wandering)).toMatchObject({ law });
  expect(replay('# heaplaw trace 1 · law calloc-gives-zeroes\n%0 = malloc 8\n', wandering)).toBeUndefined();
});
