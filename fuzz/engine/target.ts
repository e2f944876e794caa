/** What the engine is given to fuzz: it knows no subject by name. */
import type { ShapeMap } from '../model/shape.ts';
import type { Random } from '../trace/random.ts';
import type { Trace } from '../trace/trace.ts';
import type { Violation } from '../violation.ts';

/** Runs traces on one subject and judges them; a Lockstep is one. */
export interface Judge {
  /** The novelty of everything run so far. */
  readonly shapes: ShapeMap;
  /** Operations run so far. */
  readonly operations: number;
  /** A digest of every answer of the last trace. */
  readonly answers: number;
  /** The first law broken by `trace` from the subject's first state; undefined when all held. */
  run(trace: Trace, checking?: 'at-end' | 'every-step'): Violation | undefined;
}

export interface Target {
  readonly name: string;
  /** One line for `--list`. */
  readonly about: string;
  /** A judge over a fresh instance of the subject. `salt` varies the bytes in its blocks, and no answer may depend on it. */
  open(salt?: number): Judge;
  /** A trace of at most `maximumOperations` operations that suits the subject. */
  generate(random: Random, maximumOperations: number): Trace;
}
