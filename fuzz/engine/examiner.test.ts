import { describe, expect, it } from 'vitest';
import { ShapeMap } from '../model/shape.ts';
import { operationCount, type Trace, traceOf } from '../trace/trace.ts';
import type { Violation } from '../violation.ts';
import { Examiner, type RepeatingJudge } from './examiner.ts';
import type { Target } from './target.ts';
import { Watch } from './watch.ts';

const trace = traceOf([
  { kind: 'malloc', operands: [0, 16] },
  { kind: 'malloc', operands: [1, 32] },
  { kind: 'free', operands: [0] },
]);

const overlap: Violation = {
  law: 'regions-never-overlap',
  step: 2,
  kind: 'malloc',
  request: '%1 = malloc 32',
  answer: '0x10..0x30',
  allowed: '32 bytes',
  relation: 'same-start',
};

/** A judge whose answers and violations are made up: each trace an instance runs is numbered from 1. */
class ScriptedJudge implements RepeatingJudge {
  onBeat?: () => void;
  readonly shapes = new ShapeMap();
  operations = 0;
  answers = 0;
  readonly restartsExactly: boolean;
  #runs = 0;
  readonly #script: Script;
  readonly #instance: number;
  readonly #salt: number;

  constructor(script: Script, instance: number, salt = 0) {
    this.#salt = salt;
    this.#script = script;
    this.#instance = instance;
    this.restartsExactly = script.restartsExactly === true;
  }

