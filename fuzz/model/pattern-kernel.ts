/**
 * The WebAssembly module that fills and verifies block contents, 64 bytes a step, over a memory it imports.
 *
 * Word i of a block holds `seed + i * step` (mod 2^32): every position has its own value, so content that moved by a
 * word is seen, which a constant byte would miss. Assembled here by hand: the fuzzer must run where no Zig is.
 */

/** The kernel's exports. `verify` gives the address of the 64-, 16-, 4- or 1-byte piece that first differs, or 0. */
export interface PatternKernel {
  fill(pointer: number, lengthBytes: number, seed: number, step: number): void;
  verify(pointer: number, lengthBytes: number, seed: number, step: number): number;
}

const I32 = 0x7f;
const V128 = 0x7b;
const MAXIMUM_PAGES = 65536;

/** Instantiates the kernel over `memory`, shared or not. */
export function patternKernel(memory: WebAssembly.Memory): PatternKernel {
  const shared = typeof SharedArrayBuffer !== 'undefined' && memory.buffer instanceof SharedArrayBuffer;
  const instance = new WebAssembly.Instance(kernelModule(shared), { env: { memory } });
  return instance.exports as unknown as PatternKernel;
}

const compiled = new Map<boolean, WebAssembly.Module>();

function kernelModule(shared: boolean): WebAssembly.Module {
  const cached = compiled.get(shared);
  if (cached !== undefined) return cached;
  const module = new WebAssembly.Module(assemble(shared));
  compiled.set(shared, module);
  return module;
}

function assemble(shared: boolean): Uint8Array<ArrayBuffer> {
  const limits = shared ? [0x03, 0, ...unsigned(MAXIMUM_PAGES)] : [0x00, 0];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, list([FILL_TYPE, VERIFY_TYPE])),
    ...section(2, list([[...name('env'), ...name('memory'), 0x02, ...limits]])),
    ...section(3, list([[0], [1]])),
    ...section(7, list([exported('fill', 0), exported('verify', 1)])),
    ...section(10, list([functionBody(FILL), functionBody(VERIFY)])),
  ]);
}

const FILL_TYPE = [0x60, ...list([[I32], [I32], [I32], [I32]]), 0];
const VERIFY_TYPE = [0x60, ...list([[I32], [I32], [I32], [I32]]), ...list([[I32]])];

// Locals: the four parameters, then the end of the piece under way, the next four words, and what they go up by.
const POINTER = 0;
const LENGTH = 1;
const SEED = 2;
const STEP = 3;
const END = 4;
const VECTOR = 5;
const DELTA = 6;

const get = (local: number): number[] => [0x20, local];
const set = (local: number): number[] => [0x21, local];
const constant = (value: number): number[] => [0x41, ...signed(value)];
const add = 0x6a;
const simd = (opcode: number): number[] => [0xfd, ...unsigned(opcode)];
const splat = simd(0x11);
const vectorAdd = simd(0xae);
const vectorMultiply = simd(0xb5);

const START: number[] = [
  ...[...get(SEED), ...splat],
  ...[...get(STEP), ...splat, ...simd(0x0c), ...words([0, 1, 2, 3]), ...vectorMultiply],
  ...[...vectorAdd, ...set(VECTOR)],
  ...[...get(STEP), ...constant(2), 0x74, ...splat, ...set(DELTA)],
];

/** Runs `body` while POINTER has not reached POINTER + (LENGTH & `mask`), then moves POINTER on by `bytes`. */
function loop(mask: number, bytes: number, body: readonly number[], next: readonly number[]): number[] {
  return [
    ...[...get(POINTER), ...get(LENGTH), ...constant(mask), 0x71, add, ...set(END)],
    ...[0x02, 0x40, 0x03, 0x40],
    ...[...get(POINTER), ...get(END), 0x46, 0x0d, 1],
    ...body,
    ...next,
    ...[...get(POINTER), ...constant(bytes), add, ...set(POINTER)],
    ...[0x0c, 0, 0x0b, 0x0b],
  ];
}

const NEXT_VECTOR = [...get(VECTOR), ...get(DELTA), ...vectorAdd, ...set(VECTOR)];
const FIRST_LANE = [...get(VECTOR), ...simd(0x1b), 0, ...set(SEED)];
const NEXT_WORD = [...get(SEED), ...get(STEP), add, ...set(SEED)];
const NEXT_BYTE = [...get(SEED), ...constant(8), 0x76, ...set(SEED)];
const RETURN_POINTER_IF = [0x04, 0x40, ...get(POINTER), 0x0f, 0x0b];

/** Offsets of the four vectors of a 64-byte piece. */
const LANES = [0, 16, 32, 48];
const vectorXor = simd(0x51);
const vectorOr = simd(0x50);
const anyTrue = simd(0x53);

const storeVector = (offset: number): number[] => [...get(POINTER), ...get(VECTOR), ...simd(0x0b), 0, offset];

/** What the vector at `offset` differs by from the expected one. */
const difference = (offset: number): number[] => [
  ...get(POINTER),
  ...simd(0x00),
  0,
  offset,
  ...get(VECTOR),
  ...vectorXor,
];

const FILL: number[] = [
  ...START,
  ...loop(
    -64,
    64,
    LANES.flatMap((offset) => [...storeVector(offset), ...NEXT_VECTOR]),
    [],
  ),
  ...loop(48, 16, storeVector(0), NEXT_VECTOR),
  ...FIRST_LANE,
  ...loop(12, 4, [...get(POINTER), ...get(SEED), 0x36, 0, 0], NEXT_WORD),
  ...loop(3, 1, [...get(POINTER), ...get(SEED), 0x3a, 0, 0], NEXT_BYTE),
];

const VERIFY: number[] = [
  ...START,
  ...loop(
    -64,
    64,
    [
      ...LANES.flatMap((offset) => [...difference(offset), ...NEXT_VECTOR]),
      ...[...vectorOr, ...vectorOr, ...vectorOr, ...anyTrue, ...RETURN_POINTER_IF],
    ],
    [],
  ),
  ...loop(48, 16, [...difference(0), ...anyTrue, ...RETURN_POINTER_IF], NEXT_VECTOR),
  ...FIRST_LANE,
  ...loop(12, 4, [...get(POINTER), 0x28, 0, 0, ...get(SEED), 0x47, ...RETURN_POINTER_IF], NEXT_WORD),
  ...loop(
    3,
    1,
    [...get(POINTER), 0x2d, 0, 0, ...get(SEED), ...constant(255), 0x71, 0x47, ...RETURN_POINTER_IF],
    NEXT_BYTE,
  ),
  ...constant(0),
];

function functionBody(code: readonly number[]): number[] {
  const locals = list([
    [1, I32],
    [2, V128],
  ]);
  const body = [...locals, ...code, 0x0b];
  return [...unsigned(body.length), ...body];
}

function exported(text: string, index: number): number[] {
  return [...name(text), 0x00, index];
}

function name(text: string): number[] {
  return [text.length, ...new TextEncoder().encode(text)];
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsigned(content.length), ...content];
}

function list(items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}

/** Four little-endian words: the immediate of v128.const. */
function words(values: readonly number[]): number[] {
  return values.flatMap((value) => [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24]);
}

/** Unsigned LEB128 (WebAssembly specification, 5.2.2). */
function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}

/** Signed LEB128 (WebAssembly specification, 5.2.2). */
function signed(value: number): number[] {
  const last = value >= -64 && value < 64;
  return last ? [value & 127] : [(value & 127) | 128, ...signed(value >> 7)];
}
