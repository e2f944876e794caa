/**
 * The WebAssembly module that fills and verifies block contents, up to 64 bytes a step, over a memory it imports.
 *
 * Word i of a block holds `seed + i * step` (mod 2^32): every position has its own value, so content that moved by a
 * word is seen, which a constant byte would miss. Assembled here by hand: the fuzzer must run where no Zig is.
 */
import { unsigned } from './leb128.ts';
import { FILL, LOCALS, VERIFY } from './pattern-code.ts';

/** The kernel's exports. `verify` gives the address of a piece of at most 64 bytes, the first that differs, or 0. */
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
  const { fill, verify } = instance.exports as unknown as PatternKernel;
  // Every object of exports has a shape of its own, which would make calls on several of them slow.
  return { fill, verify };
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

function functionBody(code: readonly number[]): number[] {
  const locals = list([
    [LOCALS.words, I32],
    [LOCALS.vectors, V128],
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
