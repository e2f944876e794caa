/** What a reproducer in any language is made of: its slots, its operations, its title. */
import { slotPosition } from './operand-positions.ts';
import type { Operation, OperationKind } from './operation.ts';
import { formatOperation, type TraceHeader } from './text.ts';
import { operationsOf, STRIDE, type Trace } from './trace.ts';

export interface Program {
  /** `subject host-stack · law regions-never-overlap` */
  readonly title: string;
  /** Length of the array of pointers. */
  readonly slotCount: number;
  readonly operations: readonly Operation[];
  readonly kinds: ReadonlySet<OperationKind>;
}

const ACCESS = /^(read|write)_/;

/** `trace` taken apart. Throws RangeError when it reads or writes memory: a language outside has no name for that. */
export function programOf(trace: Trace, header: TraceHeader, language: string): Program {
  const operations = operationsOf(trace);
  const access = operations.find(({ kind }) => ACCESS.test(kind));
  if (access !== undefined) {
    throw new RangeError(
      `found "${formatOperation(access)}", expected allocator operations: emit vitest, ${language} has no WasmMemory`,
    );
  }
  let slotCount = 1;
  for (let at = 0; at < trace.length; at += STRIDE) {
    slotCount = Math.max(slotCount, (trace[slotPosition(trace, at)] ?? 0) + 1);
  }
  return { title: titleOf(header), slotCount, operations, kinds: new Set(operations.map(({ kind }) => kind)) };
}

/** The header's fields on one line, safe inside a comment. */
export function titleOf(header: TraceHeader): string {
  const fields = Object.entries(header).map(([key, value]) => `${key} ${value}`);
  return fields
    .join(' · ')
    .replaceAll('*/', '* /')
    .replace(/[\r\n]+/g, ' ');
}
