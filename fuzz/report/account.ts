/** A trace step by step: every operation as it is written, and what the subject answered. */
import { memoryBytesOf, type Subject } from '../subjects/subject.ts';
import type { Operation } from '../trace/operation.ts';
import { formatOperation } from '../trace/text.ts';
import { operationsOf, type Trace } from '../trace/trace.ts';
import { regionText } from '../violation.ts';

/** A call that a subject got: the operation's name, the words that tell it apart, and its answer as text. */
interface Call {
  readonly kind: Operation['kind'];
  readonly words: readonly number[];
  readonly answer: string;
}

/** Everything a subject was asked, in order. */
export class CallLog {
  readonly calls: Call[] = [];
  readonly #memoryBytes: () => number;

  /** `memoryBytes` tells the size of memory now. */
  constructor(memoryBytes: () => number) {
    this.#memoryBytes = memoryBytes;
  }

  /** Does `action` and notes it, what it throws included. */
  note<Value>(
    kind: Call['kind'],
    words: readonly number[],
    action: () => Value,
    show: (value: Value) => string,
  ): Value {
    const pagesBefore = this.#pages();
    try {
      const value = action();
      this.#add(kind, words, show(value), pagesBefore);
      return value;
    } catch (error) {
      this.#add(kind, words, error instanceof Error ? `${error.name}: ${error.message}` : String(error), pagesBefore);
      throw error;
    }
  }

  #add(kind: Call['kind'], words: readonly number[], answer: string, pagesBefore: number): void {
    const pages = this.#pages();
    const growth = pages === pagesBefore ? '' : `; memory has ${pages} pages, ${pages - pagesBefore} more`;
    this.calls.push({ kind, words, answer: answer + growth });
  }

  #pages(): number {
    return this.#memoryBytes() / 65536;
  }
}

/** `subject`, with every call noted in `log`. */
export function noting(subject: Subject, log: CallLog): Subject {
  const block = (sizeBytes: number) => (pointer: number) =>
    pointer === 0 ? 'NULL' : regionText(pointer >>> 0, sizeBytes);
  const nothing = (): string => 'done';
  return {
    name: subject.name,
    profile: subject.profile,
    get memory() {
      return subject.memory;
    },
    memoryBytes: () => memoryBytesOf(subject),
    restart: () => subject.restart(),
    malloc: (size) => log.note('malloc', [size], () => subject.malloc(size), block(size)),
    calloc: (count, size) => log.note('calloc', [count, size], () => subject.calloc(count, size), block(count * size)),
    realloc: (pointer, oldSize, alignment, size) =>
      log.note('realloc', [size], () => subject.realloc(pointer, oldSize, alignment, size), block(size)),
    free: (pointer, size, alignment) => log.note('free', [], () => subject.free(pointer, size, alignment), nothing),
    alignedAlloc: (alignment, size) =>
      log.note('aligned_alloc', [alignment, size], () => subject.alignedAlloc(alignment, size), block(size)),
    mark: () => log.note('mark', [], () => subject.mark(), nothing),
    pop: () =>
      log.note(
        'pop',
        [],
        () => subject.pop(),
        (popped) => (popped ? 'popped' : 'refused: no mark'),
      ),
    reset: () => log.note('reset', [], () => subject.reset(), nothing),
    grow: (pages) =>
      log.note(
        'grow',
        [pages],
        () => subject.grow(pages),
        (grew) => (grew ? 'grown' : 'refused'),
      ),
    run: (script) => log.note('run', [script], () => subject.run(script), nothing),
    statistics: () => subject.statistics(),
  };
}

/** One line an operation. Calls after the last operation are the judge's own and are left out. */
export function account(trace: Trace, calls: readonly Call[], lastStep: number): string[] {
  const operations = operationsOf(trace).slice(0, lastStep);
  const texts = operations.map(formatOperation);
  const width = Math.max(0, ...texts.map(({ length }) => length));
  const digits = String(operations.length).length;
  let next = 0;
  return operations.map((operation, index) => {
    const call = calls[next];
    const called = call !== undefined && isCallOf(operation, call);
    if (called) next++;
    const answer = called ? call.answer : 'left out: the subject does not promise it';
    return `${String(index + 1).padStart(digits)}  ${(texts[index] ?? '').padEnd(width)}  ${answer}`;
  });
}

/** Whether `call` is what `operation` led to. Slots are not part of a call. */
function isCallOf({ kind, operands }: Operation, call: Call): boolean {
  if (call.kind !== kind) return false;
  const words = kind === 'grow' || kind === 'run' ? operands : operands.slice(1);
  return call.words.every((word, index) => word === words[index]);
}
