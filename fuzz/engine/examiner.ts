/**
 * Runs traces on a target and makes sure of what it sees: a violation counts when a fresh instance shows it, too, and
 * traces worth keeping have to give the same answers there.
 */
import { mix } from '../trace/random.ts';
import { formatOperation } from '../trace/text.ts';
import { operationAt, operationCount, STRIDE, type Trace } from '../trace/trace.ts';
import type { Violation } from '../violation.ts';
import type { Judge, Target } from './target.ts';
import type { Watch } from './watch.ts';

/** A balanced trace is repeated this often; a leak of one block a turn fills the memories we use well before. */
const REPEATS = 1000;
/** A second look has no more rounds than show a block lost in each, but for one trace in so many. */
const FEW_REPEATS = 64;
const THOROUGH_ONE_IN = 8;

/**
 * A heap that hands out its memory in turn takes up to a million operations to show that nothing is lost, whatever the
 * trace: so many traces of a lane may take more than the first number of operations, and the others no more than the second.
 */
const LONG_REPETITION = 2 ** 16;
const LONG_REPETITIONS = 2;
const SHORT_REPETITION = 2 ** 14;

/** Longer traces are not repeated: they would cost a second each, and what leaks does so in short ones, too. */
const LONGEST_REPEATED = 64;

const PARTING = 'same-trace-same-answers';
const LEAK = 'freed-memory-is-reused';
const HANG = 'operations-end';

/** A second look has other bytes in the blocks, so that an answer taken from old ones shows. */
const OTHER_CONTENTS = 0x5eed;

/** A judge that can also look for slow leaks. */
export interface RepeatingJudge extends Judge {
  /** What it has cost so far, in the time of an operation; absent where that is the number of operations. */
  readonly effort?: number;
  /** The share of the usual fuel that operations are given, 1 at first; absent where they are given none. */
  patience?: number | undefined;
  /** Every run is as one in a fresh instance. */
  readonly restartsExactly?: boolean;
  /** Called now and then while operations end, so that a run which takes long is told from one which hangs. */
  onBeat?: () => void;
  /** Runs `trace`, everything freed at its end, again and again. A violation when memory goes on growing. */
  runRepeated?(trace: Trace, times: number, mostOperations?: number): Violation | undefined;
  /** One trace that does what the last repetition did until it broke another law; undefined when none broke. */
  unrolled?(): Trace | undefined;
}

/** A law that was broken, and the trace that breaks it. */
export interface Breach {
  readonly trace: Trace;
  readonly violation: Violation;
}

/** What a fresh instance made of a trace. */
export interface SecondLook {
  /** A law that only broke on the second look. */
  readonly violation?: Violation;
  /** The trace that breaks it, when that is a repetition of the one looked at. */
  readonly breaking?: Trace;
  /** Every shape the trace shows by itself. */
  readonly shapes: readonly number[];
}

export class Examiner {
  /** The instance that runs one trace after another. */
  readonly judge: RepeatingJudge;
  /** Runs with other contents that did not end, where answers were compared: each took all its fuel. */
  hangsBeside = 0;
  readonly #target: Target;
  readonly #watch: Watch;
  /** The instance of the last second look. */
  #known: RepeatingJudge | undefined;
  /** Long repetitions since the lane began in which every law held. */
  #longRepetitions = 0;

  constructor(target: Target, watch: Watch) {
    this.#target = target;
    this.#watch = watch;
    this.judge = this.#open();
  }

  /** Before a lane: what is looked for depends on nothing that was done before. */
  beginLane(): void {
    this.#longRepetitions = 0;
  }

  /** The first law `trace` breaks. An execution known not to end is left out and breaks none. */
  run(trace: Trace): Violation | undefined {
    return this.#watch.enter(trace) ? this.judge.run(trace) : undefined;
  }

  /** Runs `trace`, which broke no law, again and again. */
  repeat(trace: Trace): Breach | undefined {
    return this.#watch.enter(trace) ? this.#breachByRepetition(this.judge, trace) : undefined;
  }

  /** Runs `trace`, which broke no law, in an instance as good as fresh. `answers` are those it gave before. */
  lookAgain(trace: Trace, answers: number): SecondLook {
    if (!this.#watch.enter(trace)) return { shapes: [] };
    const fresh = this.#other();
    if (fresh.run(trace) !== undefined) return { shapes: [], violation: this.#partingOrWorse(trace) };
    const apart = fresh.answers === answers ? undefined : this.#closely(trace, partingAt(trace, operationCount(trace)));
    const breach = apart === undefined ? this.#breachWithOtherContents(fresh, trace) : { trace, violation: apart };
    const shapes = fresh.shapes.since(0);
    return breach === undefined ? { shapes } : { shapes, violation: breach.violation, breaking: breach.trace };
  }

  /** What repeating `trace` shows in `other`. Contents may be all that breaks a law in it: it is then the answers that part. */
  #breachWithOtherContents(other: RepeatingJudge, trace: Trace): Breach | undefined {
    const breach = this.#breachByRepetition(other, trace, repeatsOf(trace));
    if (breach === undefined || breach.violation.law === LEAK) return breach;
    return { trace: breach.trace, violation: this.#partingOrWorse(breach.trace) };
  }

  /** An instance with other contents, as good as fresh: making one takes as long as running many traces. */
  #other(): RepeatingJudge {
    const known = this.#known;
    if (known?.restartsExactly !== true) return this.#openOther();
    known.shapes.rewind(0);
    return known;
  }

  #openOther(): RepeatingJudge {
    this.#known = this.#open(OTHER_CONTENTS);
    return this.#known;
  }