  run(given: Trace, checking?: 'at-end' | 'every-step'): Violation | undefined {
    if (checking === 'every-step') return this.#script.closely;
    this.#runs++;
    this.onBeat?.();
    this.shapes.see(this.#script.shape?.(operationCount(given)) ?? this.#instance);
    this.answers = this.#script.answers?.(this.#instance, this.#runs, operationCount(given)) ?? 0;
    return this.#script.violation?.(this.#instance, this.#runs, operationCount(given), this.#salt);
  }

  runRepeated(_: Trace, times: number, mostOperations?: number): Violation | undefined {
    this.#script.repeats?.push(times);
    this.#script.most?.push(mostOperations);
    this.operations += this.#script.repetitionOperations ?? 0;
    return this.#script.leak;
  }

  unrolled(): Trace | undefined {
    return this.#script.unrolled;
  }
}

interface Script {
  readonly answers?: (instance: number, run: number, steps: number) => number;
  readonly violation?: (instance: number, run: number, steps: number, salt: number) => Violation | undefined;
  readonly leak?: Violation;
  /** What is seen when each step is looked at. */
  readonly closely?: Violation;
  readonly unrolled?: Trace;
  readonly restartsExactly?: boolean;
  /** Takes how often each trace is to be repeated. */
  readonly repeats?: number[];
  /** Takes the operations that each repetition may have. */
  readonly most?: (number | undefined)[];
  readonly repetitionOperations?: number;
  readonly shape?: (steps: number) => number;
}

function examinerOf(script: Script): Examiner {
  let instances = 0;
  const target: Target = {
    name: 'scripted',
    about: '',
    open: (salt) => new ScriptedJudge(script, instances++, salt),
    generate: () => trace,
  };
  return new Examiner(target, new Watch());
}

describe('second looks', () => {
  it.each([
    ['share an instance that a restart leaves as good as new', true, [[1], [1]]],
    ['have an instance each where it may not', false, [[1], [2]]],
  ])('%s', (_, restartsExactly, expected) => {
    const examiner = examinerOf({ restartsExactly });
    expect([trace, trace].map((one) => examiner.lookAgain(one, 0).shapes)).toEqual(expected);
  });

  it('repeat a trace some times, and few of them many times, by the trace alone', () => {
    const traces = Array.from({ length: 100 }, (_, size) => traceOf([{ kind: 'malloc', operands: [0, size] }]));
    const repeatsOf = (inOrder: readonly Trace[]) => {
      const repeats: number[] = [];
      const examiner = examinerOf({ repeats });
      for (const one of inOrder) examiner.lookAgain(one, 0);
      return repeats;
    };
    const repeats = repeatsOf(traces);
    expect(repeatsOf([...traces].reverse()).reverse()).toEqual(repeats);
    const many = repeats.filter((times) => times === 1000).length;
    expect([many > 5 && many < 25, repeats.filter((times) => times === 64).length + many]).toEqual([true, 100]);
  });

  it.each([
    ['some long ones', 2 ** 17, [undefined, undefined, 2 ** 14, undefined, undefined]],
    ['short ones', 2 ** 16, [undefined, undefined, undefined, undefined, undefined]],
  ])('of a lane repeat a trace briefly after %s, and a finding is looked at as long as ever', (_, each, expected) => {
    const most: (number | undefined)[] = [];
    const examiner = examinerOf({ most, repetitionOperations: each });
    examiner.lookAgain(trace, 0);
    examiner.repeat(trace);
    examiner.repeat(trace);
    examiner.examine(trace);
    examiner.beginLane();
    examiner.repeat(trace);
    expect(most).toEqual(expected);
  });

  it('say what each trace shows by itself', () => {
    const examiner = examinerOf({ restartsExactly: true, shape: (steps) => steps });
    const shapes = [trace, trace.subarray(4)].map((one) => examiner.lookAgain(one, 0).shapes);
    expect(shapes).toEqual([[3], [2]]);
  });
});

describe('a violation', () => {
  it('counts when a fresh instance shows it, too', () => {
    const examiner = examinerOf({ violation: () => overlap });
    expect(examiner.differenceInFreshInstance(trace, overlap)).toBeUndefined();
  });

  it('is flaky when every law holds in a fresh instance', () => {
    const examiner = examinerOf({});
    expect(examiner.differenceInFreshInstance(trace, overlap)).toBe(
      'in a fresh instance every law held; here step 2, %1 = malloc 32, broke regions-never-overlap (0x10..0x30)',
    );
  });

  it('is flaky when a fresh instance breaks another law, or at another step', () => {
    const later = examinerOf({ violation: () => ({ ...overlap, step: 3, answer: 'NULL' }) });
    expect(later.differenceInFreshInstance(trace, overlap)).toMatch(
      /^in a fresh instance step 3, .*NULL.*; here step 2/,
    );
  });
});

describe('same-trace-same-answers', () => {
  it('holds when all instances answer alike', () => {
    expect(examinerOf({}).examine(trace)).toBeUndefined();
  });

  it('breaks at the first step at which an instance that ran traces before parts', () => {
    const examiner = examinerOf({ answers: (_, run, steps) => (run > 1 && steps >= 2 ? 7 : steps) });
    expect(examiner.examine(trace)).toMatchObject({ law: 'same-trace-same-answers', step: 2, kind: 'malloc' });
  });

  it('is suspected when the second look parts from the first', () => {
    const examiner = examinerOf({ answers: (instance) => instance });
    const { violation, shapes } = examiner.lookAgain(trace, 0);
    expect(violation).toMatchObject({ law: 'same-trace-same-answers', step: 3 });
    expect(shapes).toEqual([1]);
  });

  it('is confirmed by instances of its own', () => {
    const examiner = examinerOf({ answers: (instance) => instance });
    const { violation } = examiner.lookAgain(trace, 0);
    expect(examiner.differenceInFreshInstance(trace, violation ?? overlap)).toBeUndefined();
    expect(examiner.check(trace, violation ?? overlap)).toMatchObject({ law: 'same-trace-same-answers' });
  });
});

describe('freed-memory-is-reused', () => {
  const leak: Violation = { ...overlap, law: 'freed-memory-is-reused' };

  it('is looked for on the second look', () => {
    expect(examinerOf({ leak }).lookAgain(trace, 0).violation).toBe(leak);
  });

  it('is not all that repetition shows: what breaks another law is found in one long trace', () => {
    const unrolled = trace.slice(0, 8);
    const breaksLater = examinerOf({ unrolled, violation: (_, __, steps) => (steps === 2 ? overlap : undefined) });
    expect(breaksLater.lookAgain(trace, 0)).toMatchObject({ violation: overlap, breaking: unrolled });
    expect(examinerOf({ unrolled, violation: () => overlap }).repeat(trace)).toEqual({
      trace: unrolled,
      violation: overlap,
    });
    expect(examinerOf({ unrolled }).repeat(trace)).toBeUndefined();
    expect(examinerOf({ leak }).repeat(trace)).toEqual({ trace, violation: leak });
  });

  it('is not looked for where another law was broken', () => {
    expect(examinerOf({ leak }).examine(trace, overlap)).toBeUndefined();
    expect(examinerOf({ leak }).examine(trace)).toBe(leak);
  });
});

describe('a law that other bytes in the blocks break', () => {
  const brokenBySalt = (law: Violation['law'], from: number) => (_: number, __: number, steps: number, salt: number) =>
    salt !== 0 && steps >= from ? { ...overlap, law } : undefined;

  it('is an answer that parts, at the first step at which it breaks, and no flaky finding', () => {
    const examiner = examinerOf({ violation: brokenBySalt('operations-never-trap', 2) });
    const { violation = overlap } = examiner.lookAgain(trace, 0);
    expect(violation).toMatchObject({ law: 'same-trace-same-answers' });
    expect(examiner.differenceInFreshInstance(trace, violation)).toBeUndefined();
    expect(examiner.examine(trace)).toMatchObject({ law: 'same-trace-same-answers', step: 2 });
  });

  it('is that in a repetition, too', () => {
    const unrolled = Uint32Array.from([...trace, ...trace]);
    const examiner = examinerOf({ unrolled, violation: brokenBySalt('operations-end', 6) });
    const { violation = overlap, breaking } = examiner.lookAgain(trace, 0);
    expect([violation.law, breaking]).toEqual(['same-trace-same-answers', unrolled]);
    expect(examiner.differenceInFreshInstance(unrolled, violation)).toBeUndefined();
  });

  it('is counted where it takes all the fuel', () => {
    const examiner = examinerOf({ violation: brokenBySalt('operations-end', 3) });
    examiner.examine(trace);
    expect(examiner.hangsBeside).toBe(1);
  });
});

describe('answers that part', () => {
  const apart = (instance: number) => instance;

  it.each([
    ['on the second look', (examiner: Examiner) => examiner.lookAgain(trace, 99).violation],
    ['for themselves', (examiner: Examiner) => examiner.examine(trace)],
  ])('are another breach where one shows when each step is looked at, %s', (_, seenBy) => {
    expect(seenBy(examinerOf({ answers: apart, closely: overlap }))).toBe(overlap);
    expect(seenBy(examinerOf({ answers: apart }))).toMatchObject({ law: 'same-trace-same-answers' });
  });
});

describe('a trace that takes long', () => {
  it.each([
    ['at once', 1, (examiner: Examiner) => examiner.run(trace)],
    ['on the second look', 1, (examiner: Examiner) => examiner.lookAgain(trace, 0)],
    ['looked at for its shapes', 1, (examiner: Examiner) => examiner.survey(trace)],
    ['for itself, four times in all', 4, (examiner: Examiner) => examiner.examine(trace)],
  ])('shows that it goes on, %s', (_, runs, run) => {
    const watch = new Watch();
    watch.begin();
    const begun = watch.beat;
    const open = () => new ScriptedJudge({}, 0);
    run(new Examiner({ name: 'scripted', about: '', open, generate: () => trace }, watch));
    expect([watch.beat - begun, watch.executions]).toEqual([1 + runs, 1]);
  });
});

describe('an execution that is known not to end', () => {
  it('is left out', () => {
    const watch = new Watch();
    const target: Target = {
      name: 'scripted',
      about: '',
      open: () => new ScriptedJudge({ violation: () => overlap }, 0),
      generate: () => trace,
    };
    const examiner = new Examiner(target, watch);
    watch.begin([0, 1, 2, 3]);
    expect(examiner.run(trace)).toBeUndefined();
    expect(examiner.lookAgain(trace, 0)).toEqual({ shapes: [] });
    expect(examiner.survey(trace)).toEqual({ shapes: [] });
    expect(examiner.examine(trace)).toBeUndefined();
    expect(examiner.run(trace)).toBe(overlap);
    expect(watch.executions).toBe(5);
  });
});
