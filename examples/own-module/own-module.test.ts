/** A test of your own over a `.wasm` of your own: nothing but the file is needed. */
import { readFileSync } from 'node:fs';
import { fuzzModule, replay } from 'heaplaw';
import { expect, it } from 'vitest';

/** Built from allocator.zig; in your project, the file that your build writes. */
const bytes = readFileSync(new URL('../../wasm/dist/examples/own-module.wasm', import.meta.url));

it('keeps every law of an allocator', () => {
  const { findings, module } = fuzzModule(bytes, { seed: 1, runs: 300 });
  // What was taken for the allocator; pin it, so that a renamed export is noticed.
  expect(module).toMatchObject({ abi: 'c', names: { malloc: 'malloc', free: 'free' } });
  // A finding's text is the report: request, answer, what was allowed, and the smallest trace that shows it.
  expect(findings.map(({ text }) => text)).toEqual([]);
});

it('keeps what was once broken', () => {
  // The trace of a finding that was fixed, as `finding.trace` or a file of .fuzz/findings has it.
  const trace = `# heaplaw trace 1 · subject own-module · law regions-never-overlap
%0 = malloc 24
free %0
%0 = malloc 20
%1 = malloc 20
`;
  expect(replay(trace, bytes)).toBeUndefined();
});
