import { describe, expect, it } from 'vitest';
import { NO_PROMISES, type Profile } from '../model/profile.ts';
import { assemble } from '../wasm/assemble.ts';
import { FuelExhausted } from './subject.ts';
import { subjectFromModule } from './wasm-module.ts';

const PAGES = 256;
const GRANULES = (PAGES * 65536) / 16;

/** A malloc that does `rounds` rounds of a loop and hands out the same block each time. */
function walker(rounds: number) {
  const body = `i32.const ${rounds} local.set 1
    loop void local.get 1 i32.const 1 i32.sub local.tee 1 br_if 0 end
    i32.const 1024`;
  const functions = [
    { name: 'malloc', params: ['i32'], results: ['i32'], locals: ['i32'], body },
    { name: 'free', params: ['i32'], body: '' },
  ] as const;
  return subjectFromModule(assemble({ memory: [1, 128, 2, 128, 2], functions }), { profile: PROFILE }).create();
}

const PROFILE: Profile = {
  operations: ['malloc', 'free'],
  alignmentBytes: 16,
  maximumAlignmentBytes: 16,
  arenaStart: 1024,
  arenaEnd: PAGES * 65536,
  ...NO_PROMISES,
};

describe('the fuel of a module', () => {
  it('lasts for a walk over a map of all granules of a large memory, in every operation', () => {
    const subject = walker(GRANULES);
    for (let operation = 0; operation < 40; operation++) expect(subject.malloc(16)).toBe(1024);
  });

  it('that was burnt is known, and the same after every restart', () => {
    const subject = walker(1000);
    const burnt = [0, 40, 80].map((operations) => {
      subject.restart();
      for (let operation = 0; operation < operations; operation++) subject.malloc(16);
      return subject.stepsTaken;
    });
    expect(burnt).toEqual([0, 40 * 1001, 80 * 1001]);
  });

  it('ends a loop that does not', () => {
    expect(() => walker(0).malloc(16)).toThrow(FuelExhausted);
  });
});

describe('the spare word of a module', () => {
  const spareWord = (pages: number, ...body: string[]) => {
    const starts = { functions: [...body.map((code) => ({ body: code })), { ...MALLOC, body: 'i32.const 0' }] };
    const start = body.length === 0 ? {} : { start: 0 };
    const bytes = assemble({ memory: [1, pages, 2], ...starts, ...start });
    return subjectFromModule(bytes, { profile: PROFILE }).create().access().spareWord();
  };
  const MALLOC = { name: 'malloc', params: ['i32'], results: ['i32'] } as const;

  it('lies behind NULL where nothing else does', () => {
    expect([spareWord(1), spareWord(0), spareWord(1, 'i32.const 4 i32.const 7 i32.store 2 0')]).toEqual([
      4,
      undefined,
      undefined,
    ]);
  });
});
