/**
 * One request as plain data, and its packed form.
 *
 * A trace is a C program over an array of pointers: an operation names slots. An empty slot holds NULL, so
 * `free %3` on it is `free(NULL)` and `realloc %3 40` is `malloc(40)`; `malloc` into a full slot drops the handle and
 * the block stays live. Every list of operations is therefore a valid trace.
 */

/** What the words of an operation mean. `slot` names a pointer variable; all are unsigned 32-bit words. */
export type Operand = 'slot' | 'size' | 'count' | 'alignment' | 'pages' | 'script' | 'address' | 'word';

interface OperationShape {
  readonly operands: readonly Operand[];
  /** Whether the operation stores a pointer into its slot, and so is written `%0 = ...`. */
  readonly assigns: boolean;
}

/** Every operation there is. The position in this table is its code in a packed trace: append, never reorder. */
export const OPERATIONS = {
  malloc: { operands: ['slot', 'size'], assigns: true },
  calloc: { operands: ['slot', 'count', 'size'], assigns: true },
  realloc: { operands: ['slot', 'size'], assigns: true },
  free: { operands: ['slot'], assigns: false },
  aligned_alloc: { operands: ['slot', 'alignment', 'size'], assigns: true },
  mark: { operands: [], assigns: false },
  pop: { operands: [], assigns: false },
  reset: { operands: [], assigns: false },
  grow: { operands: ['pages'], assigns: false },
  run: { operands: ['script'], assigns: false },
  write_i32: { operands: ['address', 'word'], assigns: false },
  write_i64: { operands: ['address', 'word', 'word'], assigns: false },
  write_f32: { operands: ['address', 'word'], assigns: false },
  write_f64: { operands: ['address', 'word', 'word'], assigns: false },
  write_bytes: { operands: ['address', 'size', 'word'], assigns: false },
  write_string: { operands: ['address', 'size', 'word'], assigns: false },
  read_i32: { operands: ['address'], assigns: false },
  read_i64: { operands: ['address'], assigns: false },
  read_f32: { operands: ['address'], assigns: false },
  read_f64: { operands: ['address'], assigns: false },
  read_bytes: { operands: ['address', 'size'], assigns: false },
  read_string: { operands: ['address', 'size'], assigns: false },
} as const satisfies Record<string, OperationShape>;

export type OperationKind = keyof typeof OPERATIONS;

/** Kind names by code. */
export const OPERATION_KINDS = Object.keys(OPERATIONS) as readonly OperationKind[];

/** Kind codes by name, for comparing packed words. */
export const CODE = Object.fromEntries(OPERATION_KINDS.map((kind, code) => [kind, code])) as Readonly<
  Record<OperationKind, number>
>;

/** One operation for people and tests. Operand values are unsigned 32-bit integers, in the order of the table. */
export interface Operation {
  readonly kind: OperationKind;
  readonly operands: readonly number[];
}

/** True when `text` is an operation's name. */
export function isOperationKind(text: string): text is OperationKind {
  return Object.hasOwn(OPERATIONS, text);
}

/** What the operands of `kind` mean. */
export function operandsOf(kind: OperationKind): readonly Operand[] {
  return OPERATIONS[kind].operands;
}

/** Whether `kind` stores a pointer into its slot. */
export function assignsSlot(kind: OperationKind): boolean {
  return OPERATIONS[kind].assigns;
}
