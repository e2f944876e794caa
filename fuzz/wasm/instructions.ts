/**
 * Walks the instructions of a function body or a constant expression.
 *
 * Knows the immediates of every opcode that Node 20 to 24 accept: MVP, sign extension, saturating conversions, bulk
 * memory, reference types, SIMD and relaxed SIMD, threads, tail calls, both forms of exceptions, typed function
 * references and GC. Source: the WebAssembly core specification, chapter 5 (binary format). An opcode outside the
 * table throws UnknownInstruction: whoever rewrites code must give up rather than guess.
 */
import { type ByteReader, MalformedModule } from './byte-reader.ts';

/** An opcode whose immediates are not known. */
export class UnknownInstruction extends MalformedModule {}

/** Opcodes of the prefixes 0xfb to 0xfe are written prefix * 4096 + second number. */
export const OP = {
  unreachable: 0x00,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  try: 0x06,
  catch: 0x07,
  throwRef: 0x0a,
  end: 0x0b,
  brIf: 0x0d,
  call: 0x10,
  callIndirect: 0x11,
  returnCall: 0x12,
  returnCallIndirect: 0x13,
  callRef: 0x14,
  returnCallRef: 0x15,
  delegate: 0x18,
  catchAll: 0x19,
  tryTable: 0x1f,
  localGet: 0x20,
  localSet: 0x21,
  globalGet: 0x23,
  globalSet: 0x24,
  tableSet: 0x26,
  firstStore: 0x36,
  lastStore: 0x3e,
  memorySize: 0x3f,
  memoryGrow: 0x40,
  i32Const: 0x41,
  i64Const: 0x42,
  refFunc: 0xd2,
  memoryInit: 0xfc008,
  dataDrop: 0xfc009,
  memoryCopy: 0xfc00a,
  memoryFill: 0xfc00b,
  tableInit: 0xfc00c,
  elemDrop: 0xfc00d,
  tableCopy: 0xfc00e,
  tableGrow: 0xfc00f,
  tableFill: 0xfc011,
} as const;

type Immediate = (reader: ByteReader, walker: InstructionWalker) => void;

const none: Immediate = () => {};
const byte: Immediate = (reader) => reader.skip(1);
const sixteenBytes: Immediate = (reader) => reader.skip(16);
const leb: Immediate = (reader) => reader.skipLeb();
const heapType: Immediate = (reader) => void reader.s33();

const index: Immediate = (reader, walker) => {
  walker.index = reader.u32();
};

const twoIndices: Immediate = (reader, walker) => {
  walker.index = reader.u32();
  walker.secondIndex = reader.u32();
};

/** Bit 6 of the alignment says that a memory index follows (multi-memory). */
const memoryArgument: Immediate = (reader, walker) => {
  const flags = reader.u32();
  walker.index = flags & 0x40 ? reader.u32() : 0;
  walker.memoryOffset = reader.u64();
};

const memoryArgumentAndLane: Immediate = (reader, walker) => {
  memoryArgument(reader, walker);
  reader.skip(1);
};

/** Empty (0x40), a value type, or a type index as a positive 33-bit integer. */
function skipBlockType(reader: ByteReader): void {
  const first = reader.peek();
  if (first === 0x63 || first === 0x64) reader.skip(1);
  reader.s33();
}

const branchTable: Immediate = (reader) => {
  reader.vector(() => reader.skipLeb());
  reader.skipLeb();
};

const selectTypes: Immediate = (reader) => void reader.vector(() => skipBlockType(reader));

/** catch and catch_ref (0, 1) name a tag and a label, the two catch_all forms (2, 3) a label only. */
const tryTable: Immediate = (reader) => {
  skipBlockType(reader);
  reader.vector(() => {
    if (reader.u8() < 2) reader.skipLeb();
    reader.skipLeb();
  });
};

const castBranch: Immediate = (reader) => {
  reader.skip(1);
  reader.skipLeb();
  reader.s33();
  reader.s33();
};

type Row = readonly [first: number, last: number, immediate: Immediate];

