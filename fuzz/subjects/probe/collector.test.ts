import { describe, expect, it } from 'vitest';
import { judge, Lockstep } from '../../lockstep.ts';
import { parseTrace } from '../../trace/text.ts';
import { assemble } from '../../wasm/assemble.ts';
import { FuelExhausted } from '../subject.ts';
import { type ModuleDefinition, subjectFromModule } from '../wasm-module.ts';

/** Objects lie in cells of so many bytes, each behind a word that says 0 free, 1 loose, 2 pinned. */
const CELL = 2 ** 17;
const HEADER = 16;
const CELLS = 15;
const PAGES = 32;
const END = PAGES * 65536;

/** Does `body` with local 0 at each cell. */
const eachCell = (body: string) => `i32.const ${CELL} local.set 0
  loop void ${body} local.get 0 i32.const ${CELL} i32.add local.tee 0 i32.const ${END} i32.lt_u br_if 0 end`;

const stateBecomes = (pointer: string, state: number) =>
  `${pointer} i32.const ${HEADER} i32.sub i32.const ${state} i32.store 2 0`;

interface Runtime {
  /** The collector runs where no cell is free, and `__new` clears. */
  readonly isIncremental: boolean;
  readonly collected?: string;
  readonly unpin?: string;
  readonly clear?: string;
  readonly collect?: string;
}

const CLEAR = `local.get 2 i32.const ${HEADER} i32.add i32.const 0 local.get 0 memory.fill`;

function runtime({ isIncremental, collected = 'i32.const 1 i32.eq', ...bodies }: Runtime): ModuleDefinition {
  const clear = bodies.clear ?? (isIncremental ? CLEAR : '');
  const whenFull = isIncremental ? 'call 0 call 1 local.tee 2 i32.eqz if void unreachable end' : 'unreachable';
  const freesCell = `local.get 0 i32.load 2 0 ${collected} if void local.get 0 i32.const 0 i32.store 2 0 end`;
  return subjectFromModule(
    assemble({
      memory: [1, PAGES, PAGES],
      functions: [
        { name: '__collect', locals: ['i32'], body: bodies.collect ?? eachCell(freesCell) },
        {
          results: ['i32'],
          locals: ['i32'],
          body: `${eachCell('local.get 0 i32.load 2 0 i32.eqz if void local.get 0 return end')} i32.const 0`,
        },
        {
          name: '__new',
          params: ['i32', 'i32'],
          results: ['i32'],
          locals: ['i32'],
          body: `local.get 0 i32.const ${CELL - HEADER} i32.gt_u if void unreachable end
            call 1 local.tee 2 i32.eqz if void ${whenFull} end
            local.get 2 i32.const 1 i32.store 2 0 ${clear} local.get 2 i32.const ${HEADER} i32.add`,
        },
        {
          name: '__pin',
          params: ['i32'],
          results: ['i32'],
          body: `${stateBecomes('local.get 0', 2)} local.get 0`,
        },
        { name: '__unpin', params: ['i32'], body: bodies.unpin ?? stateBecomes('local.get 0', 1) },
      ],
    }),
  );
}

const INCREMENTAL = { isIncremental: true };
const MINIMAL = { isIncremental: false };

function promises(module: Runtime) {
  const { operations, reclaims } = runtime(module).probed().profile;
  return { clears: operations.includes('calloc'), reclaims };
}

function broken(module: Runtime, lines: string): string | undefined {
  const { trace } = parseTrace(`# heaplaw trace 1\n${lines.split('; ').join('\n')}`);
  return judge(new Lockstep(runtime(module).create()), trace)?.law;
}

const malloc = (count: number) => Array.from({ length: count }, (_, slot) => `%${slot} = malloc 8`).join('; ');

describe('a collector', () => {
  it('reclaims, and clears where it runs by itself', () => {
    expect(promises(INCREMENTAL)).toEqual({ clears: true, reclaims: true });
    expect(promises(MINIMAL)).toEqual({ clears: false, reclaims: true });
  });

  it('is none where it does nothing', () => {
    expect(promises({ ...MINIMAL, collect: 'nop' })).toEqual({ clears: false, reclaims: false });
  });

  it('is held to what it does by itself where unpinning or clearing fails', () => {
    expect(promises({ ...INCREMENTAL, unpin: 'nop' })).toEqual({ clears: true, reclaims: true });
    expect(promises({ ...MINIMAL, unpin: 'nop' })).toEqual({ clears: false, reclaims: true });
    expect(promises({ ...INCREMENTAL, clear: '' })).toEqual({ clears: true, reclaims: true });
  });

  it.each([INCREMENTAL, MINIMAL])('breaks no law that it is held to: %o', (sound) => {
    expect(broken(sound, '%0 = malloc 8; free %0; %0 = calloc 2 4; %1 = malloc 9; free %1; %2 = calloc 1 8')).toBe(
      undefined,
    );
    expect(broken(sound, `${malloc(18)}; free %3; free %4; %4 = malloc 8; %5 = malloc 200000`)).toBe(undefined);
  });

  it('breaks a law when it does not clear, or takes what is pinned', () => {
    expect(broken({ ...INCREMENTAL, clear: '' }, '%0 = malloc 8; free %0; %0 = calloc 2 4')).toBe(
      'calloc-gives-zeroes',
    );
    const taken = { ...INCREMENTAL, collected: '' };
    expect(broken(taken, '%0 = malloc 8; %1 = malloc 8; free %1; %2 = malloc 8')).toBe('regions-never-overlap');
  });

  it('is run before a request is refused for good, and again only where something waits', () => {
    const subject = runtime(MINIMAL).create();
    const pointers = Array.from({ length: CELLS }, () => subject.malloc(8));
    expect([pointers.includes(0), subject.malloc(8)]).toEqual([false, 0]);
    subject.free(pointers[7] ?? 0, 8, 16);
    expect([subject.malloc(8), subject.malloc(8)]).toEqual([pointers[7], 0]);
  });

  it('that never ends is a hang, also where a refusal runs it', () => {
    const subject = runtime({ ...MINIMAL, collect: 'loop void br 0 end' }).create();
    for (let made = 0; made < CELLS; made++) subject.malloc(8);
    subject.free(CELL + HEADER, 8, 16);
    expect(() => subject.malloc(8)).toThrow(FuelExhausted);
  });
});
