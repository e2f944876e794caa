/** How far a run has come in its trace, and what breaks there in the words of a report. */
import type { LawId } from '../laws.ts';
import { CODE } from '../trace/operation.ts';
import { formatOperation } from '../trace/text.ts';
import { operationAt, STRIDE, type Trace } from '../trace/trace.ts';
import { Broken, NO_REQUEST, type Relation, type Violation } from '../violation.ts';

/** Operations: what costs more than all else is asked after each in shorter traces, and what is wrong shows in those. */
const LONGEST_FOLLOWED = 100;

export class Progress {
  trace: Trace = new Uint32Array(0);
  /** Whether every operation is to be followed by what is asked in short traces alone: counters, usable sizes. */
  isFollowed = true;
  /** The operation under way, from 1; 0 before the first. */
  step = 0;
  /** Whether the trace has ended and its blocks are being freed: a trap then is none of its operations'. */
  isEmptying = false;

  /** Before the first operation of `trace`. `closely`: it is followed however long it is. */
  begin(trace: Trace, closely: boolean): void {
    this.trace = trace;
    this.isFollowed = closely || isShort(trace);
    this.startOver();
  }

  /** Back to before the first operation. */
  startOver(): void {
    this.step = 0;
    this.isEmptying = false;
  }

  /** Throws Broken: `law` does not hold of the operation under way. */
  break(law: LawId, answer: string, allowed: string, but?: string, relation: Relation = 'none'): never {
    throw new Broken(this.violation(law, answer, allowed, but, relation));
  }

  violation(law: LawId, answer: string, allowed: string, but?: string, relation: Relation = 'none'): Violation {
    const operation = this.step === 0 ? undefined : operationAt(this.trace, this.step - 1);
    const violation = {
      law,
      step: this.step,
      kind: this.isEmptying ? ('free' as const) : (operation?.kind ?? 'reset'),
      request: operation === undefined ? NO_REQUEST : formatOperation(operation),
      answer: this.isEmptying ? `${answer}, when all was freed after the trace` : answer,
      allowed,
      relation,
    };
    return but === undefined ? violation : { ...violation, but };
  }

  /** Bytes that the operation under way asks for; undefined when it asks for none. */
  requestedBytes(): number | undefined {
    const at = (this.step - 1) * STRIDE;
    const [code, , second = 0, third = 0] = this.trace.subarray(at, at + STRIDE);
    if (code === CODE.malloc || code === CODE.realloc) return second;
    if (code === CODE.calloc) return second * third;
    return code === CODE.aligned_alloc ? third : undefined;
  }

  /** The alignment that the operation under way asks for, in bytes; 1 when it asks for none. */
  requestedAlignment(): number {
    const at = (this.step - 1) * STRIDE;
    return this.trace[at] === CODE.aligned_alloc ? (this.trace[at + 2] ?? 1) : 1;
  }
}

/** Whether every operation of `trace` is followed. */
export function isShort(trace: Trace): boolean {
  return trace.length <= LONGEST_FOLLOWED * STRIDE;
}
