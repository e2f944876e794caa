import { describe, expect, it } from 'vitest';
import { Lockstep } from '../../lockstep.ts';
import { parseTrace } from '../../trace/text.ts';
import { type AssembledFunction, assemble } from '../../wasm/assemble.ts';
import { type ModuleDefinition, subjectFromModule } from '../wasm-module.ts';

const global = (value: number) => ({ type: 'i32', mutable: true, value: `i32.const ${value}` }) as const;

/** Where the list of the rounded size in a local lies after 1024; 0 for one that is too large for a list. */
const listOf = (local: number) =>
  `local.get ${local} i32.const 1 i32.shr_u i32.const 0 local.get ${local} i32.const 60000 i32.lt_u select`;

/**
 * A bump allocator above 65536 that grows memory, the rounded size before each block, that first takes from the list of blocks of that
 * size; lists begin at 1024. Globals: the top, how many blocks live, and the size of the one that was freed last.
 */
const malloc: AssembledFunction = {
  name: 'malloc',
  params: ['i32'],
  results: ['i32'],
  locals: ['i32', 'i32'],
  body: `local.get 0 i32.const 2147418112 i32.gt_u if void i32.const 0 return end
    local.get 0 i32.const 1 local.get 0 select i32.const 7 i32.add i32.const -8 i32.and local.set 0
    ${listOf(0)} local.tee 2 i32.load 0 1024 local.tee 1 i32.eqz if void
      global.get 0 i32.const 8 i32.add local.tee 1 local.get 0 i32.add memory.size i32.const 16 i32.shl i32.gt_u if void
        local.get 0 i32.const 16 i32.shr_u i32.const 1 i32.add memory.grow i32.const -1 i32.eq
        if void i32.const 0 return end
      end
      global.get 0 local.get 0 i32.store 0 0
      local.get 1 local.get 0 i32.add global.set 0
    else
      local.get 2 local.get 1 i32.load 0 0 i32.store 0 1024
    end
    global.get 1 i32.const 1 i32.add global.set 1
    local.get 1`,
};

/** Puts the block into its list unless `keeping`, with its rounded size in local 1 and its list in local 2, returns before. */
function heapThatFrees(keeping: string): ModuleDefinition {
  const body = `local.get 0 i32.eqz if void return end
    global.get 1 i32.const 1 i32.sub global.set 1
    local.get 0 i32.const 8 i32.sub i32.load 0 0 local.set 1
    ${listOf(1)} local.tee 2 i32.eqz if void return end
    ${keeping}
    local.get 0 local.get 2 i32.load 0 1024 i32.store 0 0
    local.get 2 local.get 0 i32.store 0 1024`;
  const free: AssembledFunction = { name: 'free', params: ['i32'], locals: ['i32', 'i32'], body };
  const globals = [global(65536), global(0), global(0)];
  return subjectFromModule(assemble({ memory: [1, 2, 64], globals, functions: [malloc, free] }));
}

function lawBrokenBy(definition: ModuleDefinition, lines: string): string | undefined {
  const { trace } = parseTrace(`# heaplaw trace 1\n${lines.split('; ').join('\n')}`);
  return new Lockstep(definition.create()).runRepeated(trace, 64)?.law;
}

const FAULTS = {
  'the last block it is given back': 'global.get 1 i32.eqz if void return end',
  'the second of two equals': `local.get 1 global.get 2 i32.eq if void return end
    local.get 1 global.set 2`,
};

const OTHERS = {
  'takes back the last block alone': `local.get 0 local.get 1 i32.add global.get 0 i32.eq
    if void local.get 0 i32.const 8 i32.sub global.set 0 end
    return`,
  'keeps one block of each size': 'local.get 2 i32.load 0 1024 if void return end',
  'keeps nothing': 'return',
};

describe('freed memory', () => {
  it.each(Object.entries(FAULTS))('is reused by a heap that loses %s, which breaks the law', (_, keeping) => {
    const heap = heapThatFrees(keeping);
    expect(heap.probed().profile).toMatchObject({ reclaims: true, coalesces: false });
    expect(lawBrokenBy(heap, '%0 = malloc 16; %1 = malloc 16')).toBe('freed-memory-is-reused');
  });

  it.each(Object.entries(OTHERS))('is not promised to be reused by a heap that %s', (_, keeping) => {
    const heap = heapThatFrees(keeping);
    expect(heap.probed().profile).toMatchObject({ reclaims: false, coalesces: false });
    expect(lawBrokenBy(heap, '%0 = malloc 16; %1 = malloc 16')).toBeUndefined();
  });

  it.each([
    ['puts it into lists', ''],
    ['starts over when nothing lives', 'global.get 1 i32.eqz if void i32.const 65536 global.set 0 end return'],
  ])('is reused by a heap that %s', (_, keeping) => {
    const heap = heapThatFrees(keeping);
    expect(heap.probed().profile).toMatchObject({ reclaims: true, coalesces: false });
    expect(lawBrokenBy(heap, '%0 = malloc 16; %1 = malloc 16')).toBeUndefined();
  });
});
