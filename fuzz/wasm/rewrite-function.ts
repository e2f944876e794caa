/**
 * Rewrites one function body, keeping everything it does and adding what the host wants to know or decide:
 * fuel, coverage bits, writes to memory, control over memory.grow. No index of the module changes.
 */
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { code } from './code.ts';
import { InstructionWalker, OP, opensBlock } from './instructions.ts';
import { readValueType, type ValueType } from './types.ts';

/** Indices of what was added to the module; undefined leaves the feature out. */
export interface Additions {
  readonly fuelGlobal: number | undefined;
  /** First of the globals that hold coverage bits. */
  readonly coverageGlobal: number | undefined;
  /** The functions that stand for memory.grow, by memory. */
  readonly growFunctions: readonly number[] | undefined;
  readonly writes: WriteTracking | undefined;
}

export interface WriteTracking {
  /** A 64-bit mask: bit n says that [n << granuleShift, (n + 1) << granuleShift) was written. */
  readonly maskGlobal: number;
  readonly granuleShift: number;
  /** A function (address, length) that marks a range. */
  readonly markFunction: number;
  /** A flag: state other than memory 0 and globals was written. */
  readonly otherStateGlobal: number;
  /** False when memory 0 has 64-bit addresses: its writes set the flag instead. */
  readonly tracksMemory: boolean;
}

type NumericType = 'i32' | 'i64' | 'f32' | 'f64' | 'v128';

const TYPE_BYTE: Readonly<Record<NumericType, number>> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b };

/** Value types of the stores 0x36 to 0x3e. */
const STORED: readonly NumericType[] = ['i32', 'i64', 'f32', 'f64', 'i32', 'i32', 'i64', 'i64', 'i64'];

/** Atomic stores (0x17) and the six groups of read-modify-write after them repeat these value types. */
const ATOMIC: readonly NumericType[] = ['i32', 'i64', 'i32', 'i32', 'i64', 'i64', 'i64'];
const FIRST_ATOMIC_STORE = 0xfe017;
const FIRST_ATOMIC_EXCHANGE = 0xfe048;
const LAST_ATOMIC = 0xfe04e;

/** Instructions whose effect is neither in memory nor in a global: tables, dropped segments, GC objects. */
const OTHER_STATE: ReadonlySet<number> = new Set([
  OP.tableSet,
  OP.tableInit,
  OP.tableCopy,
  OP.tableGrow,
  OP.tableFill,
  OP.dataDrop,
  OP.elemDrop,
  0xfb005,
  0xfb00e,
  0xfb010,
  0xfb011,
  0xfb012,
  0xfb013,
]);

/** The value types an instruction writes to memory, its operands above the address; undefined for other instructions. */
function storedTypes(opcode: number): readonly NumericType[] | undefined {
  if (opcode >= OP.firstStore && opcode <= OP.lastStore) return [STORED[opcode - OP.firstStore] ?? 'i32'];
  if (opcode === 0xfd00b || (opcode >= 0xfd058 && opcode <= 0xfd05b)) return ['v128'];
  if (opcode < FIRST_ATOMIC_STORE || opcode > LAST_ATOMIC) return undefined;
  const type = ATOMIC[(opcode - FIRST_ATOMIC_STORE) % ATOMIC.length] ?? 'i32';
  return opcode >= FIRST_ATOMIC_EXCHANGE ? [type, type] : [type];
}

const isBulkWrite = (opcode: number) =>
  opcode === OP.memoryInit || opcode === OP.memoryCopy || opcode === OP.memoryFill;

/** The memory a bulk instruction writes: memory.init names its segment first. */
const bulkTarget = (walker: InstructionWalker) => (walker.opcode === OP.memoryInit ? walker.secondIndex : walker.index);

export class FunctionRewriter {
  /** Coverage edges given out so far. */
  edges = 0;
  readonly #additions: Additions;
  readonly #fuelProbe: readonly number[];
  readonly #scratch = new ByteWriter(4096);
  #source = new Uint8Array();
  #copiedUpTo = 0;
  #covers = false;
  #firstNewLocal = 0;
  readonly #newLocals: NumericType[] = [];
  readonly #blocks: number[] = [];

