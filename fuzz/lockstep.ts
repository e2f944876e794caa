/**
 * Runs a trace on a subject and on the model side by side, and says which law broke first, if one did.
 *
 * Cheap on every operation: alignment, bounds, overlap, exact answers, policy. Contents are verified where a block
 * moves, dies or is swept; all of them before the trace ends. `judge` repeats a trace whose damage was found late with
 * a full check after each step, so that the report names the operation that did it.
 *
 * `lockstep/` has the parts: `operations.ts` carries a trace out, and a file for each thing that is judged says how.
 */
import type { LawId } from './laws.ts';
import { BlockWriter } from './lockstep/block-writer.ts';
import { Judges } from './lockstep/judges.ts';
import { Operations } from './lockstep/operations.ts';
import { isShort } from './lockstep/progress.ts';
import { judgeRecovery } from './lockstep/recovery.ts';
import { isTelling, Repetition } from './lockstep/repetition.ts';
import { type Answered, afterLastReset, judgeReplay, judgeRoom, noteAnswer } from './lockstep/reset.ts';
import { Sides } from './lockstep/sides.ts';
import { violationOf } from './lockstep/trap.ts';
import type { ShapeMap } from './model/shape.ts';
import type { Subject } from './subjects/subject.ts';
import { wordAt } from './trace/operand-positions.ts';
import { STRIDE, type Trace } from './trace/trace.ts';
import type { Violation } from './violation.ts';

/** `at-end`: contents are verified where blocks end, move or the trace ends. `every-step`: all of them, every time. */
export type Checking = 'at-end' | 'every-step';

export class Lockstep {
  readonly subject: Subject;
  /** What was seen over all traces run so far; the campaign keeps a trace that adds to it. */
  readonly shapes: ShapeMap;
  /** Operations run so far. */
  operations = 0;
  readonly #sides: Sides;
  readonly #judges: Judges;
  readonly #writer: BlockWriter;
  readonly #operations: Operations;
  /** The last repetition, when it broke another law than it looks for. */
  #broken: Repetition | undefined;

  /**
   * `salt` varies the bytes written into blocks and nothing else: no answer may depend on it.
   */
  constructor(subject: Subject, salt = 0) {
    this.subject = subject;
    this.#sides = new Sides(subject);
    this.#judges = new Judges(this.#sides);
    this.#writer = new BlockWriter(this.#sides, salt);
    this.#operations = new Operations(this.#sides, this.#judges, this.#writer);
    this.shapes = this.#sides.shapes;
  }

  /** Called now and then while operations end, however long a run takes as a whole. */
  set onBeat(onBeat: () => void) {
    this.#sides.pulse.onBeat = onBeat;
  }

  /** Bytes written into blocks so far, in KiB: filling one takes about as long as an operation. */
  get filledKib(): number {
    return this.#writer.filledKib;
  }

  /** A digest of every answer of the last trace. */
  get answers(): number {
    return this.#judges.answers.digest;
  }

