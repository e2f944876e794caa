import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fuzzModule } from '../../library/fuzz-module.ts';
import { judge, Lockstep } from '../../lockstep.ts';
import { parseTrace } from '../../trace/text.ts';
import { type AssembledFunction, assemble } from '../../wasm/assemble.ts';
import { subjectFromModule } from '../wasm-module.ts';

interface Pool {
  readonly cells: number;
  readonly cellBytes: number;
  /** What happens before a request is looked at, when nothing is left, and at a free before the block goes into the list. */
  readonly asking?: string;
  readonly refusing?: string;
  readonly freeing?: string;
  /** What makes room when nothing is left; a refusal by default. */
  readonly lacking?: string;
}

const global = (value: number) => ({ type: 'i32', mutable: true, value: `i32.const ${value}` }) as const;
const FIRST = 65536;

/** Globals: the list of free cells, the first cell that was never used, how many cells are left, and one for a fault. */
function pool({ cells, cellBytes, asking = '', refusing = '', freeing = '', lacking }: Pool): Uint8Array<ArrayBuffer> {
  const refusal = `${refusing} i32.const 0 return`;
  const alloc: AssembledFunction = {
    name: 'alloc',
    params: ['i32'],
    results: ['i32'],
    locals: ['i32'],
    body: `${asking} local.get 0 i32.const ${cellBytes} i32.gt_u if void i32.const 0 return end
      global.get 0 local.tee 1 if void
        local.get 1 i32.load 0 0 global.set 0
      else
        global.get 1 i32.const ${FIRST + cells * cellBytes} i32.ge_u if void ${lacking ?? refusal} end
        global.get 1 local.tee 1 i32.const ${cellBytes} i32.add global.set 1
      end
      global.get 2 i32.const 1 i32.sub global.set 2
      local.get 1`,
  };
  const free: AssembledFunction = {
    name: 'free',
    params: ['i32'],
    locals: ['i32'],
    body: `local.get 0 i32.eqz if void return end
      global.get 2 i32.const 1 i32.add global.set 2
      ${freeing}
      local.get 0 global.get 0 i32.store 0 0
      local.get 0 global.set 0`,
  };
  const left: AssembledFunction = { name: 'free_count', results: ['i32'], body: 'global.get 2' };
  const globals = [global(0), global(FIRST), global(cells), global(0)];
  return assemble({
    memory: [1 + Math.ceil((cells * cellBytes) / FIRST), 64, 64],
    globals,
    functions: [alloc, free, left],
  });
}

const SMALL = { cells: 40, cellBytes: 32 };
const profileOf = (bytes: Uint8Array<ArrayBuffer>) => subjectFromModule(bytes).probed().profile;
const LEFT = [{ counter: 'free_count', means: 'left-blocks' }];

const lawsBroken = (bytes: Uint8Array<ArrayBuffer>) => {
  const { findings } = fuzzModule(bytes, { runs: 200, endOnFinding: true });
  return findings.map(({ law }) => law);
};

