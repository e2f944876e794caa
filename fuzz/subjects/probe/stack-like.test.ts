import { describe, expect, it } from 'vitest';
import { fuzzModule } from '../../library/fuzz-module.ts';
import { type AssembledFunction, assemble } from '../../wasm/assemble.ts';
import { subjectFromModule } from '../wasm-module.ts';

const global = (value: number) => ({ type: 'i32', mutable: true, value: `i32.const ${value}` }) as const;
/** The top of a stack that begins at 1024, and a block that waits to be used again. */
const GLOBALS = [global(1024), global(0)];

const alloc = (name: string): AssembledFunction => ({
  name,
  params: ['i32'],
  results: ['i32'],
  locals: ['i32'],
  body: `local.get 0 i32.const 60000 i32.gt_u if void i32.const 0 return end
    global.get 0 local.get 0 i32.add i32.const 7 i32.add i32.const -8 i32.and
    local.tee 1 i32.const 131072 i32.gt_u if void i32.const 0 return end
    global.get 0 local.get 1 global.set 0`,
});
const release = (name: string, body = 'local.get 0 global.set 0'): AssembledFunction => ({
  name,
  params: ['i32'],
  body,
});
const mark = (name: string, body = 'global.get 0'): AssembledFunction => ({ name, results: ['i32'], body });
/** Ends 8 bytes more than it should. */
const GREEDY = 'local.get 0 i32.const 8 i32.sub i32.const 1024 local.get 0 i32.const 1032 i32.ge_u select global.set 0';

const moduleOf = (...functions: AssembledFunction[]) => assemble({ memory: [1, 4, 4], globals: GLOBALS, functions });

function seen(...functions: AssembledFunction[]) {
  const { module, profile, findings } = fuzzModule(moduleOf(...functions), { runs: 100, endOnFinding: true });
  return { abi: module?.abi, operations: profile.operations, laws: [...new Set(findings.map(({ law }) => law))] };
}

const STACK = { abi: 'stack', operations: ['malloc', 'mark', 'pop'] };

/** Names of alloc, release and mark. */
const NAMES: readonly { names: readonly [string, string, string?] }[] = [
  { names: ['alloc', 'release', 'mark'] },
  { names: ['allocate', 'release'] },
  { names: ['alloc', 'rewind', 'get_top'] },
  { names: ['obstack_alloc', 'obstack_free'] },
  { names: ['stackAlloc', 'stackFree', 'stackSave'] },
  { names: ['region_alloc', 'region_reset_to', 'region_save'] },
  { names: ['arena_allocate', 'arena_popTo', 'arena_tell'] },
  { names: ['alloc_tmp', 'release_tmp', 'save_tmp'] },
];

