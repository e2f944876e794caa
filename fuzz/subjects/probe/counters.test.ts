import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { ensureBuilt } from '../../../wasm/build.ts';
import { judge, Lockstep } from '../../lockstep.ts';
import { parseTrace } from '../../trace/text.ts';
import { type AssembledFunction, assemble } from '../../wasm/assemble.ts';
import { type ModuleDefinition, subjectFromModule } from '../wasm-module.ts';

const FAULTY = ['peak-misses-growth', 'refusal-moves-top', 'growth-unbounded'].map(
  (fault) => `faults/lua-bump-${fault}`,
);
beforeAll(() => ensureBuilt(FAULTY), 120_000);

const built = (name: string) => subjectFromModule(readFileSync(`wasm/dist/${name}.wasm`));

/** `counter: meaning`, for every counter of the profile. */
function meaningsOf(definition: ModuleDefinition): string[] {
  const { counters = [] } = definition.probed().profile;
  return counters.map(({ counter, means, of }) => `${counter}: ${means}${of === undefined ? '' : ` of ${of}`}`);
}

describe('the counters of a module', () => {
  it.each([
    ['zoo/buddy', ['heap_live_bytes: live-bytes', 'heap_live_blocks: live-blocks']],
    ['zoo/segregated', ['heap_live_blocks: live-blocks']],
    ['zoo/sound-doubling', []],
    ['lua-bump', ['malloc_stats: spent-bytes', 'malloc_remaining: unspent-bytes', 'malloc_peak: peak of malloc_stats']],
  ])('of %s mean %j', (name, expected) => {
    expect(meaningsOf(built(name))).toEqual(expected);
  });

  it('have their meanings though one of them be wrong', () => {
    expect(meaningsOf(built('faults/lua-bump-peak-misses-growth'))).toEqual(meaningsOf(built('lua-bump')));
  });

  it.each([
    ['peak-misses-growth', '%0 = malloc 1; %0 = realloc %0 17', 'malloc_peak is 32, the trace implies at least 48'],
    ['refusal-moves-top', '%0 = malloc 524280', 'malloc_stats is 16, the trace implies 0'],
    ['growth-unbounded', '%0 = malloc 1; %0 = realloc %0 524273', 'malloc_remaining is 4294967280'],
  ])('tell lua-bump-%s', (fault, lines, expected) => {
    const { trace } = parseTrace(`# heaplaw trace 1\n${lines.split('; ').join('\n')}`);
    const violation = judge(new Lockstep(built(`faults/lua-bump-${fault}`).create()), trace);
    expect(`${violation?.answer} ${violation?.but}`).toContain(expected);
  });
});

const TOP = { type: 'i32', mutable: true, value: 'i32.const 1024' } as const;
const CALLS = { type: 'i32', mutable: true, value: 'i32.const 0' } as const;

const bump: AssembledFunction = {
  name: 'malloc',
  params: ['i32'],
  results: ['i32'],
  body: `global.get 0 i32.const 60000 i32.gt_u if void i32.const 0 return end
    global.get 0 global.get 0 local.get 0 i32.add i32.const 15 i32.add i32.const -16 i32.and global.set 0`,
};
const free: AssembledFunction = { name: 'free', params: ['i32'], body: 'nop' };

function counting(body: string): string[] {
  const read: AssembledFunction = { name: 'read', results: ['i32'], body };
  const functions = [bump, free, read];
  return meaningsOf(subjectFromModule(assemble({ memory: [1, 1, 1], globals: [TOP, CALLS], functions })));
}

it('a peak may be too high after a realloc, in that trace alone', () => {
  const realloc: AssembledFunction = { name: 'realloc', params: ['i32', 'i32'], results: ['i32'], body: 'local.get 0' };
  const used: AssembledFunction = { name: 'used', results: ['i32'], body: 'global.get 0' };
  const body = 'global.get 0 global.get 0 i32.const 30000 i32.gt_u i32.const 3 i32.shl i32.add';
  const functions = [bump, free, realloc, used, { ...used, name: 'peak', body }];
  const definition = subjectFromModule(assemble({ memory: [1, 1, 1], globals: [TOP], functions }));
  expect(meaningsOf(definition)).toEqual(['used: spent-bytes', 'peak: peak of used']);
  const lockstep = new Lockstep(definition.create());
  const broken = ['%0 = malloc 8; %0 = realloc %0 8; %1 = malloc 40000', '%0 = malloc 40000'].map((lines) =>
    judge(lockstep, parseTrace(`# heaplaw trace 1\n${lines.split('; ').join('\n')}`).trace),
  );
  expect(broken).toEqual([undefined, expect.objectContaining({ law: 'statistics-match-history', step: 1 })]);
});

it('one that the first request sets up, be it refused, is none', () => {
  const setUp = 'global.get 1 i32.eqz if void i32.const 1024 global.set 1 end';
  const late: AssembledFunction = { ...bump, body: `${setUp} ${bump.body.replaceAll('global.get 0', 'global.get 1')}` };
  const malloc = { ...late, body: late.body.replaceAll('global.set 0', 'global.set 1').replace('1024', '8192') };
  const read: AssembledFunction = { name: 'heap_top', results: ['i32'], body: 'global.get 1' };
  const bytes = assemble({ memory: [1, 1, 1], globals: [TOP, CALLS], functions: [malloc, free, read] });
  expect(meaningsOf(subjectFromModule(bytes))).toEqual([]);
});