describe('a pool', () => {
  it.each([
    { cells: 40, cellBytes: 32 },
    { cells: 3, cellBytes: 8 },
    { cells: 3, cellBytes: 4096 },
    { cells: 300, cellBytes: 64 },
  ])('of $cells cells of $cellBytes bytes always has as many blocks, and is sound', (size) => {
    expect(profileOf(pool(size))).toMatchObject({
      reclaims: true,
      capacityBytes: size.cellBytes,
      alignmentBytes: Math.min(16, size.cellBytes),
      zeroMalloc: 'block',
      guaranteedBlocks: size.cells,
      counters: LEFT,
    });
    expect(lawsBroken(pool(size))).toEqual([]);
  });

  const isWhole = `global.get 2 i32.const ${SMALL.cells} i32.eq`;
  it.each([
    ['loses the block that makes it whole', { freeing: `${isWhole} if void return end` }, 'refusals-are-honest'],
    [
      'loses the first block that is freed after a refusal',
      {
        refusing: 'i32.const 1 global.set 3',
        freeing: 'global.get 3 if void i32.const 0 global.set 3 return end',
      },
      'refusals-are-honest',
    ],
    [
      'refuses one size',
      { asking: 'local.get 0 i32.const 24 i32.eq if void i32.const 0 return end' },
      'refusals-are-honest',
    ],
    ['counts a refusal', { refusing: 'global.get 2 i32.const 1 i32.sub global.set 2' }, 'exhaustion-is-reported'],
    [
      'does not count what is freed when nothing is left',
      { freeing: 'global.get 2 i32.const 1 i32.eq if void i32.const 0 global.set 2 end' },
      'statistics-match-history',
    ],
  ])('that %s is found', (_, fault, law) => {
    expect(profileOf(pool({ ...SMALL, ...fault }))).toMatchObject({ guaranteedBlocks: 40, counters: LEFT });
    expect(lawsBroken(pool({ ...SMALL, ...fault }))).toContain(law);
  });

  it.each([
    [
      'has the block that was freed last wait',
      'global.get 3 local.get 0 global.set 3 local.tee 0 i32.eqz if void return end',
      1,
    ],
    [
      'takes blocks back in twos',
      `global.get 3 i32.eqz if void local.get 0 global.set 3 return end
        global.get 3 global.get 0 i32.store 0 0 global.get 3 global.set 0 i32.const 0 global.set 3`,
      undefined,
    ],
  ])('that %s promises no number, and is sound', (_, freeing, heldBackBlocks) => {
    expect(profileOf(pool({ ...SMALL, freeing })).heldBackBlocks).toBe(heldBackBlocks);
    expect(profileOf(pool({ ...SMALL, freeing }))).not.toHaveProperty('guaranteedBlocks');
    expect(lawsBroken(pool({ ...SMALL, freeing }))).toEqual([]);
  });

  it.each([
    ['takes nothing back', 'return'],
    ['keeps one block', 'global.get 0 if void return end'],
  ])('that %s reclaims nothing', (_, freeing) => {
    const profile = profileOf(pool({ ...SMALL, cells: 400, freeing }));
    expect(profile.reclaims).toBe(false);
    expect(profile).not.toHaveProperty('guaranteedBlocks');
  });

  it('that adds a page of cells when nothing is left grows, also for a block of no bytes', () => {
    const grown = `i32.const 1 memory.grow local.tee 1 i32.const -1 i32.eq if void i32.const 0 return end
      local.get 1 i32.const 16 i32.shl global.set 1`;
    const cells = FIRST / 4096;
    const lacking = `global.get 1 i32.const ${FIRST - 1} i32.and i32.eqz if void ${grown} end`;
    const bytes = pool({ cells, cellBytes: 4096, lacking });
    expect(profileOf(bytes)).toMatchObject({ mayGrow: true, reclaims: true });
    expect(lawsBroken(bytes)).toEqual([]);
    const small = pool({ cells: FIRST / 64, cellBytes: 64, lacking });
    expect(profileOf(small)).toMatchObject({ mayGrow: true, reclaims: true });
    const full = Array.from({ length: cells }, (_, slot) => `%${slot} = malloc 1`).join('\n');
    const { trace } = parseTrace(`# heaplaw trace 1\n${full}\n%16 = malloc 0\n%17 = malloc 4097\n`);
    expect(judge(new Lockstep(subjectFromModule(bytes).create()), trace)).toBeUndefined();
    expect(profileOf(small)).not.toHaveProperty('guaranteedBlocks');
    expect(lawsBroken(small)).toEqual([]);
  });
});

it.each(['buddy', 'segregated', 'free-list', 'sound-largest-block', 'sound-few-blocks', 'sound-slabs'])(
  'zoo/%s is no pool',
  (name) => {
    expect(profileOf(readFileSync(`wasm/dist/zoo/${name}.wasm`))).not.toHaveProperty('guaranteedBlocks');
  },
);

