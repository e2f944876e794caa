import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assignsSlot, CODE, isOperationKind, OPERATION_KINDS, type Operation, operandsOf } from './operation.ts';
import { formatOperation, formatTrace, parseTrace, TraceSyntaxError } from './text.ts';
import { operationAt, operationCount, operationsOf, SLOTS, STRIDE, traceOf } from './trace.ts';

const word = fc.oneof(fc.constantFrom(0, 1, 2 ** 31, 2 ** 32 - 1), fc.nat(2 ** 32 - 1));
const operations: fc.Arbitrary<Operation[]> = fc.array(
  fc.constantFrom(...OPERATION_KINDS).chain((kind) => {
    const operands = operandsOf(kind).map((operand) => (operand === 'slot' ? fc.nat(SLOTS - 1) : word));
    return fc.tuple(...operands).map((values) => ({ kind, operands: values }));
  }),
);
const key = fc.stringMatching(/^[a-z]{1,8}$/);
const value = fc.stringMatching(/^[a-z0-9-]{1,9}( [a-z0-9-]{1,9})?$/);

describe('the text of a trace', () => {
  it('reads back as the same operations and the same header', () => {
    const property = fc.property(operations, fc.dictionary(key, value, { noNullPrototype: true }), (list, header) => {
      const trace = traceOf(list);
      const file = parseTrace(formatTrace(trace, header, ['said by nobody']));
      expect(file.header).toEqual(header);
      expect(file.trace).toEqual(trace);
      expect(operationsOf(file.trace)).toEqual(list);
    });
    fc.assert(property, { numRuns: 100 });
  });

  it('is one line an operation, below a header and comments', () => {
    const trace = traceOf([
      { kind: 'malloc', operands: [0, 16] },
      { kind: 'calloc', operands: [1, 4, 16] },
      { kind: 'realloc', operands: [0, 4096] },
      { kind: 'free', operands: [1] },
      { kind: 'aligned_alloc', operands: [2, 64, 100] },
      { kind: 'mark', operands: [] },
      { kind: 'write_i32', operands: [255, 16] },
    ]);
    expect(formatTrace(trace, { subject: 'host-stack', step: '3' }, ['why'])).toBe(
      [
        '# heaplaw trace 1 · subject host-stack · step 3',
        '# why',
        '%0 = malloc 16',
        '%1 = calloc 4 16',
        '%0 = realloc %0 4096',
        'free %1',
        '%2 = aligned_alloc 64 100',
        'mark',
        'write_i32 0xff 0x10',
        '',
      ].join('\n'),
    );
  });

  it('may have blank lines, comments behind operations, hexadecimal numbers and the line ends of Windows', () => {
    const { trace } = parseTrace('# heaplaw trace 1\r\n\r\n  %0 = malloc 0x10 # a block\r\n# free %9\r\nfree   %0\r\n');
    expect(operationsOf(trace).map(formatOperation)).toEqual(['%0 = malloc 16', 'free %0']);
  });

  it('may name a key without a value', () => {
    expect(parseTrace('# heaplaw trace 1 · flaky').header).toEqual({ flaky: '' });
  });

  it.each([
    ['', '1: found "", expected a first line "# heaplaw trace 1 · subject NAME"'],
    ['%0 = malloc 1', '1: found "%0 = malloc 1", expected a first line'],
    ['# heaplaw trace 2', '1: found "# heaplaw trace 2", expected a first line'],
    ['# heaplaw trace 1\n\nmaloc 1', '3: found "maloc 1", expected one of malloc, calloc, realloc'],
    ['# heaplaw trace 1\n%0 =', '2: found "%0 =", expected one of malloc'],
    ['# heaplaw trace 1\nmalloc 1', '2: found "malloc 1", expected "%SLOT = malloc SIZE"'],
    ['# heaplaw trace 1\n%0 = malloc', '2: found "%0 = malloc", expected "%SLOT = malloc SIZE"'],
    ['# heaplaw trace 1\n%0 = realloc %1 4', '2: found "%0 = realloc %1 4", expected "%SLOT = realloc %SLOT SIZE"'],
    ['# heaplaw trace 1\n%0 = free %0', '2: found "%0 = free %0", expected "free %SLOT"'],
    ['# heaplaw trace 1\n%0 = malloc -1', '2: found "-1", expected a whole number from 0 to 4294967295 as size'],
    ['# heaplaw trace 1\n%0 = malloc 4294967296', '2: found "4294967296", expected a whole number from 0 to'],
    ['# heaplaw trace 1\n%0 = malloc 1.5', '2: found "1.5", expected a whole number'],
    ['# heaplaw trace 1\n%256 = malloc 1', '2: found "%256", expected a slot from %0 to %255 as slot'],
    ['# heaplaw trace 1\nfree 0', '2: found "0", expected a slot from %0 to %255'],
  ])('that cannot be read is refused by file and line: %j', (text, message) => {
    const read = () => parseTrace(text, 'corpus/a.trace');
    expect(read).toThrow(TraceSyntaxError);
    expect(read).toThrow(`corpus/a.trace:${message}`);
  });
});

describe('a packed trace', () => {
  it('has four words an operation, the code first', () => {
    const trace = traceOf([{ kind: 'calloc', operands: [7, 8, 9] }]);
    expect([...trace]).toEqual([CODE.calloc, 7, 8, 9]);
    expect(operationCount(trace) * STRIDE).toBe(trace.length);
  });

  it('has no operation beyond its end, nor one of an unknown code', () => {
    expect(() => operationAt(traceOf([]), 0)).toThrow('no operation at index 0 of 0');
    expect(() => operationAt(Uint32Array.of(99, 0, 0, 0), 0)).toThrow(RangeError);
  });
});

describe('the table of operations', () => {
  it('gives codes by position, so that old traces keep their meaning', () => {
    expect(OPERATION_KINDS.slice(0, 10)).toEqual([
      ...['malloc', 'calloc', 'realloc', 'free', 'aligned_alloc'],
      ...['mark', 'pop', 'reset', 'grow', 'run'],
    ]);
  });

  it('assigns a slot only where the first operand is one', () => {
    const assigning = OPERATION_KINDS.filter(assignsSlot);
    expect(assigning).toEqual(['malloc', 'calloc', 'realloc', 'aligned_alloc']);
    expect(assigning.every((kind) => operandsOf(kind)[0] === 'slot')).toBe(true);
  });

  it('knows its own names and nothing that objects inherit', () => {
    expect([isOperationKind('free'), isOperationKind('toString')]).toEqual([true, false]);
  });
});
