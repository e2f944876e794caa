import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type AssembledFunction, type Assembly, assemble } from '../wasm/assemble.ts';
import { probe } from './probe.ts';
import { FuelExhausted } from './subject.ts';
import { type ModuleDefinition, type ModuleOptions, subjectFromModule } from './wasm-module.ts';

const load = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url));

const zooDefinitions = new Map<string, ModuleDefinition>();

/** A module of the zoo, probed once for all tests. */
function zoo(name: string): ModuleDefinition {
  const definition = zooDefinitions.get(name) ?? subjectFromModule(load(`wasm/dist/zoo/${name}.wasm`));
  zooDefinitions.set(name, definition);
  return definition;
}

/** The top of a bump allocator, which begins at 1024. */
const top = { type: 'i32', mutable: true, value: 'i32.const 1024' } as const;

/** Gives what lies at the top and moves it up by the size, rounded up to 16; NULL beyond the page. */
const bump: AssembledFunction = {
  name: 'malloc',
  params: ['i32'],
  results: ['i32'],
  locals: ['i32'],
  body: `local.get 0 i32.const 60000 i32.gt_u if void i32.const 0 return end
    global.get 0 local.tee 1
    local.get 0 i32.const 15 i32.add i32.const -16 i32.and i32.add i32.const 65536 i32.gt_u
    if void i32.const 0 return end
    global.get 0 local.get 0 i32.const 15 i32.add i32.const -16 i32.and i32.add global.set 0
    local.get 1`,
};
const free: AssembledFunction = { name: 'free', params: ['i32'], body: 'nop' };

function moduleOf(functions: AssembledFunction[], options: ModuleOptions = {}, more: Partial<Assembly> = {}) {
  return subjectFromModule(assemble({ memory: [1, 1, 1], globals: [top], functions, ...more }), options);
}