describe('a function that releases all that came later', () => {
  it.each(NAMES)('is that of a stack when it is called so: $names', ({ names }) => {
    const functions = (body?: string) => {
      const [first, second, third] = names;
      return [alloc(first), release(second, body), ...(third === undefined ? [] : [mark(third)])];
    };
    expect(seen(...functions())).toEqual({ ...STACK, laws: [] });
    expect(seen(...functions(GREEDY))).toEqual({ ...STACK, laws: ['regions-never-overlap'] });
  });

  it.each([
    ['alloc', 'free', 'pair'],
    ['alloc', 'dealloc', 'pair'],
    ['malloc', 'free', 'c'],
  ])('is a defect of one that promises independent blocks: %s, %s', (first, second, abi) => {
    const { laws, ...found } = seen(alloc(first), release(second), mark('mark'));
    expect([found.abi, laws]).toEqual([abi, ['regions-never-overlap']]);
  });

  it('is found without its mark where that says nothing', () => {
    const functions = [alloc('alloc'), release('release'), mark('top', 'i32.const 40000')];
    expect(seen(...functions)).toEqual({ ...STACK, laws: [] });
    expect(subjectFromModule(moduleOf(...functions)).detection.names).toEqual({ alloc: 'alloc', release: 'release' });
  });

  /** Tops on a stack of their own, behind the blocks: global 1 is the distance to the last. */
  const saving = (name: string): AssembledFunction => ({
    name,
    body: `global.get 1 i32.const 4 i32.add global.set 1 global.get 1 global.get 0 i32.store 0 131072`,
  });
  const restoring = (name: string, off = 0): AssembledFunction => ({
    name,
    results: ['i32'],
    body: `global.get 1 i32.eqz if void i32.const 0 return end
      global.get 1 i32.load 0 131072 i32.const ${off} i32.sub global.set 0
      global.get 1 i32.const 4 i32.sub global.set 1 i32.const 1`,
  });

  it.each([
    ['alloc', 'mark', 'pop'],
    ['scratch_alloc', 'scratch_begin', 'scratch_end'],
    ['frameAllocate', 'framePushMark', 'framePopMark'],
    ['push', 'push_frame', 'pop_frame'],
  ])('may keep its marks to itself: %s, %s, %s', (first, second, third) => {
    const functions = (off: number) => [alloc(first), saving(second), restoring(third, off)];
    expect(seen(...functions(0))).toEqual({ ...STACK, laws: [] });
    expect(seen(...functions(8))).toEqual({ ...STACK, laws: ['regions-never-overlap'] });
    const { names, why } = subjectFromModule(moduleOf(...functions(0))).detection;
    expect([names, why.at(-1)]).toEqual([
      { alloc: first, release: third, mark: second },
      `${third} ends every block made since ${second}, as its answers show: a stack, no free`,
    ]);
  });

  /** Before each block is the top before it, and behind the last the place of that. */
  const push = (name: string): AssembledFunction => ({
    ...alloc(name),
    body: `local.get 0 i32.const 60000 i32.gt_u if void i32.const 0 return end
      global.get 0 local.get 0 i32.add i32.const 23 i32.add i32.const -8 i32.and
      local.tee 1 i32.const 131072 i32.gt_u if void i32.const 0 return end
      local.get 1 i32.const 8 i32.sub global.get 0 i32.store 0 0
      global.get 0 local.get 1 global.set 0 i32.const 8 i32.add`,
  });
  /** The twelfth ends `off` bytes too much, and what it then reads is no top. */
  const pop = (name: string, off = 0): AssembledFunction => ({
    name,
    body: `global.get 0 i32.const 1024 i32.eq if void return end
      global.get 1 i32.const 1 i32.add global.set 1
      global.get 0 i32.const 8 i32.sub i32.load 0 0
      i32.const ${off} i32.const 0 global.get 1 i32.const 12 i32.eq select i32.sub global.set 0`,
  });

  it.each([
    ['push', 'pop'],
    ['stack_push', 'stack_pop'],
    ['alloc', 'free_last'],
  ])('may end one block at a time: %s, %s', (first, second) => {
    expect(seen(push(first), pop(second))).toEqual({ ...STACK, laws: [] });
    expect(seen(push(first), pop(second, 16)).laws).toEqual(['operations-never-trap']);
    const { names, why } = subjectFromModule(moduleOf(push(first), pop(second))).detection;
    expect([names, why.at(-1)]).toEqual([
      { alloc: first, release: second },
      `${second} ends the last block, as its answers show: a stack, no free`,
    ]);
  });

  /** The same, and no block is too large that fits. */
  const roomy = ({ body, ...usual }: AssembledFunction) => ({ ...usual, body: body.replace('60000', '130000') });

  it('may refuse a mark, and says so by a 0 where it has other answers', () => {
    const fourth = 'global.get 1 i32.const 16 i32.eq if void i32.const 0 return end';
    const { body, ...usual } = saving('mark');
    const counted = (before: string): AssembledFunction => ({
      ...usual,
      results: ['i32'],
      body: `${before} ${body} global.get 1 i32.const 2 i32.shr_u`,
    });
    const lawsOf = (mark: AssembledFunction) =>
      seen(alloc('alloc'), mark, { ...restoring('pop'), results: ['i32'] }).laws;
    expect(lawsOf(counted(fourth))).toEqual([]);
    const unsaid = { ...usual, body: `global.get 1 i32.const 16 i32.eq if void return end ${body}` };
    expect(lawsOf(unsaid)).not.toEqual([]);
  });

  it('may lose a little of what it ends, or the first block of all: a leak', () => {
    const leaks = (functions: readonly AssembledFunction[]) =>
      fuzzModule(moduleOf(...functions.map(roomy)), { runs: 400, endOnFinding: true }).findings.map(({ law }) => law);
    const losing = release('release', 'local.get 0 i32.const 8 i32.add global.set 0');
    expect(leaks([alloc('alloc'), losing, mark('mark')])).toEqual(['freed-memory-is-reused']);
    const { body, ...usual } = push('push');
    const counting = { ...usual, body: `${body} global.get 1 i32.const 1 i32.add global.set 1` };
    const keepingTheFirst: AssembledFunction = {
      name: 'pop',
      body: `global.get 1 i32.eqz if void return end
        global.get 1 i32.const 1 i32.sub global.set 1 global.get 1 i32.eqz if void return end
        global.get 0 i32.const 8 i32.sub i32.load 0 0 global.set 0`,
    };
    expect(leaks([counting, keepingTheFirst])).toEqual(['freed-memory-is-reused']);
  });

  it('has a counter that follows it down, whatever it is called', () => {
    const top: AssembledFunction = { name: 'extent', results: ['i32'], body: 'global.get 0' };
    const bytes = moduleOf(alloc('alloc'), release('release'), mark('mark'), top);
    expect(subjectFromModule(bytes).probed().profile).toMatchObject({
      popsReclaim: true,
      counters: [{ counter: 'extent', means: 'used-bytes' }],
    });
  });

  it('starts over with the rest', () => {
    const reset: AssembledFunction = { name: 'reset', body: 'i32.const 1024 global.set 0' };
    const { operations, laws } = seen(alloc('alloc'), release('release'), mark('mark'), reset);
    expect([operations, laws]).toEqual([[...STACK.operations, 'reset'], []]);
  });

  it('has counters that a pop does not set to nothing', () => {
    const { body, ...usual } = alloc('alloc');
    const counted = { ...usual, body: `${body} global.get 0 i32.const 1024 i32.sub global.set 1` };
    const used: AssembledFunction = { name: 'used', results: ['i32'], body: 'global.get 1' };
    const functions = (after: string) => [
      counted,
      release('release', `local.get 0 global.set 0 ${after} global.set 1`),
      mark('mark'),
      used,
    ];
    expect(seen(...functions('global.get 0 i32.const 1024 i32.sub')).laws).toEqual([]);
    expect(seen(...functions('i32.const 0')).laws).toEqual(['statistics-match-history']);
  });

  it('may take alignments, before sizes too', () => {
    const aligned: AssembledFunction = {
      name: 'alloc',
      params: ['i32', 'i32'],
      results: ['i32'],
      locals: ['i32'],
      body: `local.get 1 i32.const 1 i32.sub i32.const 300000 i32.gt_u if void i32.const 0 return end
        global.get 0 local.get 0 i32.add i32.const 1 i32.sub i32.const 0 local.get 0 i32.sub i32.and local.tee 2
        local.get 1 i32.add i32.const 7 i32.add i32.const -8 i32.and
        local.tee 1 i32.const 393216 i32.gt_u if void i32.const 0 return end
        local.get 1 global.set 0 local.get 2`,
    };
    const functions = [aligned, release('release'), mark('mark')];
    const bytes = assemble({ memory: [1, 6, 6], globals: GLOBALS, functions });
    const { findings, profile } = fuzzModule(bytes, { runs: 100 });
    expect([findings, profile.operations]).toEqual([[], ['malloc', 'aligned_alloc', 'mark', 'pop']]);
    expect(subjectFromModule(bytes).detection).toMatchObject({ abi: 'stack', alignmentFirst: ['alloc'] });
  });

  it('wants a restart when it trapped, and so does its mark', () => {
    const open = (...more: AssembledFunction[]) =>
      subjectFromModule(moduleOf(alloc('alloc'), release('release', 'unreachable'), ...more), {
        abi: 'stack',
      }).create();
    const releasing = open();
    expect([releasing.pop(), releasing.mark(), releasing.pop()]).toEqual([false, undefined, true]);
    releasing.mark();
    expect(releasing.malloc(8)).toBe(1024);
    expect(() => releasing.pop()).toThrow(WebAssembly.RuntimeError);
    expect(() => releasing.mark()).toThrow('call restart before the next operation');
    const marking = open(mark('mark', 'unreachable'));
    expect(() => marking.mark()).toThrow(WebAssembly.RuntimeError);
    expect(() => marking.malloc(8)).toThrow('call restart before the next operation');
    marking.restart();
    expect([marking.malloc(8), marking.pop()]).toEqual([1024, false]);
  });

  it('is said to be one, and is not where the user says what it is', () => {
    const bytes = moduleOf(alloc('alloc'), release('release'), mark('mark'));
    const { detection, probed } = subjectFromModule(bytes);
    expect(detection.why.at(-1)).toBe(
      'release ends every block made since mark, as its answers show: a stack, no free',
    );
    const profile = { ...probed().profile, operations: ['malloc', 'free'] as const };
    const map = { alloc: 'alloc', dealloc: 'release' };
    for (const options of [{ abi: 'pair' }, { abi: 'pair', map }, { profile }])
      expect(subjectFromModule(bytes, options).detection.abi).toBe('pair');
    expect(subjectFromModule(bytes, { profile: probed().profile }).detection).toEqual(detection);
    expect(subjectFromModule(bytes, { abi: 'stack' }).detection.abi).toBe('stack');
  });
});

