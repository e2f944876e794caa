/** How far the data reaches that is written into memory when a module is instantiated. */
import { ByteReader } from './byte-reader.ts';
import { importedI32 } from './imports.ts';
import { OP } from './instructions.ts';
import { SECTION, sectionOf, type WasmModule } from './module.ts';

const PASSIVE = 1;
const NAMES_MEMORY = 2;

/** The end of the active data segment that ends last; 0 when there is none, NaN when an offset cannot be told. */
export function activeDataEnd(module: WasmModule): number {
  const section = sectionOf(module.sections, SECTION.data);
  if (section === undefined) return 0;
  const reader = new ByteReader(section.contents);
  let end = 0;
  for (let count = reader.u32(); count > 0; count -= 1) {
    end = Math.max(end, segmentEnd(module, reader));
    // Behind an expression that is not known nothing can be read.
    if (Number.isNaN(end)) break;
  }
  return end;
}

function segmentEnd(module: WasmModule, reader: ByteReader): number {
  const flags = reader.u32();
  if (flags === NAMES_MEMORY) reader.u32();
  const offset = flags === PASSIVE ? undefined : constantValue(module, reader);
  if (Number.isNaN(offset)) return Number.NaN;
  const sizeBytes = reader.take(reader.u32()).length;
  return offset === undefined ? 0 : (offset >>> 0) + sizeBytes;
}

/** The i32 that a constant expression gives; NaN when it has parts that are not known. */
function constantValue(module: WasmModule, reader: ByteReader): number {
  const stack: number[] = [];
  for (let opcode = reader.u8(); opcode !== OP.end; opcode = reader.u8()) {
    if (opcode === OP.i32Const) stack.push(reader.s33() | 0);
    else if (opcode === OP.globalGet) stack.push(globalValue(module, reader.u32()));
    else stack.push(combined(opcode, stack.pop() ?? Number.NaN, stack.pop() ?? Number.NaN));
    if (Number.isNaN(stack.at(-1))) return Number.NaN;
  }
  return stack.pop() ?? Number.NaN;
}

/** i32.add, i32.sub and i32.mul, as extended constant expressions may have them. */
function combined(opcode: number, right: number, left: number): number {
  if (Number.isNaN(left) || Number.isNaN(right)) return Number.NaN;
  if (opcode === 0x6a) return (left + right) | 0;
  if (opcode === 0x6b) return (left - right) | 0;
  return opcode === 0x6c ? Math.imul(left, right) : Number.NaN;
}

function globalValue(module: WasmModule, index: number): number {
  const imported = module.imports.filter((entry) => entry.type.kind === 'global')[index];
  return imported === undefined ? Number.NaN : importedI32(imported.name);
}