const ROWS: readonly Row[] = [
  [0x00, 0x01, none],
  [0x02, 0x04, skipBlockType],
  [0x05, 0x05, none],
  [0x06, 0x06, skipBlockType],
  [0x07, 0x09, index],
  [0x0a, 0x0b, none],
  [0x0c, 0x0d, index],
  [0x0e, 0x0e, branchTable],
  [0x0f, 0x0f, none],
  [0x10, 0x10, index],
  [0x11, 0x11, twoIndices],
  [0x12, 0x12, index],
  [0x13, 0x13, twoIndices],
  [0x14, 0x15, index],
  [0x18, 0x18, index],
  [0x19, 0x1b, none],
  [0x1c, 0x1c, selectTypes],
  [0x1f, 0x1f, tryTable],
  [0x20, 0x26, index],
  [0x28, 0x3e, memoryArgument],
  [0x3f, 0x40, index],
  [0x41, 0x42, leb],
  [0x43, 0x43, (reader) => reader.skip(4)],
  [0x44, 0x44, (reader) => reader.skip(8)],
  [0x45, 0xc4, none],
  [0xd0, 0xd0, heapType],
  [0xd1, 0xd1, none],
  [0xd2, 0xd2, index],
  [0xd3, 0xd4, none],
  [0xd5, 0xd6, index],
  // GC
  [0xfb000, 0xfb001, index],
  [0xfb002, 0xfb005, twoIndices],
  [0xfb006, 0xfb007, index],
  [0xfb008, 0xfb00a, twoIndices],
  [0xfb00b, 0xfb00e, index],
  [0xfb00f, 0xfb00f, none],
  [0xfb010, 0xfb010, index],
  [0xfb011, 0xfb013, twoIndices],
  [0xfb014, 0xfb017, heapType],
  [0xfb018, 0xfb019, castBranch],
  [0xfb01a, 0xfb01e, none],
  // saturating conversions, bulk memory, tables
  [0xfc000, 0xfc007, none],
  [0xfc008, 0xfc008, twoIndices],
  [0xfc009, 0xfc009, index],
  [0xfc00a, 0xfc00a, twoIndices],
  [0xfc00b, 0xfc00b, index],
  [0xfc00c, 0xfc00c, twoIndices],
  [0xfc00d, 0xfc00d, index],
  [0xfc00e, 0xfc00e, twoIndices],
  [0xfc00f, 0xfc011, index],
  // SIMD and relaxed SIMD
  [0xfd000, 0xfd00b, memoryArgument],
  [0xfd00c, 0xfd00d, sixteenBytes],
  [0xfd00e, 0xfd014, none],
  [0xfd015, 0xfd022, byte],
  [0xfd023, 0xfd053, none],
  [0xfd054, 0xfd05b, memoryArgumentAndLane],
  [0xfd05c, 0xfd05d, memoryArgument],
  [0xfd05e, 0xfd113, none],
  // threads
  [0xfe000, 0xfe002, memoryArgument],
  [0xfe003, 0xfe003, byte],
  [0xfe010, 0xfe04e, memoryArgument],
];

const IMMEDIATES = new Map<number, Immediate>();
for (const [first, last, immediate] of ROWS) {
  for (let opcode = first; opcode <= last; opcode += 1) IMMEDIATES.set(opcode, immediate);
}
/** The same by array, for the opcodes of one byte: most instructions. */
const ONE_BYTE = Array.from({ length: 256 }, (_, opcode) => IMMEDIATES.get(opcode));

/** Steps through instructions; its fields describe the one last read. One object for a whole walk, no allocation. */
export class InstructionWalker {
  readonly reader: ByteReader;
  opcode = 0;
  /** Offset of the instruction's first byte. */
  start = 0;
  /** First index of the instruction: function, local, global, table, type, or memory. */
  index = 0;
  secondIndex = 0;
  memoryOffset = 0;

  constructor(reader: ByteReader) {
    this.reader = reader;
  }

  /** Reads one instruction. Throws UnknownInstruction when its immediates are not known. */
  next(): void {
    const reader = this.reader;
    this.start = reader.offset;
    const first = reader.u8();
    this.opcode = first >= 0xfb && first <= 0xfe ? first * 4096 + reader.u32() : first;
    const immediate = ONE_BYTE[this.opcode] ?? IMMEDIATES.get(this.opcode);
    if (immediate === undefined) {
      throw new UnknownInstruction(`unknown instruction 0x${this.opcode.toString(16)} at byte ${this.start}`);
    }
    immediate(reader, this);
  }

  /** Passes over one constant expression, its end included; calls back with every function that it names. */
  skipExpression(onFunction?: (functionIndex: number) => void): void {
    do {
      this.next();
      if (this.opcode === OP.refFunc) onFunction?.(this.index);
    } while (this.opcode !== OP.end);
  }
}

/** True for instructions that open a block which an `end` (or `delegate`) closes. */
export function opensBlock(opcode: number): boolean {
  return (opcode >= OP.block && opcode <= OP.if) || opcode === OP.try || opcode === OP.tryTable;
}
