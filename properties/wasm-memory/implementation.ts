/** What the laws of the memory interface judge: the names of the seed document and `getRawMemory`, nothing beyond. */
import { MemoryError, WasmMemory } from '../../src/index.ts';

/** The contract's methods. Ranges are whole bytes; a refused call throws the implementation's MemoryError. */
export interface MemoryInterface {
  readString(ptr: number, len: number): string;
  writeString(ptr: number, str: string): number;
  readBytes(ptr: number, len: number): Uint8Array;
  writeBytes(ptr: number, data: Uint8Array): number;
  readI32(ptr: number): number;
  writeI32(ptr: number, value: number): void;
  readI64(ptr: number): bigint;
  writeI64(ptr: number, value: bigint): void;
  readF32(ptr: number): number;
  writeF32(ptr: number, value: number): void;
  readF64(ptr: number): number;
  writeF64(ptr: number, value: number): void;
  grow(pages: number): number;
  size(): number;
  pages(): number;
  isValidRange(ptr: number, len: number): boolean;
  createDataView(ptr: number, length: number): DataView;
  createByteView(ptr: number, length: number): Uint8Array;
  getRawMemory(): WebAssembly.Memory;
}

/** An implementation under judgement. A law is a function over one, so that the suite can be turned on faulty copies. */
export interface Implementation {
  readonly make: (memory: WebAssembly.Memory) => MemoryInterface;
  /** The class that refusals are instances of. */
  readonly MemoryError: abstract new (
    ...given: never[]
  ) => Error;
}

/** The project's own. */
export const OURS: Implementation = { make: (memory) => new WasmMemory(memory), MemoryError };
