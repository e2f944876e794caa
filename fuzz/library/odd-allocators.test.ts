/** Allocators written by hand that are sound and look faulty, and such as look like them and are faulty. */
import { describe, expect, it } from 'vitest';
import { type AssembledFunction, assemble } from '../wasm/assemble.ts';
import type { ValueType } from '../wasm/types.ts';
import { fuzzModule } from './fuzz-module.ts';

const global = (value: number) => ({ type: 'i32', mutable: true, value: `i32.const ${value}` }) as const;
const i32s = (count: number): ValueType[] => Array.from({ length: count }, () => 'i32');

function lawsBrokenBy(functions: readonly AssembledFunction[], memory = [1, 2, 2]) {
  const bytes = assemble({ memory, globals: [global(1024)], functions });
  const { findings, profile } = fuzzModule(bytes, { runs: 300, endOnFinding: true });
  return { laws: findings.map(({ law }) => law), profile };
}

/** A bump allocator without headers, in blocks of 8 bytes and more. */
const bump: AssembledFunction = {
  name: 'malloc',
  params: i32s(1),
  results: ['i32'],
  locals: ['i32'],
  body: `local.get 0 i32.const 60000 i32.gt_u if void i32.const 0 return end
    global.get 0 local.set 1
    local.get 1 local.get 0 i32.const 1 local.get 0 select i32.add i32.const 7 i32.add i32.const -8 i32.and
    local.tee 0 i32.const 65536 i32.gt_u if void i32.const 0 return end
    local.get 0 global.set 0
    local.get 1`,
};
const free: AssembledFunction = { name: 'free', params: i32s(1), body: 'nop' };
const copying = (...parameters: [old: string, size: string, bytes: string]): string => {
  const [old, size, bytes] = parameters;
  return `${old} i32.eqz if void ${size} call 0 return end
    ${size} call 0 local.tee 4 i32.eqz if void i32.const 0 return end
    local.get 4 ${old} ${bytes} memory.copy
    local.get 4`;
};

describe('an allocator that has to be set up', () => {
  const unready = { ...bump, body: `global.get 0 i32.const 2048 i32.lt_u if void i32.const 0 return end ${bump.body}` };
  const setUp = (name: string, address: number) => ({ name, body: `i32.const ${address} global.set 0` });

  it('is set up, by whatever its name says does that', () => {
    const { laws, profile } = lawsBrokenBy([unready, free, setUp('heap_init', 2048)]);
    expect([laws, profile.firstPointer]).toEqual([[], 2048]);
  });

  it('is left alone where it grants something already', () => {
    expect(lawsBrokenBy([bump, free, setUp('init', 4096)]).profile.firstPointer).toBe(1024);
  });

  it('breaks a law where nothing helps', () => {
    expect(lawsBrokenBy([unready, free, setUp('init', 1024)]).laws).toEqual(['refusals-are-honest']);
  });
});

describe('a realloc that copies as many bytes as are asked for', () => {
  it('cannot do better where neither it nor the heap knows what a block holds', () => {
    const body = copying('local.get 0', 'local.get 1', 'local.get 1');
    const realloc = { name: 'realloc', params: i32s(2), results: i32s(1), locals: i32s(3), body };
    const { laws, profile } = lawsBrokenBy([bump, free, realloc]);
    expect(laws).toEqual([]);
    expect(profile.reallocCopiesFreely).toBe(true);
  });

  it('takes what is not its own where it is told', () => {
    const body = `local.get 3 i32.eqz if void i32.const 0 return end
      ${copying('local.get 1', 'local.get 3', 'local.get 3')}`;
    const lua = { name: 'l_alloc', params: i32s(4), results: i32s(1), locals: i32s(1), body };
    expect(lawsBrokenBy([{ ...bump, name: 'place' }, lua]).laws).toContain('realloc-keeps-the-prefix');
  });
});

/** Bumps, at the alignment that `align` pushes, and copies. */
const cabi = (align: string): AssembledFunction => ({
  name: 'cabi_realloc',
  params: i32s(4),
  results: ['i32'],
  locals: ['i32'],
  body: `local.get 3 i32.const 60000 i32.gt_u if void unreachable end
    global.get 0 ${align} i32.add i32.const 1 i32.sub i32.const 0 ${align} i32.sub i32.and local.tee 4
    local.get 3 i32.add i32.const 131072 i32.gt_u if void unreachable end
    local.get 4 local.get 3 i32.add global.set 0
    local.get 4 local.get 0 local.get 1 local.get 3 local.get 1 local.get 3 i32.lt_u select memory.copy
    local.get 4`,
});

