/** Whether a heap is as good as new after a reset. Exact contracts say so themselves. */

import type { Profile } from '../model/profile.ts';
import { wordAt } from '../trace/operand-positions.ts';
import { CODE } from '../trace/operation.ts';
import { STRIDE, type Trace } from '../trace/trace.ts';
import type { Judges } from './judges.ts';
import type { Sides } from './sides.ts';

const LAW = 'reset-starts-over';

/** What an operation was answered with. */
export interface Answered {
  readonly step: number;
  /** Of all answers since the start or the last reset. */
  readonly digest: number;
  /** Of the block that the operation's slot holds then; 0 when there is none. */
  readonly pointer: number;
}

/** The number of the first operation after the last reset of `trace`; 0 when nothing is to be said of one. */
export function afterLastReset({ exact, operations, mayGrow }: Profile, trace: Trace): number {
  if (exact !== undefined || mayGrow || !operations.includes('reset')) return 0;
  let at = trace.length - STRIDE;
  while (at >= 0 && trace[at] !== CODE.reset) at -= STRIDE;
  return at / STRIDE + 1;
}

/** Notes the answer to the operation that was just carried out, for comparison. */
export function noteAnswer({ progress, model }: Sides, { answers }: Judges, noted: Answered[]): void {
  const at = (progress.step - 1) * STRIDE;
  if (progress.trace[at] === CODE.reset) {
    noted.length = 0;
    answers.startOver();
  } else {
    const pointer = model.at(wordAt(progress.trace, at + 1))?.pointer ?? 0;
    noted.push({ step: progress.step, digest: answers.digest, pointer });
  }
}

/** Breaks the law at the first of `noted` that is not answered as in a fresh heap. */
export function judgeReplay({ progress }: Sides, noted: readonly Answered[], fresh: readonly Answered[]): void {
  const index = noted.findIndex(({ digest }, step) => digest !== fresh[step]?.digest);
  const [found, wanted] = [noted[index], fresh[index]];
  if (found === undefined || wanted === undefined) return;
  progress.step = found.step;
  progress.break(LAW, pointerText(found.pointer), `${pointerText(wanted.pointer)}, as in a fresh heap`);
}

/** Breaks the law when the largest block of a fresh heap no longer fits. */
export function judgeRoom({ progress, watched, profile }: Sides): void {
  const { capacityBytes } = profile;
  if (capacityBytes === 0 || watched.malloc(capacityBytes) !== 0) return;
  progress.break(LAW, `malloc ${capacityBytes} gave NULL after it`, 'the largest block of a fresh heap');
}

const pointerText = (pointer: number): string => (pointer === 0 ? 'NULL' : `0x${pointer.toString(16)}`);