  constructor(additions: Additions) {
    this.#additions = additions;
    const fuel = additions.fuelGlobal;
    this.#fuelProbe =
      fuel === undefined
        ? []
        : code(`global.get ${fuel} i32.const 1 i32.sub global.set ${fuel}
            global.get ${fuel} i32.const 0 i32.lt_s if void unreachable end`);
  }

  /**
   * Reads one body (size, locals, instructions) from `reader` and writes the new one to `out`.
   * `covers` says whether this function gets coverage bits. Throws UnknownInstruction, having written nothing.
   */
  rewrite(reader: ByteReader, paramCount: number, covers: boolean, out: ByteWriter): void {
    const size = reader.u32();
    const body = new ByteReader(reader.bytes, reader.offset, reader.offset + size);
    reader.skip(size);
    const groups = body.u32();
    const groupsStart = body.offset;
    this.#begin(reader.bytes, paramCount + skipLocals(body, groups), covers);
    const codeStart = body.offset;
    this.#copiedUpTo = codeStart;
    this.#walk(body);
    this.#finish(out, groups, reader.bytes.subarray(groupsStart, codeStart));
  }

  #begin(source: Uint8Array, localCount: number, covers: boolean): void {
    this.#source = source as Uint8Array<ArrayBuffer>;
    this.#scratch.clear();
    this.#newLocals.length = 0;
    this.#blocks.length = 0;
    this.#firstNewLocal = localCount;
    this.#covers = covers && this.#additions.coverageGlobal !== undefined;
  }

  #walk(body: ByteReader): void {
    const walker = new InstructionWalker(body);
    this.#probe(true);
    while (!body.done) {
      walker.next();
      this.#control(walker, body.done);
      this.#state(walker);
    }
    this.#flush(body.end);
  }

  #finish(out: ByteWriter, groups: number, groupBytes: Uint8Array): void {
    const header = new ByteWriter().u32(groups + this.#newLocals.length).bytes(groupBytes);
    for (const type of this.#newLocals) header.u8(1).u8(TYPE_BYTE[type]);
    out
      .u32(header.length + this.#scratch.length)
      .bytes(header.view())
      .bytes(this.#scratch.view());
  }

  /** Copies the source up to `end`, where something is about to be added or left out. */
  #flush(end: number): void {
    this.#scratch.range(this.#source, this.#copiedUpTo, end);
    this.#copiedUpTo = end;
  }

  /** Leaves the current instruction out of the copy; the caller writes what stands for it. */
  #replace(walker: InstructionWalker): void {
    this.#flush(walker.start);
    this.#copiedUpTo = walker.reader.offset;
  }

  /** Probes at loop heads, arms, after blocks and after conditional branches. */
  #control(walker: InstructionWalker, isLast: boolean): void {
    const opcode = walker.opcode;
    if (opensBlock(opcode)) {
      this.#blocks.push(opcode);
      if (opcode === OP.loop || opcode === OP.if) this.#probeAfter(walker, opcode === OP.loop);
    } else if (opcode === OP.else || opcode === OP.catch || opcode === OP.catchAll) {
      this.#blocks[this.#blocks.length - 1] = opcode;
      this.#probeAfter(walker, false);
    } else if (opcode === OP.end || opcode === OP.delegate) {
      this.#closeBlock(walker, isLast);
    } else if (opcode === OP.brIf) {
      this.#probeAfter(walker, false);
    }
  }

  #closeBlock(walker: InstructionWalker, isLast: boolean): void {
    if (isLast) return;
    const opened = this.#blocks.pop();
    if (opened === OP.if && this.#covers) {
      this.#flush(walker.start);
      this.#scratch.u8(OP.else);
      this.#probe(false);
    }
    this.#probeAfter(walker, false);
  }

  #probeAfter(walker: InstructionWalker, takesFuel: boolean): void {
    if (!this.#covers && !(takesFuel && this.#fuelProbe.length > 0)) return;
    this.#flush(walker.reader.offset);
    this.#probe(takesFuel);
  }

  #probe(takesFuel: boolean): void {
    if (takesFuel) this.#scratch.bytes(this.#fuelProbe);
    const first = this.#additions.coverageGlobal;
    if (!this.#covers || first === undefined) return;
    const global = first + (this.edges >>> 5);
    this.#scratch
      .u8(OP.globalGet)
      .u32(global)
      .u8(OP.i32Const)
      .s32(1 << (this.edges & 31))
      .u8(0x72);
    this.#scratch.u8(OP.globalSet).u32(global);
    this.edges += 1;
  }

  /** Growth under control, writes made known. */
  #state(walker: InstructionWalker): void {
    const { opcode } = walker;
    const { growFunctions, writes } = this.#additions;
    if (opcode === OP.memoryGrow && growFunctions !== undefined) {
      this.#replace(walker);
      this.#scratch.u8(OP.call).u32(growFunctions[walker.index] ?? 0);
    }
    if (writes === undefined) return;
    const types = storedTypes(opcode);
    if (types !== undefined) this.#markStore(walker, types, writes);
    else if (isBulkWrite(opcode)) this.#markBulk(walker, writes);
    else if (OTHER_STATE.has(opcode)) this.#markOtherState(walker, writes);
  }

  #markOtherState(walker: InstructionWalker, writes: WriteTracking): void {
    this.#flush(walker.start);
    this.#scratch.u8(OP.i32Const).u8(1).u8(OP.globalSet).u32(writes.otherStateGlobal);
  }

  /** Saves the operands in locals, marks the granule of the first byte, puts the operands back. */
  #markStore(walker: InstructionWalker, types: readonly NumericType[], writes: WriteTracking): void {
    if (walker.index !== 0 || !writes.tracksMemory) {
      this.#markOtherState(walker, writes);
      return;
    }
    this.#flush(walker.start);
    const locals = this.#saveOperands(['i32', ...types]);
    this.#mark(Number(locals[0]), walker.memoryOffset, writes);
    this.#restoreOperands(locals);
  }

  #markBulk(walker: InstructionWalker, writes: WriteTracking): void {
    if (bulkTarget(walker) !== 0 || !writes.tracksMemory) {
      this.#markOtherState(walker, writes);
      return;
    }
    this.#flush(walker.start);
    const locals = this.#saveOperands(['i32', 'i32', 'i32']);
    this.#scratch.u8(OP.localGet).u32(Number(locals[0])).u8(OP.localGet).u32(Number(locals[2]));
    this.#scratch.u8(OP.call).u32(writes.markFunction);
    this.#restoreOperands(locals);
  }

  #mark(addressLocal: number, memoryOffset: number, writes: WriteTracking): void {
    const scratch = this.#scratch;
    scratch.u8(OP.globalGet).u32(writes.maskGlobal).u8(OP.i64Const).u8(1).u8(OP.localGet).u32(addressLocal);
    if (memoryOffset !== 0) scratch.u8(OP.i32Const).s32(memoryOffset).u8(0x6a);
    // i32.shr_u, i64.extend_i32_u, i64.shl, i64.or
    scratch.u8(OP.i32Const).s32(writes.granuleShift).bytes([0x76, 0xad, 0x86, 0x84]);
    scratch.u8(OP.globalSet).u32(writes.maskGlobal);
  }

  /** Pops operands, the last first, into locals of their types, one local an operand. */
  #saveOperands(types: readonly NumericType[]): number[] {
    const taken = new Set<number>();
    const locals = types.map((type) => this.#local(type, taken));
    for (const local of [...locals].reverse()) this.#scratch.u8(OP.localSet).u32(local);
    return locals;
  }

  #restoreOperands(locals: readonly number[]): void {
    for (const local of locals) this.#scratch.u8(OP.localGet).u32(local);
  }

  #local(type: NumericType, taken: Set<number>): number {
    let found = this.#newLocals.findIndex((candidate, index) => candidate === type && !taken.has(index));
    if (found < 0) found = this.#newLocals.push(type) - 1;
    taken.add(found);
    return this.#firstNewLocal + found;
  }
}

/** Passes over local declarations and counts the locals. */
function skipLocals(body: ByteReader, groups: number): number {
  let count = 0;
  for (let group = 0; group < groups; group += 1) {
    count += body.u32();
    readValueType(body);
  }
  return count;
}

/** True when JavaScript can read and write a global of this type, and the value is all there is to it. */
export function isPlainValue(type: ValueType): boolean {
  return type !== 'v128' && type !== 'reference';
}
