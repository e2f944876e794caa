/** Ranges to ask a method for: both sides of every border, and what a call on one of them came to. */
import fc from 'fast-check';
import { BAD_NUMBERS, FAR_NUMBERS, lengths, near, PAGE_BYTES, pointers } from '../arbitraries/borders.ts';
import { describeShape, type Stage } from '../arbitraries/memory-shapes.ts';
import { show, showAddress, showForeign } from '../show.ts';
import { describeCall, type Method } from './methods.ts';

/** The range of one call. */
export interface Request {
  readonly ptr: number;
  readonly lengthBytes: number;
}

/** The contract's whole rule: whole numbers, not negative, and no byte past the end. */
export function fits({ ptr, lengthBytes }: Request, sizeBytes: number): boolean {
  return isCount(ptr) && isCount(lengthBytes) && ptr + lengthBytes <= sizeBytes;
}

/** Whether pointer and length are sound in themselves, so that only the end of memory can refuse them. */
export function isWellFormed({ ptr, lengthBytes }: Request): boolean {
  return isCount(ptr) && isCount(lengthBytes);
}

/** Every border of `sizeBytes` of memory that `method` meets, good and bad, the plainest first. */
export function borderRequests(method: Method, sizeBytes: number): readonly Request[] {
  const plainPointers = unique([0, 1, 8, sizeBytes, -1, 0.5, Number.NaN]);
  const fewPointers = [...longLengths(method, sizeBytes), ...badLengths(method, sizeBytes)].flatMap((lengthBytes) =>
    plainPointers.map((ptr) => ({ ptr, lengthBytes })),
  );
  const manyPointers = shortLengths(method).flatMap((lengthBytes) =>
    borderPointers(sizeBytes, lengthBytes).map((ptr) => ({ ptr, lengthBytes })),
  );
  return [...manyPointers, ...fewPointers];
}

/** Any range, about half of them near a border. */
export function requests(method: Method, sizeBytes: number): fc.Arbitrary<Request> {
  if (method.lengthSource === 'width')
    return pointers(sizeBytes).map((ptr) => ({ ptr, lengthBytes: method.widthBytes }));
  const content = lengths(sizeBytes + 9);
  const lengthBytes = method.lengthSource === 'content' ? content : fc.oneof(content, pointers(sizeBytes));
  const anywhere = fc.record({ ptr: pointers(sizeBytes), lengthBytes });
  const atTheEnd = fc
    .tuple(lengths(sizeBytes), near(0, 2))
    .map(([length, beyond]) => endingAt(sizeBytes, length, beyond));
  return fc.oneof(anywhere, atTheEnd);
}

/** What a call came to: an answer, a refusal, or an error that is no MemoryError. */
export type Outcome =
  | { readonly kind: 'answered'; readonly answer: unknown }
  | { readonly kind: 'refused'; readonly error: Error }
  | { readonly kind: 'threw'; readonly error: unknown };

/** Makes the call. */
export function attempt(
  { subject, memory }: Pick<Stage, 'subject' | 'memory'>,
  method: Method,
  { ptr, lengthBytes }: Request,
): Outcome {
  return outcomeOf({ subject }, () => method.call(memory, ptr, lengthBytes));
}

/** What `call` comes to. */
export function outcomeOf({ subject }: Pick<Stage, 'subject'>, call: () => unknown): Outcome {
  try {
    return { kind: 'answered', answer: call() };
  } catch (error) {
    return error instanceof subject.MemoryError ? { kind: 'refused', error } : { kind: 'threw', error };
  }
}

export function describeOutcome(outcome: Outcome): string {
  if (outcome.kind === 'threw') return showForeign(outcome.error);
  return outcome.kind === 'answered' ? show(outcome.answer) : `refused, ${show(outcome.error)}`;
}

/** The call and the memory it meets, for a failure's first line. */
export function describeRequest(stage: Stage, method: Method, { ptr, lengthBytes }: Request): string {
  return `${describeCall(method, ptr, lengthBytes)} ${describeShape(stage.shape)}`;
}

/** Why a range is good or bad, for a failure's `allowed` line. */
export function describeRule(request: Request, sizeBytes: number): string {
  if (!isWellFormed(request)) return 'MemoryError: pointer and length are whole numbers from 0';
  const { ptr, lengthBytes } = request;
  const range = `${show(lengthBytes)} bytes from ${showAddress(ptr)}`;
  if (fits(request, sizeBytes)) return `an answer: ${range} lie inside the ${sizeBytes} bytes of memory`;
  return `MemoryError: ${range} do not end by ${showAddress(sizeBytes)}`;
}

function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 0;
}

function shortLengths(method: Method): readonly number[] {
  return method.lengthSource === 'width' ? [method.widthBytes] : [0, 1, 8, 9, 17];
}

/** All of memory and a byte more. */
function longLengths(method: Method, sizeBytes: number): readonly number[] {
  return method.lengthSource === 'width' ? [] : unique([sizeBytes - 1, sizeBytes, sizeBytes + 1]).filter(isCount);
}

function badLengths(method: Method, sizeBytes: number): readonly number[] {
  if (method.lengthSource !== 'argument') return [];
  // With the pointers 1, 8 and the size, these make sums that wrap to a sound end modulo 2^32.
  const wrapping = [2 ** 32 - sizeBytes, 2 ** 32 - sizeBytes + 8];
  return unique([...BAD_NUMBERS, -sizeBytes, ...FAR_NUMBERS, ...wrapping].filter((length) => length !== 0));
}

function borderPointers(sizeBytes: number, lengthBytes: number): readonly number[] {
  const last = sizeBytes - lengthBytes;
  const aroundEnd = [last - 1, last, last + 1, sizeBytes - 1, sizeBytes, sizeBytes + 1, sizeBytes + lengthBytes];
  const aroundPage = [PAGE_BYTES - lengthBytes, PAGE_BYTES - lengthBytes + 1, PAGE_BYTES - 1, PAGE_BYTES];
  const wrapping = [2 ** 32 - lengthBytes, 2 ** 32 - lengthBytes + 1, 2 ** 32 + last, -lengthBytes, -lengthBytes - 1];
  const fractions = [last - 0.5, last + 0.5, sizeBytes - 0.5];
  const all = [0, 1, 8, ...aroundEnd, ...aroundPage, ...wrapping, ...fractions, ...BAD_NUMBERS, ...FAR_NUMBERS];
  // What -0 should come to is nobody's promise.
  return unique(all.map((ptr) => (ptr === 0 ? 0 : ptr)));
}

function endingAt(sizeBytes: number, lengthBytes: number, beyond: number): Request {
  return { ptr: sizeBytes - lengthBytes + beyond, lengthBytes };
}

function unique(values: readonly number[]): readonly number[] {
  return [...new Set(values)];
}
