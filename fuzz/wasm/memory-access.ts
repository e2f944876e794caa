/** Which instructions read or write linear memory, how many bytes, and what they take from the stack. */
import { OP } from './instructions.ts';

export type NumericType = 'i32' | 'i64' | 'f32' | 'f64' | 'v128';

/** A load, a store or an atomic operation at one address. */
export interface MemoryAccess {
  readonly widthBytes: number;
  /** What it takes from the stack: the address first, the topmost last. */
  readonly operands: readonly NumericType[];
  readonly writes: boolean;
}

const ACCESSES = new Map<number, MemoryAccess>();

function define(first: number, widths: readonly number[], access: Omit<MemoryAccess, 'widthBytes'>): void {
  widths.forEach((widthBytes, index) => void ACCESSES.set(first + index, { widthBytes, ...access }));
}

const LOAD = { operands: ['i32'], writes: false } as const;
const VECTOR_LANE_LOAD = { operands: ['i32', 'v128'], writes: false } as const;
const VECTOR_STORE = { operands: ['i32', 'v128'], writes: true } as const;

// Loads from i32.load on: four full ones, then the narrow ones of i32 and of i64.
define(0x28, [4, 8, 4, 8, 1, 1, 2, 2, 1, 1, 2, 2, 4, 4], LOAD);
define(0x36, [4], { operands: ['i32', 'i32'], writes: true });
define(0x37, [8], { operands: ['i32', 'i64'], writes: true });
define(0x38, [4], { operands: ['i32', 'f32'], writes: true });
define(0x39, [8], { operands: ['i32', 'f64'], writes: true });
define(0x3a, [1, 2], { operands: ['i32', 'i32'], writes: true });
define(0x3c, [1, 2, 4], { operands: ['i32', 'i64'], writes: true });
// v128.load, six that extend, four that splat; v128.store; load and store of a lane; two that fill up with zeroes.
define(0xfd000, [16, 8, 8, 8, 8, 8, 8, 1, 2, 4, 8], LOAD);
define(0xfd00b, [16], VECTOR_STORE);
define(0xfd054, [1, 2, 4, 8], VECTOR_LANE_LOAD);
define(0xfd058, [1, 2, 4, 8], VECTOR_STORE);
define(0xfd05c, [4, 8], LOAD);
define(0xfe000, [4], { operands: ['i32', 'i32'], writes: false });
define(0xfe001, [4], { operands: ['i32', 'i32', 'i64'], writes: false });
define(0xfe002, [8], { operands: ['i32', 'i64', 'i64'], writes: false });

/** Atomic loads, stores and the groups of read-modify-write repeat these types and widths. */
const ATOMIC_TYPES = ['i32', 'i64', 'i32', 'i32', 'i64', 'i64', 'i64'] as const;
const ATOMIC_WIDTHS = [4, 8, 1, 2, 1, 2, 4];
const FIRST_ATOMIC_LOAD = 0xfe010;
const FIRST_ATOMIC_STORE = 0xfe017;
const FIRST_ATOMIC_EXCHANGE = 0xfe048;
const LAST_ATOMIC = 0xfe04e;

define(FIRST_ATOMIC_LOAD, ATOMIC_WIDTHS, LOAD);
for (let first = FIRST_ATOMIC_STORE; first <= LAST_ATOMIC; first += ATOMIC_TYPES.length) {
  ATOMIC_TYPES.forEach((type, index) => {
    const values = first === FIRST_ATOMIC_EXCHANGE ? [type, type] : [type];
    define(first + index, ATOMIC_WIDTHS.slice(index, index + 1), { operands: ['i32', ...values], writes: true });
  });
}

/** What the instruction does at an address; undefined when it does nothing of the kind. */
export function memoryAccess(opcode: number): MemoryAccess | undefined {
  return ACCESSES.get(opcode);
}

/** True for instructions that name ranges of memory: address, another operand, length. */
export function isBulkAccess(opcode: number): boolean {
  return opcode === OP.memoryInit || opcode === OP.memoryCopy || opcode === OP.memoryFill;
}