describe('one that counts what was ever given', () => {
  const arena = (name: string, refusedToo: boolean) => {
    const count = 'global.get 1 i32.const 1 i32.add global.set 1';
    const [refusal, given] = bump.body.split(' end\n');
    const body = refusedToo ? `${count} ${bump.body}` : `${refusal} end ${count} ${given}`;
    const read: AssembledFunction = { name, results: ['i32'], body: 'global.get 1' };
    const functions = [{ ...bump, name: 'alloc', body }, read];
    return subjectFromModule(assemble({ memory: [1, 1, 1], globals: [TOP, CALLS], functions }));
  };
  const filled = Array.from({ length: 8 }, (_, slot) => `%${slot} = malloc 10000`).join('\n');
  const judged = (definition: ReturnType<typeof arena>) =>
    judge(new Lockstep(definition.create()), parseTrace(`# heaplaw trace 1\n${filled}`).trace);

  it('does not count what was refused, unless it says to count calls', () => {
    expect(meaningsOf(arena('count', true))).toEqual(['count: given-blocks']);
    expect([judged(arena('count', false)), judged(arena('alloc_calls', true))]).toEqual([undefined, undefined]);
    expect(judged(arena('count', true))).toMatchObject({ law: 'exhaustion-is-reported', step: 7 });
    expect(meaningsOf(arena('alloc_calls', true))).toEqual([]);
  });
});

describe('without a counter of what lives', () => {
  const LIVE_COUNT = 'global.get 1 i32.const 1 i32.add global.set 1';
  const TO_PEAK = 'global.get 1 global.get 2 i32.gt_u if void global.get 1 global.set 2 end';
  const [refusal, given] = bump.body.split(' end\n');
  const counted = (name: string, count: string, freed: string) => {
    const malloc = { ...bump, body: `${refusal} end ${count} ${given}` };
    const read: AssembledFunction = { name, results: ['i32'], body: 'global.get 2' };
    const functions = [malloc, { ...free, body: `local.get 0 if void ${freed} end` }, read];
    return subjectFromModule(assemble({ memory: [1, 1, 1], globals: [TOP, CALLS, CALLS], functions }));
  };
  const ONE_LESS = 'global.get 1 i32.const 1 i32.sub global.set 1';
  const judged = (definition: ReturnType<typeof counted>, lines: string) =>
    judge(new Lockstep(definition.create()), parseTrace(`# heaplaw trace 1\n${lines.split('; ').join('\n')}`).trace);

  it('a peak follows the live blocks, also when it is always taken too early', () => {
    const [sound, early] = [`${LIVE_COUNT} ${TO_PEAK}`, `${TO_PEAK} ${LIVE_COUNT}`].map((count) =>
      counted('most_blocks', count, ONE_LESS),
    );
    if (sound === undefined || early === undefined) throw new Error('one of two is missing');
    expect([meaningsOf(sound), meaningsOf(early)]).toEqual([
      ['most_blocks: peak of live blocks'],
      ['most_blocks: peak of live blocks'],
    ]);
    expect(judged(sound, '%0 = malloc 8; free %0')).toBeUndefined();
    expect(judged(early, '%0 = malloc 8')).toMatchObject({ law: 'statistics-match-history', step: 1 });
  });

  it('what counts all blocks is wrong by a name of what lives', () => {
    const startOver = `${ONE_LESS} global.get 1 i32.eqz if void i32.const 1024 global.set 0 end`;
    const countAll = 'global.get 2 i32.const 1 i32.add global.set 2';
    const [live, all] = ['live_blocks', 'all_blocks'].map((name) =>
      counted(name, `${LIVE_COUNT} ${countAll}`, startOver),
    );
    if (live === undefined || all === undefined) throw new Error('one of two is missing');
    expect([meaningsOf(live), meaningsOf(all)]).toEqual([['live_blocks: live-blocks'], []]);
    expect(judged(live, '%0 = malloc 8; free %0')).toMatchObject({ law: 'statistics-match-history', step: 2 });
  });
});

describe('a function that takes nothing', () => {
  it('is a counter when it follows what is asked for', () => {
    expect(counting('global.get 0')).toEqual(['read: spent-bytes']);
    expect(counting('i32.const 0 global.get 0 i32.sub')).toEqual(['read: unspent-bytes']);
  });

  it('does not count what was asked for where it only does so for round sizes', () => {
    const rounded = 'i32.const 15 i32.add i32.const -16 i32.and';
    const alloc = {
      ...bump,
      name: 'alloc',
      body: `global.get 1 local.get 0 ${rounded} i32.add global.set 1 ${bump.body}`,
    };
    const body = `global.get 1 local.get 1 ${rounded} i32.sub global.set 1`;
    const dealloc: AssembledFunction = { name: 'dealloc', params: ['i32', 'i32'], body };
    const functions = [alloc, dealloc, { name: 'used', results: ['i32'], body: 'global.get 1' } as const];
    const definition = subjectFromModule(assemble({ memory: [1, 1, 1], globals: [TOP, CALLS], functions }));
    expect(meaningsOf(definition)).toEqual(['used: spent-bytes']);
  });

  it.each([
    ['is always the same', 'i32.const 7'],
    ['counts its own calls', 'global.get 1 i32.const 1 i32.add global.set 1 global.get 1'],
    ['allocates', 'global.get 0 i32.const 16 i32.add global.set 0 global.get 0'],
    ['traps', 'unreachable'],
    ['tells granules', 'global.get 0 i32.const 4 i32.shr_u'],
  ])('is none when it %s', (_, body) => {
    expect(counting(body)).toEqual([]);
  });
});
