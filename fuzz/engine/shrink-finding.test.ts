import { describe, expect, it, vi } from 'vitest';
import { NO_PROMISES, type Profile } from '../model/profile.ts';
import { subjectFromModule } from '../subjects/wasm-module.ts';
import { targetOf } from '../targets.ts';
import { formatTrace, parseTrace } from '../trace/text.ts';
import type { Trace } from '../trace/trace.ts';
import type { Violation } from '../violation.ts';
import { assemble } from '../wasm/assemble.ts';
import { Examiner } from './examiner.ts';
import type { Finding } from './finding.ts';
import { shrinkFinding } from './shrink-finding.ts';
import { Watch } from './watch.ts';

const PAGES = 32;
const PROFILE: Profile = {
  operations: ['malloc', 'free'],
  alignmentBytes: 16,
  maximumAlignmentBytes: 16,
  arenaStart: 1024,
  arenaEnd: PAGES * 65536,
  ...NO_PROMISES,
};

const LOOP = 'loop void local.get 1 i32.const 1 i32.sub local.tee 1 br_if 0 end';

/** A bump heap whose malloc does as many rounds of a loop as `rounds` leaves in local 1, 2^32 for 0; its size is local 0. */
function walker(rounds: string, free = '') {
  const body = `${rounds} ${LOOP} global.get 0 global.get 0 local.get 0 i32.const 31 i32.add i32.const -16 i32.and
    i32.add global.set 0`;
  const functions = [
    { name: 'malloc', params: ['i32'], results: ['i32'], locals: ['i32'], body },
    { name: 'free', params: ['i32'], body: free },
  ] as const;
  const globals = [
    { type: 'i32', mutable: true, value: 'i32.const 1024' },
    { type: 'i32', mutable: true, value: 'i32.const 0' },
  ] as const;
  const module = assemble({ memory: [1, PAGES, PAGES], globals, functions });
  return targetOf(subjectFromModule(module, { profile: PROFILE }));
}

function shrunk(target: ReturnType<typeof walker>, lines: readonly string[]) {
  const { trace } = parseTrace(`# heaplaw trace 1\n${lines.join('\n')}`);
  const examiner = new Examiner(target, new Watch());
  const violation = examiner.examine(trace);
  if (violation === undefined) throw new Error('every law held');
  const finding: Finding = { trace, violation, origin: { seed: 1, round: 0, lane: 0, run: 0 }, minimal: false };
  const told: Trace[] = [];
  let patientHangs = 0;
  const check = examiner.check.bind(examiner);
  vi.spyOn(examiner, 'check').mockImplementation((tried, like) => {
    const seen = check(tried, like);
    if (seen?.law === 'operations-end' && examiner.judge.patience === 1) patientHangs++;
    return seen;
  });
  const smaller = shrinkFinding(finding, {
    examiner,
    target: { ...target, generate: () => new Uint32Array(0) },
    stop: () => false,
    onProgress: (best) => told.push(best),
  });
  const left = formatTrace(smaller.trace).trim().split('\n').slice(1).join('; ');
  return { left, minimal: smaller.minimal, violation: smaller.violation, told, patientHangs, examiner };
}

const malloc = (count: number, sizeBytes: (index: number) => number) =>
  Array.from({ length: count }, (_, index) => `%${index % 256} = malloc ${sizeBytes(index)}`);

describe('shrinking a hang', () => {
  it('comes to its end, though nearly every candidate hangs', () => {
    // The fifth free breaks the list: every malloc after it is endless.
    const free = 'global.get 1 i32.const 1 i32.add global.set 1';
    const target = walker('i32.const 1 global.get 1 i32.const 5 i32.ge_u i32.sub local.set 1', free);
    const frees = Array.from({ length: 200 }, (_, index) => `free %${index}`);
    const lines = [...malloc(300, (index) => 40 + index), ...frees, ...malloc(300, (index) => 900 + index)];
    const { left, minimal, violation, patientHangs, examiner } = shrunk(target, lines);
    expect([left, minimal]).toEqual(['free %0; free %1; free %2; free %3; free %4; %5 = malloc 0', true]);
    expect(patientHangs).toBe(1);
    expect(violation.answer).toMatch(/took more than 18874368 function entries/);
    expect(examiner.judge.patience).toBe(1);
  });

  it('never ends in an operation that is only slow', () => {
    // 64 rounds a byte, of which four are granted, and the 2 MiB of memory: endless from 314,573 bytes on, and slow below.
    const target = walker('local.get 0 i32.const 64 i32.mul i32.const 1 i32.or local.set 1');
    const { left, minimal, told, examiner } = shrunk(
      target,
      malloc(40, (index) => (index === 39 ? 1_000_000 : 16)),
    );
    const [, size = '0'] = /^%0 = malloc (\d+)$/.exec(left) ?? [];
    expect([Number(size), minimal]).toEqual([314_573, true]);
    expect(told.length).toBeGreaterThan(0);
    for (const trace of told) expect(examiner.examine(trace)?.law).toBe('operations-end');
  });

  it('leaves slow operations before it their fuel', () => {
    // The third malloc of 7 bytes is endless, all others take one part in 1600 of the fuel of a window.
    const isThird =
      'local.get 0 i32.const 7 i32.eq global.get 1 i32.add global.set 1 global.get 1 i32.const 3 i32.ge_u';
    const target = walker(`${isThird} i32.eqz i32.const 10000 i32.mul local.set 1`);
    const { left, minimal, patientHangs } = shrunk(
      target,
      malloc(60, (index) => (index % 9 === 0 ? 7 : 100)),
    );
    expect([left, minimal, patientHangs]).toEqual(['%0 = malloc 7; %1 = malloc 7; %2 = malloc 7', true, 1]);
  });

  it('ends early where what hangs is an instance with other contents, which takes as long', () => {
    const target = walker('i32.const 1 local.set 1');
    const examiner = new Examiner(target, new Watch());
    const { trace } = parseTrace(`# heaplaw trace 1\n${malloc(40, (index) => index).join('\n')}`);
    const violation = { law: 'same-trace-same-answers', step: 40, kind: 'malloc', request: '' } as const;
    const parted: Violation = { ...violation, answer: '', allowed: '', relation: 'none' };
    const seen = (tried: Trace) => (tried.length < trace.length ? undefined : parted);
    const check = vi.spyOn(examiner, 'check').mockImplementation((tried) => {
      examiner.hangsBeside++;
      return seen(tried);
    });
    vi.spyOn(examiner, 'examine').mockImplementation(seen);
    const finding: Finding = {
      trace,
      violation: parted,
      origin: { seed: 1, round: 0, lane: 0, run: 0 },
      minimal: false,
    };
    const { minimal } = shrinkFinding(finding, { examiner, target, stop: () => false });
    expect([minimal, check.mock.calls.length < 140]).toEqual([false, true]);
  });
});
