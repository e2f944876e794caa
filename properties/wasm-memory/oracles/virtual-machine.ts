/**
 * The virtual machine's own loads and stores over a given memory, through a module assembled here by hand.
 *
 * The binary format is section 5 of the WebAssembly specification; each function is a line of the table below. Loads
 * and stores claim no alignment (log2 0), as host calls have none.
 */

/** What the module exports. Addresses are taken modulo 2^32, as the machine takes an i32; out of bounds traps. */
export interface VirtualMachine {
  i32Load(address: number): number;
  i64Load(address: number): bigint;
  f32Load(address: number): number;
  f64Load(address: number): number;
  i32Store(address: number, value: number): void;
  i64Store(address: number, value: bigint): void;
  f32Store(address: number, value: number): void;
  f64Store(address: number, value: number): void;
  /** Grows memory from inside. The previous page count, or -1 when refused. */
  grow(pages: number): number;
}

const I32 = 0x7f;
const I64 = 0x7e;
const F32 = 0x7d;
const F64 = 0x7c;

/** Pushes the first and second parameter. */
const GET_ADDRESS = [0x20, 0];
const GET_VALUE = [0x20, 1];

/** Every function of the module: its name, types of parameters and results, and instructions. */
const FUNCTIONS = [
  { name: 'i32Load', takes: [I32], gives: [I32], body: [...GET_ADDRESS, 0x28, 0, 0] },
  { name: 'i64Load', takes: [I32], gives: [I64], body: [...GET_ADDRESS, 0x29, 0, 0] },
  { name: 'f32Load', takes: [I32], gives: [F32], body: [...GET_ADDRESS, 0x2a, 0, 0] },
  { name: 'f64Load', takes: [I32], gives: [F64], body: [...GET_ADDRESS, 0x2b, 0, 0] },
  { name: 'i32Store', takes: [I32, I32], gives: [], body: [...GET_ADDRESS, ...GET_VALUE, 0x36, 0, 0] },
  { name: 'i64Store', takes: [I32, I64], gives: [], body: [...GET_ADDRESS, ...GET_VALUE, 0x37, 0, 0] },
  { name: 'f32Store', takes: [I32, F32], gives: [], body: [...GET_ADDRESS, ...GET_VALUE, 0x38, 0, 0] },
  { name: 'f64Store', takes: [I32, F64], gives: [], body: [...GET_ADDRESS, ...GET_VALUE, 0x39, 0, 0] },
  { name: 'grow', takes: [I32], gives: [I32], body: [0x20, 0, 0x40, 0] },
];

/** A memory import says how it is limited; a shared one must name a maximum, and 65536 pages admits any. */
const UNSHARED_LIMITS = [0x00, 0];
const SHARED_LIMITS = [0x03, 0, 0x80, 0x80, 0x04];

const unsharedModule = new WebAssembly.Module(assemble(UNSHARED_LIMITS));
const sharedModule = new WebAssembly.Module(assemble(SHARED_LIMITS));

/** The virtual machine's view of `memory`. */
export function virtualMachineOf(memory: WebAssembly.Memory): VirtualMachine {
  const module = memory.buffer instanceof SharedArrayBuffer ? sharedModule : unsharedModule;
  const instance = new WebAssembly.Instance(module, { host: { memory } });
  return instance.exports as unknown as VirtualMachine;
}

function assemble(limits: readonly number[]): Uint8Array<ArrayBuffer> {
  const types = FUNCTIONS.map(({ takes, gives }) => [0x60, ...vector(takes), ...vector(gives)]);
  const memoryImport = [...name('host'), ...name('memory'), 0x02, ...limits];
  const exports = FUNCTIONS.map((entry, index) => [...name(entry.name), 0x00, index]);
  const bodies = FUNCTIONS.map(({ body }) => sized([0, ...body, 0x0b]));
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, types),
    ...section(2, [memoryImport]),
    ...section(
      3,
      FUNCTIONS.map((_, index) => [index]),
    ),
    ...section(7, exports),
    ...section(10, bodies),
  ]);
}

function section(id: number, entries: readonly (readonly number[])[]): number[] {
  return [id, ...sized([...unsigned(entries.length), ...entries.flat()])];
}

function vector(items: readonly number[]): number[] {
  return [...unsigned(items.length), ...items];
}

function sized(content: readonly number[]): number[] {
  return [...unsigned(content.length), ...content];
}

function name(text: string): number[] {
  return vector(Array.from(text, (character) => character.charCodeAt(0)));
}

/** LEB128 of a number below 2^14, the most a module of this size needs. */
function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [0x80 + (value % 0x80), Math.floor(value / 0x80)];
}