describe('a realloc that is told the alignment', () => {
  it('need not give more than it is asked for', () => {
    const { laws, profile } = lawsBrokenBy([cabi('local.get 2')]);
    expect(laws).toEqual([]);
    expect(profile).toMatchObject({ reallocKeepsAlignment: true, smallestAlignmentBytes: 1 });
  });

  it('must not give less', () => {
    const forgetful = 'local.get 2 i32.const 8 local.get 0 i32.eqz select';
    expect(lawsBrokenBy([cabi(forgetful)]).laws).toEqual(['pointers-are-aligned']);
  });
});

describe('malloc_usable_size', () => {
  const saying = (body: string) =>
    lawsBrokenBy([bump, free, { name: 'malloc_usable_size', params: i32s(1), results: ['i32'], body }]).laws;

  it('must end, as every function that is called', () => {
    expect(saying('loop void br 0 end i32.const 0')).toEqual(['operations-end']);
  });
});

describe('an allocator that gives nothing', () => {
  it('is not honest', () => {
    const never: AssembledFunction = { name: 'malloc', params: i32s(1), results: ['i32'], body: 'i32.const 0' };
    const { laws, profile } = lawsBrokenBy([never, free]);
    expect(laws).toEqual(['refusals-are-honest']);
    expect(profile.grantsNothing).toBe(true);
  });

  it('is not honest either when it grows memory and refuses', () => {
    const body = `local.get 0 i32.const 4096 i32.gt_u if void i32.const 0 return end
      global.get 0 i32.const 8192 i32.gt_u if void i32.const 1 memory.grow drop i32.const 0 return end
      ${bump.body}`;
    expect(lawsBrokenBy([{ ...bump, body }, free], [1, 1, 64]).laws).toEqual(['refusals-are-honest']);
  });
});

describe('a heap that refuses whatever follows its first block', () => {
  it('loses the rest, and keeps nothing for a reason', () => {
    const wide = bump.body.replace('60000', '300000').replace('65536', '393216');
    const body = `global.get 0 i32.const 1024 i32.ne if void i32.const 0 return end ${wide}`;
    expect(lawsBrokenBy([{ ...bump, body }, free], [1, 6, 6]).laws).toEqual(['refusals-are-honest']);
  });
});

describe('a second parameter of alloc that has no effect', () => {
  const alloc = {
    ...bump,
    name: 'alloc',
    params: i32s(2),
    locals: i32s(1),
    body: bump.body.replaceAll('local.get 1', 'local.get 2'),
  };
  alloc.body = alloc.body.replaceAll('local.set 1', 'local.set 2');
  const dealloc = (params: number): AssembledFunction => ({ name: 'dealloc', params: i32s(params), body: 'nop' });

  it('may mean anything by itself', () => {
    const { laws, profile } = lawsBrokenBy([alloc, dealloc(2)]);
    expect(laws).toEqual([]);
    expect(profile.operations).not.toContain('aligned_alloc');
  });

  it('is an alignment beside a dealloc of three', () => {
    expect(lawsBrokenBy([alloc, dealloc(3)]).laws).toEqual(['pointers-are-aligned']);
  });
});

/** 128 cells of 512 bytes above 65536, handed out in turn; the bytes from 512 on say which are in use. */
const IN_TURN: readonly AssembledFunction[] = [
  {
    name: 'malloc',
    params: i32s(1),
    results: ['i32'],
    locals: i32s(2),
    body: `local.get 0 i32.const 512 i32.gt_u if void i32.const 0 return end
      loop void
        global.get 0 i32.const 1 i32.add i32.const 127 i32.and local.tee 1 global.set 0
        local.get 1 i32.load8_u 0 512 i32.eqz if void
          local.get 1 i32.const 1 i32.store8 0 512
          local.get 1 i32.const 9 i32.shl i32.const 65536 i32.add return
        end
        local.get 2 i32.const 1 i32.add local.tee 2 i32.const 128 i32.lt_u br_if 0
      end
      i32.const 0`,
  },
  {
    name: 'free',
    params: i32s(1),
    body: `local.get 0 if void local.get 0 i32.const 65536 i32.sub i32.const 9 i32.shr_u i32.const 0 i32.store8 0 512 end`,
  },
];

describe('a heap that hands out its cells in turn', () => {
  it('is seen to use them again', () => {
    const { laws, profile } = lawsBrokenBy(IN_TURN);
    expect(laws).toEqual([]);
    expect(profile.reclaims).toBe(true);
  });
});
