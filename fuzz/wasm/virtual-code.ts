/**
 * The code that makes a memory seem smaller than it is: `memory.size`, the check that stands before every access, the
 * mark that stands before every write, and the functions these call. See `virtual-layout.ts`.
 */
import type { ByteWriter } from './byte-writer.ts';
import { code } from './code.ts';
import { OP } from './instructions.ts';
import { DIRTY_SHIFT, type VirtualLayout } from './virtual-layout.ts';

/** What was added to a module whose memory size is pretended. */
export interface VirtualCode {
  readonly layout: VirtualLayout;
  /** A function () that traps as an access out of bounds does. */
  readonly trapFunction: number;
  /** A function (address, length) that traps when the range leaves memory. */
  readonly checkFunction: number;
  /** A function (address, length) that does the same, and marks the range as written. */
  readonly markFunction: number;
  /** A flag: state other than memory and globals was written. */
  readonly otherStateGlobal: number;
}

const grownBytes = ({ capBytes }: VirtualLayout) => `i32.const 0 i32.load 2 ${capBytes}`;

const sizeBytes = (layout: VirtualLayout) => `${grownBytes(layout)} i32.const ${layout.minimumBytes} i32.add`;

/** Pushes the pages that the module sees. */
export const sizePages = (layout: VirtualLayout) => `${sizeBytes(layout)} i32.const 16 i32.shr_u`;

/** Moves the size by the pages in local 0, which must fit, and pushes the pages that there were. */
export const growPages = (layout: VirtualLayout) => `
  ${sizePages(layout)}
  i32.const 0 ${grownBytes(layout)} local.get 0 i32.const 16 i32.shl i32.add i32.store 2 ${layout.capBytes}`;

/** No memory here reaches address 2^32 - 1. */
export const TRAP_BODY = code('i32.const -1 i32.load8_u 0 0 drop end');

export function checkBody(layout: VirtualLayout, trapFunction: number): number[] {
  return code(`
    local.get 0 i64.extend_i32_u local.get 1 i64.extend_i32_u i64.add
    ${sizeBytes(layout)} i64.extend_i32_u i64.gt_u if void call ${trapFunction} end end`);
}

/** The pages of the map are filled by one instruction, since a range may be all of memory. */
export function markBody(layout: VirtualLayout, checkFunction: number): number[] {
  return code(`
    local.get 0 local.get 1 call ${checkFunction}
    local.get 1 i32.eqz if void return end
    local.get 0 i32.const ${DIRTY_SHIFT} i32.shr_u local.tee 2 i32.const ${layout.mapAddress} i32.add
    i32.const 1
    local.get 0 local.get 1 i32.add i32.const 1 i32.sub i32.const ${DIRTY_SHIFT} i32.shr_u local.get 2 i32.sub
    i32.const 1 i32.add
    memory.fill end`);
}

/** Traps unless the `endOffset` bytes from the address in `local` on lie in memory. */
export function writeCheck(out: ByteWriter, virtual: VirtualCode, local: number, endOffset: number): void {
  const { layout, trapFunction } = virtual;
  if (endOffset <= layout.minimumBytes) writeNarrowCheck(out, layout, local, endOffset);
  else if (endOffset <= layout.capBytes) out.bytes(wideCheck(layout, local, endOffset));
  else out.u8(OP.i32Const).u8(1);
  out.u8(OP.if).u8(0x40).u8(OP.call).u32(trapFunction).u8(OP.end);
}

/**
 * The size less `endOffset` is at least 0, so 32 bits are enough. Most accesses are of this kind, and large modules
 * have a hundred thousand, so it is written byte by byte.
 */
function writeNarrowCheck(
  out: ByteWriter,
  { minimumBytes, capBytes }: VirtualLayout,
  local: number,
  endOffset: number,
) {
  out.u8(OP.localGet).u32(local);
  // i32.load of the word at the cap, i32.add, i32.gt_u
  out.u8(OP.i32Const).u8(0).u8(0x28).u8(2).u32(capBytes);
  out
    .u8(OP.i32Const)
    .s32(minimumBytes - endOffset)
    .u8(0x6a)
    .u8(0x4b);
}

/** For offsets beyond the size that the module starts with. */
function wideCheck(layout: VirtualLayout, local: number, endOffset: number): number[] {
  return code(`
    local.get ${local} i64.extend_i32_u i32.const ${endOffset} i64.extend_i32_u i64.add
    ${sizeBytes(layout)} i64.extend_i32_u i64.gt_u`);
}

/** Marks the page of the byte `offset` behind the address in `local`, which was checked. */
export function writeMark(out: ByteWriter, { layout }: VirtualCode, local: number, offset: number): void {
  out.u8(OP.localGet).u32(local);
  if (offset !== 0) out.u8(OP.i32Const).s32(offset).u8(0x6a);
  // i32.shr_u, then i32.store8 of 1
  out.u8(OP.i32Const).u8(DIRTY_SHIFT).u8(0x76).u8(OP.i32Const).u8(1).u8(0x3a).u8(0).u32(layout.mapAddress);
}
