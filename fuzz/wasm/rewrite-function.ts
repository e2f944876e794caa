/**
 * Rewrites one function body, keeping everything it does and adding what the host wants to know or decide:
 * fuel, coverage bits, a memory of pretended size, writes to it, control over memory.grow. No index of the module changes.
 */
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { code } from './code.ts';
import { InstructionWalker, OP, opensBlock } from './instructions.ts';
import { isBulkAccess, type MemoryAccess, memoryAccess } from './memory-access.ts';
import { SpareLocals } from './spare-locals.ts';
import { readValueType, type ValueType } from './types.ts';
import { sizePages, type VirtualCode, writeCheck, writeMark } from './virtual-code.ts';

/** Indices of what was added to the module; undefined leaves the feature out. */
export interface Additions {
  readonly fuelGlobal: number | undefined;
  /** First of the globals that hold coverage bits. */
  readonly coverageGlobal: number | undefined;
  /** The functions that stand for memory.grow, by memory. */
  readonly growFunctions: readonly number[] | undefined;
  /** What pretends the size of memory, and makes writes known. */
  readonly virtual: VirtualCode | undefined;
}

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

/** Address, another operand, length. */
const RANGE_OPERANDS = ['i32', 'i32', 'i32'] as const;

export class FunctionRewriter {
  /** Coverage edges given out so far. */
  edges = 0;
  readonly #additions: Additions;
  readonly #fuelProbe: readonly number[];
  readonly #scratch = new ByteWriter(4096);
  #source = new Uint8Array();
  #copiedUpTo = 0;
  #covers = false;
  readonly #spare = new SpareLocals();
  readonly #sizeCode: readonly number[];
  readonly #blocks: number[] = [];

  constructor(additions: Additions) {
    this.#additions = additions;
    const { fuelGlobal: fuel, virtual } = additions;
    this.#sizeCode = virtual === undefined ? [] : code(sizePages(virtual.layout));
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
    this.#spare.begin(localCount);
    this.#blocks.length = 0;
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
    const header = new ByteWriter().u32(groups + this.#spare.count).bytes(groupBytes);
    this.#spare.declare(header);
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

  /** Growth under control, memory of the size that is pretended, writes made known. */
  #state(walker: InstructionWalker): void {
    const { opcode } = walker;
    const { growFunctions, virtual } = this.#additions;
    if (opcode === OP.memoryGrow && growFunctions !== undefined) {
      this.#replace(walker);
      this.#scratch.u8(OP.call).u32(growFunctions[walker.index] ?? 0);
    }
    if (virtual === undefined) return;
    const access = memoryAccess(opcode);
    if (access !== undefined) this.#guardAccess(walker, access, virtual);
    else if (isBulkAccess(opcode)) this.#guardBulk(walker, virtual);
    else if (opcode === OP.memorySize) this.#tellSize(walker);
    else if (OTHER_STATE.has(opcode)) this.#markOtherState(walker, virtual);
  }

  #tellSize(walker: InstructionWalker): void {
    this.#replace(walker);
    this.#scratch.bytes(this.#sizeCode);
  }

  #markOtherState(walker: InstructionWalker, virtual: VirtualCode): void {
    this.#flush(walker.start);
    this.#scratch.u8(OP.i32Const).u8(1).u8(OP.globalSet).u32(virtual.otherStateGlobal);
  }

  /** Sets the operands aside, checks the address, marks the page of the first byte, puts the operands back. */
  #guardAccess(walker: InstructionWalker, access: MemoryAccess, virtual: VirtualCode): void {
    const offset = walker.memoryOffset;
    this.#flush(walker.start);
    const locals = this.#spare.save(this.#scratch, access.operands);
    const address = Number(locals[0]);
    writeCheck(this.#scratch, virtual, address, offset + access.widthBytes);
    if (access.writes) writeMark(this.#scratch, virtual, address, offset);
    this.#spare.restore(this.#scratch, locals);
  }

  /** Only memory.copy reads memory, too: from its second operand on. */
  #guardBulk(walker: InstructionWalker, virtual: VirtualCode): void {
    this.#flush(walker.start);
    const locals = this.#spare.save(this.#scratch, RANGE_OPERANDS);
    const [target, source, length] = [Number(locals[0]), Number(locals[1]), Number(locals[2])];
    if (walker.opcode === OP.memoryCopy) this.#callWithRange(virtual.checkFunction, source, length);
    this.#callWithRange(virtual.markFunction, target, length);
    this.#spare.restore(this.#scratch, locals);
  }

  #callWithRange(functionIndex: number, address: number, length: number): void {
    this.#scratch.u8(OP.localGet).u32(address).u8(OP.localGet).u32(length).u8(OP.call).u32(functionIndex);
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
