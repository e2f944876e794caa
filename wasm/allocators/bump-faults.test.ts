/** Every safety of the bump allocator is missed by a law of the right name when it is gone; none is while it is there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { judge, Lockstep } from '../../fuzz/lockstep.ts';
import { LuaPoolSubject } from '../../fuzz/subjects/lua-pool.ts';
import { parseTrace } from '../../fuzz/trace/text.ts';
import type { LuaExports } from '../../src/lua-exports.ts';
import { ensureBuilt } from '../build.ts';
import { BUMP_FAULTS, type BumpFault } from './bump-faults.ts';
import { bumpFaultModule, faultySource } from './bump-modules.ts';

const moduleOf = (name: string): WebAssembly.Module =>
  new WebAssembly.Module(readFileSync(join(import.meta.dirname, `../dist/${name}.wasm`)));

function brokenLaw(name: string, fault: BumpFault): string | undefined {
  const subject = new LuaPoolSubject(name, moduleOf(name), fault.face ?? 'c');
  return judge(new Lockstep(subject), parseTrace(['# heaplaw trace 1', ...fault.trace].join('\n')).trace)?.law;
}

beforeAll(() => ensureBuilt(['lua-bump', 'lua-bump-safe', ...BUMP_FAULTS.map(bumpFaultModule)]), 120_000);

describe.each(BUMP_FAULTS)('$fault: $about', (fault) => {
  test(`breaks ${fault.law}`, () => {
    expect(brokenLaw(bumpFaultModule(fault), fault)).toBe(fault.law);
  });

  test.each(['lua-bump', 'lua-bump-safe'])('%s does not', (name) => {
    expect(brokenLaw(name, fault)).toBeUndefined();
  });
});

/** What a move leaves in the bytes of the new block that the old block had not, where 0x55 was before. */
function tailOfMovedBlock(name: string): readonly number[] {
  const imports = { heaplaw: { write: () => {}, time: () => 0, clock: () => 0 } };
  const { exports } = new WebAssembly.Instance(moduleOf(name), imports);
  const { malloc, realloc, memory } = exports as unknown as Pick<LuaExports, 'malloc' | 'realloc' | 'memory'>;
  const block = malloc(40);
  const neighbour = malloc(40);
  new Uint8Array(memory.buffer, block, 40).fill(0xaa);
  new Uint8Array(memory.buffer, neighbour, 200).fill(0x55);
  return [...new Uint8Array(memory.buffer, realloc(block, 80) + 40, 40)];
}

test.each(['lua-bump', 'lua-bump-safe'])('a move of %s writes no byte after the first min(old, new)', (name) => {
  expect(tailOfMovedBlock(name)).toEqual(new Array(40).fill(0x55));
});

test('copy-of-the-new-size does', () => {
  expect(tailOfMovedBlock('faults/lua-bump-copy-of-the-new-size')).not.toEqual(new Array(40).fill(0x55));
});

test('a single byte that is the same by chance is not taken for a copy', () => {
  const subject = new LuaPoolSubject('lua-bump', moduleOf('lua-bump'), 'c');
  const { trace } = parseTrace('# heaplaw trace 1\n%0 = malloc 1\n%1 = malloc 1\n%0 = realloc %0 49');
  for (let salt = 0; salt < 1024; salt++) expect(new Lockstep(subject, salt).run(trace)).toBeUndefined();
});

test('an edit that no longer finds its line is an error of the build', () => {
  const fault: BumpFault = {
    fault: 'none',
    about: '',
    law: 'operations-end',
    edits: [['no such line', '']],
    trace: [],
  };
  expect(() => faultySource(fault)).toThrow('fault none looks for "no such line", which is there 0 times');
});
