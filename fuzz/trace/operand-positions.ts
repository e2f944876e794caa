/** Where the operands of each kind lie in a packed operation: for code that edits words, not objects. */
import { OPERATION_KINDS, type Operand, type OperationKind, operandsOf } from './operation.ts';
import { STRIDE, type Trace } from './trace.ts';

/** The word at `position`; 0 outside. Takes one type of array only: it is hot, and must stay monomorphic. */
export function wordAt(words: Uint32Array, position: number): number {
  return words[position] ?? 0;
}

/** The word (1 to 3) of the first operand of this meaning, by code; 0 where a kind has none. */
function wordsOf(operand: Operand): Uint32Array {
  return Uint32Array.from(OPERATION_KINDS, (kind) => operandsOf(kind).indexOf(operand) + 1);
}

const SLOT_WORDS = wordsOf('slot');
const SIZE_WORDS = wordsOf('size');

/** The position of the operation's slot in `trace`; -1 when it names none. `at` is the position of its code. */
export function slotPosition(trace: Trace, at: number): number {
  const word = wordAt(SLOT_WORDS, wordAt(trace, at));
  return word === 0 ? -1 : at + word;
}

/** The position of the operation's size in `trace`; -1 when it has none. `at` is the position of its code. */
export function sizePosition(trace: Trace, at: number): number {
  const word = wordAt(SIZE_WORDS, wordAt(trace, at));
  return word === 0 ? -1 : at + word;
}

/** The kind at position `at`. Throws RangeError where no kind has the code that stands there. */
export function kindAt(trace: Trace, at: number): OperationKind {
  return kindOf(wordAt(trace, at));
}

/** The kind with `code`. Throws RangeError where none has it. */
export function kindOf(code: number): OperationKind {
  const kind = OPERATION_KINDS[code];
  if (kind === undefined)
    throw new RangeError(`${code} is no operation's code: a trace has codes below ${OPERATION_KINDS.length}`);
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