it('a heap of 64 granules that are taken one by one is no pool, though no block has more than four', () => {
  /** A byte from 1024 on for each granule of 16 bytes from 65536 on; the first gap is taken. */
  const alloc: AssembledFunction = {
    name: 'alloc',
    params: ['i32'],
    results: ['i32'],
    locals: ['i32', 'i32'],
    body: `local.get 0 i32.const 1 i32.sub i32.const 64 i32.ge_u if void i32.const 0 return end
      local.get 0 i32.const 15 i32.add i32.const 4 i32.shr_u local.set 0
      loop void
        local.get 1 local.get 0 i32.add i32.const 64 i32.gt_u if void i32.const 0 return end
        local.get 1 i32.load 0 1024
        i32.const -1 i32.const 4 local.get 0 i32.sub i32.const 3 i32.shl i32.shr_u i32.and i32.eqz if void
          local.get 1 i32.const 1024 i32.add i32.const 1 local.get 0 memory.fill
          local.get 1 i32.const 4 i32.shl i32.const 65536 i32.add return
        end
        local.get 1 i32.const 1 i32.add local.set 1
        br 0
      end
      unreachable`,
  };
  const dealloc: AssembledFunction = {
    name: 'dealloc',
    params: ['i32', 'i32'],
    body: `local.get 0 i32.eqz if void return end
      local.get 0 i32.const 65536 i32.sub i32.const 4 i32.shr_u i32.const 1024 i32.add i32.const 0
      local.get 1 i32.const 15 i32.add i32.const 4 i32.shr_u memory.fill`,
  };
  const bytes = assemble({ memory: [2, 2, 2], globals: [], functions: [alloc, dealloc] });
  expect(profileOf(bytes)).toMatchObject({ reclaims: true, capacityBytes: 64 });
  expect(profileOf(bytes)).not.toHaveProperty('guaranteedBlocks');
  expect(lawsBroken(bytes)).toEqual([]);
});

describe('a heap of two classes', () => {
  /** Forty cells of 16 bytes and twenty of 64: lists at 1024 and 1028, bytes that were used once at 1032 and 1036. */
  const cell = 'i32.const 64 i32.const 16 local.get 2 select';
  const alloc: AssembledFunction = {
    name: 'alloc',
    params: ['i32'],
    results: ['i32'],
    locals: ['i32', 'i32'],
    body: `local.get 0 i32.const 64 i32.gt_u if void i32.const 0 return end
      local.get 0 i32.const 16 i32.gt_u i32.const 2 i32.shl local.tee 2 i32.load 0 1024 local.tee 1 if void
        local.get 2 local.get 1 i32.load 0 0 i32.store 0 1024
        local.get 1 return
      end
      local.get 2 i32.load 0 1032 local.tee 1
      i32.const 1280 i32.const 640 local.get 2 select i32.ge_u if void i32.const 0 return end
      local.get 2 local.get 1 ${cell} i32.add i32.store 0 1032
      local.get 1 i32.const 70016 i32.const 66048 local.get 2 select i32.add`,
  };

  it('always has as many blocks as the scarcer class', () => {
    const free: AssembledFunction = {
      name: 'free',
      params: ['i32'],
      locals: ['i32'],
      body: `local.get 0 i32.eqz if void return end
        local.get 0 i32.const 69000 i32.gt_u i32.const 2 i32.shl local.set 1
        local.get 0 local.get 1 i32.load 0 1024 i32.store 0 0
        local.get 1 local.get 0 i32.store 0 1024`,
    };
    const bytes = assemble({ memory: [2, 2, 2], globals: [], functions: [alloc, free] });
    expect(profileOf(bytes)).toMatchObject({ reclaims: true, capacityBytes: 64, guaranteedBlocks: 20 });
    expect(lawsBroken(bytes)).toEqual([]);
  });
});
