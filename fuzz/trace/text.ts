/**
 * The text form of a trace, used by the corpus, findings and reports alike.
 *
 *     # heaplaw trace 1 · subject host-stack · law regions-never-overlap · step 3 · seed 42
 *     %0 = malloc 16
 *     %0 = realloc %0 4096
 *     free %0
 *
 * One operation a line; `#` starts a comment; numbers are decimal or 0x hexadecimal, from 0 to 2^32-1.
 */
import {
  assignsSlot,
  isOperationKind,
  OPERATION_KINDS,
  type Operand,
  type Operation,
  operandsOf,
} from './operation.ts';
import { operationsOf, SLOTS, type Trace, traceOf } from './trace.ts';

const FORMAT = 'heaplaw trace 1';
const SEPARATOR = ' · ';

/** What a trace file says about itself. Keys are single words: `subject`, `law`, `step`, `seed`. */
export type TraceHeader = Readonly<Record<string, string>>;

export interface TraceFile {
  readonly header: TraceHeader;
  readonly trace: Trace;
}

/** A trace file that cannot be read; the message names file, line, what stands there and what was expected. */
export class TraceSyntaxError extends Error {
  override name = 'TraceSyntaxError';
}

/** `%2 = aligned_alloc 64 100`: one operation as a line. */
export function formatOperation({ kind, operands }: Operation): string {
  const words = operandsOf(kind).map((operand, index) => formatOperand(operand, Number(operands[index])));
  if (!assignsSlot(kind)) return [kind, ...words].join(' ');
  const [slot, ...rest] = words;
  return `${slot} = ${[kind, ...(kind === 'realloc' ? words : rest)].join(' ')}`;
}

function formatOperand(operand: Operand, value: number): string {
  if (operand === 'slot') return `%${value}`;
  return operand === 'address' || operand === 'word' ? `0x${value.toString(16)}` : String(value);
}

/** The whole file: header line, further comment lines, one operation a line. Ends with a newline. */
export function formatTrace(trace: Trace, header: TraceHeader = {}, comments: readonly string[] = []): string {
  const fields = Object.entries(header).map(([key, value]) => `${key} ${value}`);
  const lines = [`# ${[FORMAT, ...fields].join(SEPARATOR)}`, ...comments.map((comment) => `# ${comment}`)];
  return `${[...lines, ...operationsOf(trace).map(formatOperation)].join('\n')}\n`;
}

/** Reads a trace file's text. `name` is used in messages. Throws TraceSyntaxError. */
export function parseTrace(text: string, name = 'trace'): TraceFile {
  const lines = text.split(/\r?\n/);
  const header = parseHeader(String(lines[0]), name);
  const operations: Operation[] = [];
  lines.forEach((line, index) => {
    const body = line.replace(/#.*/, '').trim();
    if (body !== '') operations.push(parseOperation(body, `${name}:${index + 1}`));
  });
  return { header, trace: traceOf(operations) };
}

function parseHeader(line: string, name: string): TraceHeader {
  const [format, ...fields] = line.replace(/^#\s*/, '').split(SEPARATOR);
  if (!line.startsWith('#') || format?.trim() !== FORMAT) {
    throw new TraceSyntaxError(
      `${name}:1: found "${line}", expected a first line "# ${FORMAT}${SEPARATOR}subject NAME"`,
    );
  }
  return Object.fromEntries(fields.map((field) => splitOnce(field.trim())));
}

function splitOnce(field: string): [string, string] {
  const space = field.indexOf(' ');
  return space < 0 ? [field, ''] : [field.slice(0, space), field.slice(space + 1)];
}

function parseOperation(body: string, place: string): Operation {
  const match = /^(?:(%\S+)\s*=\s*)?(\S+)((?:\s+\S+)*)$/.exec(body);
  const [, target, kind = '', rest = ''] = match ?? [];
  if (!isOperationKind(kind)) {
    throw new TraceSyntaxError(`${place}: found "${body}", expected one of ${OPERATION_KINDS.join(', ')}`);
  }
  const operation = { kind, words: operandWords(kind, target, rest) };
  const operands = operandsOf(kind);
  if (operation.words.length !== operands.length || assignsSlot(kind) !== (target !== undefined)) {
    throw new TraceSyntaxError(`${place}: found "${body}", expected ${describeShape(kind)}`);
  }
  return {
    kind,
    operands: operands.map((operand, index) => parseOperand(operand, String(operation.words[index]), place)),
  };
}

function operandWords(kind: string, target: string | undefined, rest: string): string[] {
  const words = rest.trim() === '' ? [] : rest.trim().split(/\s+/);
  if (target === undefined) return words;
  return kind === 'realloc' && words[0] === target ? words : [target, ...words];
}

function describeShape(kind: Operation['kind']): string {
  const names = operandsOf(kind).map((operand) => (operand === 'slot' ? '%SLOT' : operand.toUpperCase()));
  const [slot, ...rest] = names;
  if (!assignsSlot(kind)) return `"${[kind, ...names].join(' ')}"`;
  return `"${slot} = ${[kind, ...(kind === 'realloc' ? names : rest)].join(' ')}"`;
}

function parseOperand(operand: Operand, word: string, place: string): number {
  const limit = operand === 'slot' ? SLOTS - 1 : 2 ** 32 - 1;
  const pattern = operand === 'slot' ? /^%\d+$/ : /^(\d+|0x[0-9a-fA-F]+)$/;
  const value = Number(operand === 'slot' ? word.slice(1) : word);
  if (pattern.test(word) && value <= limit) return value;
  const expected = operand === 'slot' ? `a slot from %0 to %${limit}` : `a whole number from 0 to ${limit}`;
  throw new TraceSyntaxError(`${place}: found "${word}", expected ${expected} as ${operand}`);
}