describe('the profile of a module', () => {
  it('of a bump allocator promises no reuse', () => {
    const { profile, notes, misuse } = moduleOf([bump, free]).probed();
    expect(profile).toMatchObject({
      operations: ['malloc', 'free'],
      alignmentBytes: 16,
      arenaStart: 1,
      arenaEnd: 65536,
      zeroMalloc: 'block',
      zeroRealloc: 'unspecified',
      shrinkingNeverFails: false,
      mayGrow: false,
      growthSlackPages: 0,
      reclaims: false,
      coalesces: false,
      capacityBytes: 60000,
    });
    expect(notes).toEqual(['the smallest distance of two blocks is 16 bytes']);
    expect(misuse).toEqual({ doubleFree: 'returns', interiorFree: 'returns', foreignFree: 'returns' });
  });

  it.each([
    ['sound-alignment-4', { alignmentBytes: 4 }],
    ['sound-alignment-8', { alignmentBytes: 8 }],
    ['sound-zero-block', { zeroMalloc: 'block' }],
    ['sound-realloc-zero-block', { zeroRealloc: 'block' }],
    ['sound-never-joins', { reclaims: true, coalesces: false }],
    ['sound-deferred-joins', { reclaims: true, coalesces: true }],
    ['sound-doubling', { mayGrow: true, growthSlackPages: 2, growsByShares: true }],
    ['sound-sixteen-pages', { mayGrow: true, growthSlackPages: 26 }],
    ['sound-keeps-when-shrunk', { coalesces: true, mayGrow: false }],
    ['sound-few-blocks', { maximumBlocks: 100, coalesces: true }],
    ['sound-largest-block', { capacityBytes: expect.closeTo(39_000, -4), coalesces: true, mayGrow: true }],
    ['sound-sweeps', { reclaims: true, coalesces: true }],
    ['sound-strict-quarantine', { heldBackBlocks: 16, coalesces: false, zeroRealloc: 'frees' }],
    ['sound-last-freed-waits', { heldBackBlocks: 1, coalesces: false }],
    ['sound-aligned-apart', { leastAlignmentBytes: 32, zeroMalloc: 'null', zeroOthers: { aligned_alloc: 'block' } }],
    ['sound-slabs', { coalesces: true, capacityBytes: 16 * 65536, classBytes: 65536 }],
    ['sound-two-regions', { coalesces: true, gapsAreKept: true }],
    ['bump', { reclaims: false, coalesces: false }],
    ['segregated', { reclaims: true, coalesces: false }],
    ['free-list', { coalesces: true, mayGrow: true, ungrownBytes: 110_560 }],
    ['buddy', { mayGrow: false, reclaims: true, coalesces: true }],
  ])('of %s is %j', (name, expected) => {
    expect(zoo(name).probed().profile).toMatchObject(expected);
  });

  it('does not take a defect for a promise not made', () => {
    expect(zoo('free-list-no-backward-coalescing').probed().profile.coalesces).toBe(true);
    for (const name of ['buddy-refusal-loses-a-block', 'buddy-last-merge-missing']) {
      expect(zoo(name).probed().profile).toMatchObject({ coalesces: true, capacityBytes: 1048576 });
    }
  });

  it('keeps from a heap of slabs what a block of each size leaves out of reach, and a page from others', () => {
    expect(zoo('sound-slabs').probed().profile.reserveBytes).toBeGreaterThan(15 * 65536);
    const others = ['free-list', 'buddy', 'segregated', 'sound-scattered-quarantine', 'sound-few-blocks'];
    expect(others.map((name) => zoo(name).probed().profile.reserveBytes)).toEqual(others.map(() => 65536));
    const optional = [
      'maximumBlocks',
      'heldBackBlocks',
      'leastAlignmentBytes',
      'zeroOthers',
      'classBytes',
      'gapsAreKept',
    ];
    for (const allocator of ['free-list', 'buddy', 'sound-keeps-when-shrunk']) {
      const { profile } = zoo(allocator).probed();
      expect(optional.filter((name) => name in profile)).toEqual([]);
    }
    expect(zoo('sound-quarantine').probed().profile).not.toHaveProperty('heldBackBlocks');
  });

  it('takes a rare misalignment for the exception, and a common one for the rule', () => {
    const shifted = (condition: string): AssembledFunction => ({
      ...bump,
      body: `${bump.body} ${condition} if i32 i32.const 8 else i32.const 0 end i32.add`,
    });
    const rare = 'local.get 0 i32.const 48 i32.eq';
    const often = 'local.get 0 i32.const 1 i32.and';
    const small = 'local.get 0 i32.const 9 i32.lt_u';
    const seen = [rare, often, small].map(
      (condition) => moduleOf([shifted(condition), free]).probed().profile.alignmentBytes,
    );
    expect(seen).toEqual([16, 8, 8]);
  });

  it('makes do with a module that traps, hangs or refuses everything', () => {
    const bodies = ['unreachable', 'loop void br 0 end unreachable', 'i32.const 0'];
    for (const body of bodies) {
      const malloc: AssembledFunction = { name: 'malloc', params: ['i32'], results: ['i32'], body };
      const { profile } = moduleOf([malloc, free]).probed();
      expect(profile).toMatchObject({ capacityBytes: 0, reclaims: false, coalesces: false });
    }
  });

  it('promises no policy for requests of 0 bytes that are answered now so, now so', () => {
    const toggled = (whenEmpty: string) =>
      `${whenEmpty} i32.eqz if void global.get 1 i32.const 1 i32.xor global.set 1 global.get 1 i32.const 1024 i32.mul return end`;
    const toggle = { type: 'i32', mutable: true, value: 'i32.const 0' } as const;
    const malloc = { ...bump, body: `${toggled('local.get 0')} ${bump.body}` };
    const realloc = {
      name: 'realloc',
      params: ['i32', 'i32'],
      results: ['i32'],
      body: `${toggled('local.get 1')} local.get 0`,
    } as const;
    const { profile } = moduleOf([malloc, free, realloc], {}, { globals: [top, toggle] }).probed();
    expect(profile).toMatchObject({ zeroMalloc: 'unspecified', zeroRealloc: 'unspecified', shrinkingNeverFails: true });
  });

  it('takes realloc to 0 bytes at its word where nothing can tell, and promises nothing for one that fails', () => {
    const realloc = { name: 'realloc', params: ['i32', 'i32'], results: ['i32'] } as const;
    const profileWith = (body: string) => moduleOf([bump, free, { ...realloc, body }]).probed().profile;
    expect(profileWith('i32.const 0')).toMatchObject({ zeroRealloc: 'frees', shrinkingNeverFails: false });
    expect(profileWith('unreachable')).toMatchObject({ zeroRealloc: 'unspecified', shrinkingNeverFails: false });
    const withoutFree = moduleOf([bump, { ...realloc, body: 'local.get 0' }]);
    expect(withoutFree.probed().profile).toMatchObject({ operations: ['malloc', 'realloc'], zeroRealloc: 'block' });
    const subject = withoutFree.create();
    subject.free(1024, 1, 16);
    expect([subject.realloc(1024, 10, 16, 5), subject.malloc(1)]).toEqual([1024, 1024]);
  });

  it('halves the capacity where a refusal costs', () => {
    expect(subjectFromModule(load('node_modules/harfbuzzjs/dist/harfbuzz-subset.wasm')).probed()).toMatchObject({
      profile: { mayGrow: false, coalesces: true, capacityBytes: 33955814 },
      notes: expect.arrayContaining(['a fresh heap grants 68042700 bytes at once, but after a refusal no longer']),
    });
  });

  it('takes __heap_base for the start where that is true', () => {
    const base = (value: number) => ({
      globals: [top, { type: 'i32', mutable: false, value: `i32.const ${value}`, name: '__heap_base' }] as const,
    });
    expect(moduleOf([bump, free], {}, base(1024)).probed().profile.arenaStart).toBe(1024);
    expect(moduleOf([bump, free], {}, base(4096)).probed().profile.arenaStart).toBe(1);
  });

  it('drops the second parameter of alloc that is no alignment', () => {
    const alloc = {
      ...bump,
      name: 'alloc',
      params: ['i32', 'i32'],
      locals: ['i32'],
      body: bump.body.replaceAll('local.tee 1', 'local.tee 2').replace(/local\.get 1$/, 'local.get 2'),
    } as const;
    const dealloc = { ...free, name: 'dealloc' };
    const { profile, notes } = moduleOf([alloc, dealloc]).probed();
    expect(profile.operations).toEqual(['malloc', 'free']);
    expect(notes[0]).toBe('an alignment of 256 was given to alloc and not honoured');
  });

  it('drops an alignment that cabi_realloc does not honour, for which no type of its ABI asks', () => {
    const cabi = (body: string) =>
      ({ ...bump, name: 'cabi_realloc', params: ['i32', 'i32', 'i32', 'i32'], body }) as const;
    const granted = `global.get 0 global.get 0 local.get 3 i32.const 15 i32.add i32.const -16 i32.and i32.add global.set 0`;
    const profileOf = (body: string) => moduleOf([cabi(body)]).probed().profile;
    expect(profileOf(granted).operations).toEqual(['malloc', 'realloc']);
    const aligned = `global.get 0 i32.const 255 i32.add i32.const -256 i32.and global.set 0 ${granted}`;
    expect(profileOf(aligned).operations).toEqual(['malloc', 'realloc', 'aligned_alloc']);
  });

  it('drops a realloc with four parameters that takes them in another order', () => {
    const resize = (size: number) =>
      ({
        name: 'realloc',
        params: ['i32', 'i32', 'i32', 'i32'],
        results: ['i32'],
        body: `local.get ${size} call 0`,
      }) as const;
    const pair = (realloc: AssembledFunction) =>
      moduleOf([{ ...bump, name: 'alloc' }, { ...free, name: 'dealloc' }, realloc]).probed();
    expect(pair(resize(3)).profile.operations).toContain('realloc');
    const { profile, notes } = pair(resize(2));
    expect(profile.operations).not.toContain('realloc');
    expect(notes).toContain('realloc did not resize: its parameters may have another order');
  });

  it('says what could not be instrumented, and which imports were not known', () => {
    const imports = [{ module: 'env', name: 'mystery', type: { params: [], results: [] } }];
    const { notes } = moduleOf([{ ...bump, body: `call 0 ${bump.body}` }, free], {}, { imports }).probed();
    expect(notes).toContain('imports of unknown meaning were called: env.mystery');
    const { prepared, detection } = moduleOf([bump, free]);
    const instrumented = { ...prepared.instrumented, untouchedBecause: 'unknown instruction 0x27 at byte 9' };
    expect(probe({ ...prepared, instrumented }, detection).notes).toContain(
      'not instrumented, a hang is not stopped: unknown instruction 0x27 at byte 9',
    );
  });

  it('is not probed when it is given, and takes an alignment from outside', () => {
    const { profile } = moduleOf([bump, free]).probed();
    expect(moduleOf([bump, free], { profile }).probed()).toEqual({ profile, notes: [] });
    const held = moduleOf([bump, free], { alignmentBytes: 32 }).probed().profile;
    expect([held.alignmentBytes, held.maximumAlignmentBytes]).toEqual([32, 32]);
  });
});