  #open(salt?: number): RepeatingJudge {
    const judge: RepeatingJudge = this.#target.open(salt);
    judge.onBeat = () => this.#watch.goOn();
    return judge;
  }

  /** What `trace` breaks that broke a law in a fresh instance with other contents, and none before. */
  #partingOrWorse(trace: Trace): Violation {
    return this.survey(trace).violation ?? this.#closely(trace, partingAt(trace, operationCount(trace)));
  }

  /**
   * What breaks in `trace`, whose answers part, when it is looked at after each step; `parted` when that is all there is.
   * A shorter trace would break that, and shrinking must not end where traces are looked at so.
   */
  #closely(trace: Trace, parted: Violation): Violation {
    return this.#open().run(trace, 'every-step') ?? parted;
  }

  /** What `trace` shows by itself, in an instance of its own. */
  survey(trace: Trace): SecondLook {
    if (!this.#watch.enter(trace)) return { shapes: [] };
    const fresh = this.#open();
    const violation = fresh.run(trace);
    const shapes = fresh.shapes.since(0);
    return violation === undefined ? { shapes } : { shapes, violation };
  }

  /** How fresh instances differ from `violation`; undefined when they show the same. */
  differenceInFreshInstance(trace: Trace, violation: Violation): string | undefined {
    const again = this.examine(trace, violation);
    if (again === undefined) return `in a fresh instance every law held; here ${describe(violation)}`;
    const same = again.law === violation.law && (again.step === violation.step || needsSecondLook(violation));
    return same ? undefined : `in a fresh instance ${describe(again)}; here ${describe(violation)}`;
  }

  /** The violation that `trace` shows by itself, in fresh instances, looking for what `like` is an example of. */
  examine(trace: Trace, like?: Violation): Violation | undefined {
    if (!this.#watch.enter(trace)) return undefined;
    const fresh = this.#open();
    const violation = fresh.run(trace);
    if (violation !== undefined) return violation;
    const parts = like === undefined || like.law === PARTING ? this.#partsFromItself(trace) : undefined;
    return parts ?? (like === undefined || like.law === LEAK ? this.#repeated(fresh, trace) : undefined);
  }

  /** The first law `trace` breaks, as cheaply as what `like` is an example of can be seen. */
  check(trace: Trace, like: Violation): Violation | undefined {
    if (like.law === PARTING) return this.examine(trace, like);
    return this.run(trace) ?? (like.law === LEAK ? this.#repeated(this.judge, trace) : undefined);
  }

  /** The law `same-trace-same-answers`, by itself: twice in one instance, once in another with other contents. */
  #partsFromItself(trace: Trace): Violation | undefined {
    if (this.#agrees(trace, operationCount(trace))) return undefined;
    let [agreeing, parted] = [0, operationCount(trace)];
    while (parted - agreeing > 1) {
      const middle = (agreeing + parted) >>> 1;
      if (this.#agrees(trace, middle)) agreeing = middle;
      else parted = middle;
    }
    return this.#closely(trace, partingAt(trace, parted));
  }

  /** What `trace` breaks when it is repeated: memory that goes on growing, or what one long trace shows as well. */
  #breachByRepetition(judge: RepeatingJudge, trace: Trace, repeats = REPEATS): Breach | undefined {
    const operations = judge.operations;
    const most = this.#longRepetitions < LONG_REPETITIONS ? undefined : SHORT_REPETITION;
    const leak = this.#repeated(judge, trace, repeats, most);
    if (judge.operations - operations > LONG_REPETITION) this.#longRepetitions++;
    if (leak !== undefined) return { trace, violation: leak };
    const unrolled = judge.unrolled?.();
    const violation = unrolled === undefined ? undefined : judge.run(unrolled);
    return unrolled === undefined || violation === undefined ? undefined : { trace: unrolled, violation };
  }

  #repeated(judge: RepeatingJudge, trace: Trace, repeats = REPEATS, mostOperations?: number): Violation | undefined {
    if (operationCount(trace) > LONGEST_REPEATED) return undefined;
    return judge.runRepeated?.(trace, repeats, mostOperations);
  }

  /** A law that breaks with other contents alone is an answer as well. */
  #agrees(trace: Trace, steps: number): boolean {
    const prefix = trace.subarray(0, steps * STRIDE);
    const once = this.#open(OTHER_CONTENTS);
    const broken = once.run(prefix);
    if (broken?.law === HANG) this.hangsBeside++;
    const twice = this.#open();
    const isSound = twice.run(prefix) === undefined;
    const first = twice.answers;
    twice.run(prefix);
    return first === once.answers && first === twice.answers && isSound === (broken === undefined);
  }
}

/** By the trace alone, so that any number of workers does the same. */
function repeatsOf(trace: Trace): number {
  const digest = trace.reduce((sum, word) => mix(sum ^ word), 0);
  return digest % THOROUGH_ONE_IN === 0 ? REPEATS : FEW_REPEATS;
}

function partingAt(trace: Trace, step: number): Violation {
  const operation = operationAt(trace, step - 1);
  return {
    law: PARTING,
    step,
    kind: operation.kind,
    request: formatOperation(operation),
    answer: 'one answer in a fresh instance, another after other traces or with other bytes in the blocks',
    allowed: 'the same answer both times',
    relation: 'none',
  };
}

/** Laws that one run in one instance cannot break. */
function needsSecondLook(violation: Violation): boolean {
  return violation.law === PARTING || violation.law === LEAK;
}

function describe(violation: Violation): string {
  return `step ${violation.step}, ${violation.request}, broke ${violation.law} (${violation.answer})`;
}
