/** Where the operands of each kind lie in a packed operation: for code that edits words, not objects. */
import { OPERATION_KINDS, type Operand, type OperationKind, operandsOf } from './operation.ts';
import { STRIDE, type Trace } from './trace.ts';

/** The word (1 to 3) of the first operand of this meaning, by code; 0 where a kind has none. */
function wordsOf(operand: Operand): Uint8Array {
  return Uint8Array.from(OPERATION_KINDS, (kind) => operandsOf(kind).indexOf(operand) + 1);
}

const SLOT_WORDS = wordsOf('slot');
const SIZE_WORDS = wordsOf('size');

/** The position of the operation's slot in `trace`; -1 when it names none. `at` is the position of its code. */
export function slotPosition(trace: Trace, at: number): number {
  const word = SLOT_WORDS[trace[at] ?? 0] ?? 0;
  return word === 0 ? -1 : at + word;
}

/** The position of the operation's size in `trace`; -1 when it has none. `at` is the position of its code. */
export function sizePosition(trace: Trace, at: number): number {
  const word = SIZE_WORDS[trace[at] ?? 0] ?? 0;
  return word === 0 ? -1 : at + word;
}

/** The kind at position `at`. Throws RangeError where no kind has the code that stands there. */
export function kindAt(trace: Trace, at: number): OperationKind {
  const kind = OPERATION_KINDS[trace[at] ?? OPERATION_KINDS.length];
  if (kind === undefined) throw new RangeError(`word ${at} of the trace is no operation's code: ${trace[at]}`);
  return kind;
}

/** The positions of every operand that is a plain number: all but slots. */
export function numberPositions(trace: Trace): number[] {
  const positions: number[] = [];
  for (let at = 0; at < trace.length; at += STRIDE) {
    operandsOf(kindAt(trace, at)).forEach((operand, index) => {
      if (operand !== 'slot') positions.push(at + 1 + index);
    });
  }
  return positions;
}

/** The positions of every size, in order. */
export function sizePositions(trace: Trace): number[] {
  const positions: number[] = [];
  for (let at = 0; at < trace.length; at += STRIDE) {
    const position = sizePosition(trace, at);
    if (position >= 0) positions.push(position);
  }
  return positions;
}