/** 128 cells of 512 bytes above 65536; the bytes from 512 on say which are in use. */
const cells = (last: string): readonly AssembledFunction[] => [
  {
    name: 'alloc',
    params: ['i32'],
    results: ['i32'],
    locals: ['i32'],
    body: `local.get 0 i32.const 512 i32.gt_u if void i32.const 0 return end
      loop void
        local.get 1 i32.load8_u 0 512 i32.eqz if void
          local.get 1 i32.const 1 i32.store8 0 512
          local.get 1 i32.const 9 i32.shl i32.const 65536 i32.add return
        end
        local.get 1 i32.const 1 i32.add local.tee 1 i32.const 128 i32.lt_u br_if 0
      end
      i32.const 0`,
  },
  {
    name: 'release',
    params: ['i32'],
    body: `local.get 0 i32.eqz if void return end
      local.get 0 i32.const 65536 i32.sub i32.const 9 i32.shr_u i32.const 512 i32.add i32.const 0 ${last} memory.fill`,
  },
];

describe('an ordinary heap whose free is called release', () => {
  it('is one, sound', () => {
    expect(seen(...cells('i32.const 1'), mark('mark', 'i32.const 0'))).toMatchObject({ abi: 'pair', laws: [] });
  });

  it('is one that frees the next block too', () => {
    expect(seen(...cells('i32.const 2'))).toMatchObject({ abi: 'pair', laws: ['regions-never-overlap'] });
  });

  it('is one that frees all there is', () => {
    const all = release('release', 'local.get 0 if void i32.const 1024 global.set 0 end');
    expect(seen(alloc('alloc'), all)).toMatchObject({ abi: 'pair', laws: ['regions-never-overlap'] });
  });

  it('is one that uses a block twice', () => {
    const { body, ...usual } = alloc('alloc');
    const twice = { ...usual, body: `global.get 1 if void global.get 1 return end ${body}` };
    const found = seen(twice, release('release', 'local.get 0 global.set 1'));
    expect(found.abi).toBe('pair');
    expect(found.laws).toContain('regions-never-overlap');
  });

  it('is one whose alloc always gives the same', () => {
    const same = { ...alloc('alloc'), body: 'i32.const 4096' };
    const { abi, laws } = seen(same, release('release', 'nop'));
    expect(abi).toBe('pair');
    expect(laws).toContain('regions-never-overlap');
  });

  it('is another where a dealloc is beside it', () => {
    const functions = [alloc('alloc'), release('dealloc', 'nop'), release('release'), mark('mark')];
    expect(seen(...functions)).toMatchObject({ abi: 'pair', laws: [] });
  });
});