describe('a module as a subject', () => {
  it('has a name, a line for the list, and what was found', () => {
    const definition = moduleOf([bump, free], { name: 'mine', memoryCapBytes: 65536 });
    expect([definition.name, definition.about, definition.candidates.length]).toEqual(['mine', 'c: malloc, free', 1]);
    const subject = definition.create();
    expect([subject.name, subject.pop(), subject.statistics(), subject.grow(1)]).toEqual([
      'mine',
      false,
      undefined,
      false,
    ]);
    subject.mark();
    subject.reset();
    subject.run();
  });

  it('tells a hang from a trap, and wants a restart after either', () => {
    const { profile } = moduleOf([bump, free]).probed();
    const hang = moduleOf([bump, { ...free, body: 'loop void br 0 end' }], { profile }).create();
    expect(() => hang.free(1024, 1, 16)).toThrow(FuelExhausted);
    expect(() => hang.malloc(1)).toThrow('call restart before the next operation');
    hang.restart();
    expect(hang.malloc(1)).toBe(1024);
    const trap = moduleOf([{ ...bump, body: 'unreachable' }, free], { profile }).create();
    expect(() => trap.malloc(1)).toThrow(WebAssembly.RuntimeError);
  });

  it('takes a deliberate trap for a refusal where the ABI refuses so, and puts the stack pointer back', () => {
    const stack = { type: 'i32', mutable: true, value: 'i32.const 4096', name: 'stack' } as const;
    const body = `global.get 1 i32.const 16 i32.sub global.set 1
      local.get 0 i32.const 1000 i32.gt_u if void unreachable end
      local.get 0 i32.const 999 i32.eq if void i32.const -1 i32.load 2 0 drop end
      global.get 1 i32.const 16 i32.add global.set 1
      global.get 0 global.get 0 local.get 0 i32.add global.set 0`;
    const alloc = { name: 'alloc', params: ['i32'], results: ['i32'], body } as const;
    const { profile } = moduleOf([bump, free]).probed();
    const definition = moduleOf([alloc, { ...free, name: 'dealloc' }], { profile }, { globals: [top, stack] });
    const subject = definition.create();
    const stackPointer = () => subject.instance.globalValue('stack');
    expect([subject.malloc(10), subject.malloc(2000), stackPointer(), subject.malloc(10)]).toEqual([
      1024, 0, 4096, 1034,
    ]);
    expect(() => subject.malloc(999)).toThrow('out of bounds');
  });

  it('passes on what traps in every operation', () => {
    const trapping = (name: string, params: number): AssembledFunction => ({
      name,
      params: new Array(params).fill('i32'),
      results: ['i32'],
      body: 'unreachable',
    });
    const { profile } = moduleOf([bump, free]).probed();
    const names = [trapping('calloc', 2), trapping('realloc', 2), trapping('memalign', 2)];
    const subject = moduleOf([bump, free, ...names], { profile }).create();
    const calls = [() => subject.calloc(1, 2), () => subject.realloc(0, 0, 16, 5), () => subject.alignedAlloc(64, 5)];
    for (const operate of calls) {
      subject.restart();
      expect(operate).toThrow('unreachable');
      expect(operate).toThrow('call restart');
    }
  });

  it('reports the counters that the profile promises, and no others', () => {
    const buddy = zoo('buddy').create();
    buddy.malloc(100);
    expect(buddy.statistics()).toEqual({ heap_live_blocks: 1, heap_live_bytes: 100 });
    expect(buddy.counter('malloc')).toBeUndefined();
  });

  it('refuses the growth that it is told to refuse', () => {
    const subject = zoo('free-list').create();
    const grant = () => subject.malloc(300_000) !== 0;
    expect(grant()).toBe(true);
    subject.restart();
    subject.refuseGrowth(1);
    expect([grant(), grant()]).toEqual([false, true]);
  });

  it('collects coverage of what the allocator reaches', () => {
    const subject = subjectFromModule(load('wasm/dist/zoo/free-list.wasm'), { coverage: true }).create();
    const { edges } = subject.instance.prepared.instrumented;
    const bits = new Int32Array(Math.ceil(edges / 32));
    subject.malloc(100);
    expect([edges > 50, subject.instance.takeCoverage(bits), subject.instance.takeCoverage(bits)]).toEqual([
      true,
      true,
      false,
    ]);
  });
});