  /** Runs `trace` from the subject's first state. Returns the first violation seen; undefined when every law held. */
  run(trace: Trace, checking: Checking = 'at-end'): Violation | undefined {
    const closely = checking === 'every-step';
    return this.#guarded(
      trace,
      () => {
        if (closely) this.#runAll(() => this.#judgeEverything());
        else this.#runAll();
        this.#finish();
      },
      closely,
    );
  }

  /**
   * Runs `trace` again and again without a restart, all blocks freed after each round, and says whether memory that
   * was freed is handed out again. `rounds` are enough for a heap that settles; one whose addresses still rise is given
   * up to `mostOperations`, a million if not said, to show a leak, or to refuse what it met in the first round. Traces that
   * end blocks otherwise, or grow memory from outside, say nothing.
   */
  runRepeated(trace: Trace, rounds: number, mostOperations?: number): Violation | undefined {
    this.#broken = undefined;
    if (!isTelling(this.subject.profile, trace)) return undefined;
    const repetition = new Repetition(this.#sides, this.#judges, this.#writer, trace, () => this.#runAll());
    const violation = this.#guarded(trace, () => repetition.run(rounds, mostOperations));
    if (violation === undefined || violation.law === 'freed-memory-is-reused') return violation;
    this.#broken = repetition;
    return undefined;
  }

  /**
   * One trace that does what the last repetition did until it broke a law that it does not look for: undefined when it
   * broke none, or when no slot names a block that was freed between rounds.
   */
  unrolled(): Trace | undefined {
    return this.#broken?.unrolled();
  }

  /** Runs `trace`, which ends in a reset, and says whether the largest block of a fresh heap fits again. */
  runToReset(trace: Trace): Violation | undefined {
    return this.#guarded(trace, () => {
      this.#runAll();
      judgeRoom(this.#sides);
    });
  }

  /** Runs `trace` and says whether its operations from number `after` on, a reset just before, are answered as in a fresh heap. */
  runAfterReset(trace: Trace, after: number): Violation | undefined {
    const fresh: Answered[] = [];
    const isSound = this.#guarded(trace.subarray(after * STRIDE), () => this.#runNoting(fresh)) === undefined;
    if (!isSound) return undefined;
    const noted: Answered[] = [];
    return this.#guarded(trace, () => {
      this.#runNoting(noted);
      judgeReplay(this.#sides, noted, fresh);
    });
  }

  /** The violation that `body` ends in, from the subject's first state; undefined when it ends well. */
  #guarded(trace: Trace, body: () => void, closely = false): Violation | undefined {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0; // A refusal on the host is an error made and caught; its stack would cost ten times more.
    try {
      this.#begin(trace, closely);
      body();
      return undefined;
    } catch (error) {
      const violation = violationOf(this.#sides, error);
      this.#sides.model.abandon();
      if (violation === undefined) throw error;
      return violation;
    } finally {
      this.#sides.watched.isRunning = false;
      Error.stackTraceLimit = stackTraceLimit;
    }
  }

  #begin(trace: Trace, closely: boolean): void {
    const { progress, model, contents, predictor } = this.#sides;
    progress.begin(trace, closely);
    this.#judges.startOver();
    this.subject.restart();
    model.startOver();
    contents.attach(this.subject.memory);
    this.#judges.growth.startOver();
    predictor?.restart(this.#judges.growth.pages);
    this.#judges.counters.startOver();
  }

  /** Runs the trace, with `look` after each operation. */
  #runAll(look = this.#judges.counters.isFollowing ? this.#follow : undefined): void {
    const { progress, pulse } = this.#sides;
    const { trace } = progress;
    for (let at = 0; at < trace.length; at += STRIDE) {
      progress.step++;
      this.#operations.run(wordAt(trace, at), wordAt(trace, at + 1), wordAt(trace, at + 2), wordAt(trace, at + 3));
      look?.();
      pulse.tick();
    }
    this.operations += progress.step;
  }

  /** Verifies every block and every counter: for naming the operation that did the damage. */
  #judgeEverything(): void {
    this.#judges.contents.sweep();
    this.#judges.counters.judge('statistics-match-history');
  }

  /** What some counters say between two operations tells more than what they say at the end. */
  readonly #follow = (): void => this.#judges.counters.judge('statistics-match-history');

  /** Notes every answer since the start or the last reset. */
  #runNoting(noted: Answered[]): void {
    const { isFollowing } = this.#judges.counters;
    this.#runAll(() => {
      if (isFollowing) this.#follow();
      noteAnswer(this.#sides, this.#judges, noted);
    });
  }

  #finish(): void {
    this.#judgeEverything();
    if (this.subject.profile.coalesces && this.#sides.model.foreignBytes === 0) {
      judgeRecovery(this.#sides, this.#judges);
    }
  }
}

/** The laws whose breach may show long after the operation that did it: damage, and counters. */
const SHOWS_LATE: ReadonlySet<LawId> = new Set<LawId>([
  'bytes-survive-their-neighbours',
  'realloc-keeps-the-prefix',
  'statistics-match-history',
  'impossible-sizes-are-refused',
  'exhaustion-is-reported',
  'zero-size-policy-is-constant',
  'reset-starts-over',
]);

/**
 * Runs `trace`, and when the breach may have shown late runs it again with a full check after each step, so that the
 * violation names the operation that did it. So it does with a long trace, in which less is asked than in a short one:
 * what breaks first must be the same in both, or shrinking would end between them.
 */
export function judge(lockstep: Lockstep, trace: Trace): Violation | undefined {
  const violation = lockstep.run(trace);
  if (violation === undefined) return judgeReset(lockstep, trace);
  if (isShort(trace) && !SHOWS_LATE.has(violation.law)) return violation;
  return lockstep.run(trace, 'every-step') ?? violation;
}

function judgeReset(lockstep: Lockstep, trace: Trace): Violation | undefined {
  const { profile } = lockstep.subject;
  const after = afterLastReset(profile, trace);
  if (after === 0) return undefined;
  const incomplete = lockstep.runToReset(trace.subarray(0, after * STRIDE));
  return incomplete ?? (profile.resetReplays === true ? lockstep.runAfterReset(trace, after) : undefined);
}
