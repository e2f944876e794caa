/**
 * A plain, slow and sound memory interface: what the faulty copies are copies of.
 *
 * Written from the contract, not from `src/`: a new view at each access, no short ways, its own error class and wording.
 * It is itself the first of the sound variants that every law has to leave alone.
 */
import type { MemoryInterface } from '../wasm-memory/implementation.ts';

export class ReferenceMemoryError extends Error {
  readonly ptr: number | undefined;
  readonly length: number | undefined;

  constructor(message: string, ptr?: number, length?: number) {
    super(message);
    this.name = 'MemoryError';
    this.ptr = ptr;
    this.length = length;
  }
}

export class ReferenceMemory implements MemoryInterface {
  readonly raw: WebAssembly.Memory;

  constructor(raw: WebAssembly.Memory) {
    this.raw = raw;
  }

  readString(ptr: number, len: number): string {
    this.isValidRange(ptr, len);
    try {
      return this.decode(this.bytes().slice(ptr, ptr + len));
    } catch {
      throw this.refusal('bytes are not UTF-8', ptr, len);
    }
  }

  writeString(ptr: number, str: string): number {
    return this.writeBytes(ptr, new TextEncoder().encode(str));
  }

  readBytes(ptr: number, len: number): Uint8Array {
    this.isValidRange(ptr, len);
    return this.bytes().slice(ptr, ptr + len);
  }

  writeBytes(ptr: number, data: Uint8Array): number {
    this.isValidRange(ptr, data.length);
    this.bytes().set(data, ptr);
    return data.length;
  }

  readI32(ptr: number): number {
    this.isValidRange(ptr, 4);
    return this.view().getInt32(ptr, true);
  }

  writeI32(ptr: number, value: number): void {
    this.isValidRange(ptr, 4);
    this.view().setInt32(ptr, value, true);
  }

  readI64(ptr: number): bigint {
    this.isValidRange(ptr, 8);
    return this.view().getBigInt64(ptr, true);
  }

  writeI64(ptr: number, value: bigint): void {
    this.isValidRange(ptr, 8);
    this.view().setBigInt64(ptr, value, true);
  }

  readF32(ptr: number): number {
    this.isValidRange(ptr, 4);
    return this.view().getFloat32(ptr, true);
  }

  writeF32(ptr: number, value: number): void {
    this.isValidRange(ptr, 4);
    this.view().setFloat32(ptr, value, true);
  }

  readF64(ptr: number): number {
    this.isValidRange(ptr, 8);
    return this.view().getFloat64(ptr, true);
  }

  writeF64(ptr: number, value: number): void {
    this.isValidRange(ptr, 8);
    this.view().setFloat64(ptr, value, true);
  }

  grow(pages: number): number {
    try {
      return this.raw.grow(pages);
    } catch {
      throw this.refusal('memory does not grow');
    }
  }

  size(): number {
    return this.raw.buffer.byteLength;
  }

  pages(): number {
    return this.raw.buffer.byteLength / 65_536;
  }

  isValidRange(ptr: number, len: number): boolean {
    if (!this.isSound(ptr) || !this.isSound(len)) throw this.refusal('no whole number', ptr, len);
    if (!this.isInside(ptr, len)) throw this.outOfBounds(ptr, len);
    return true;
  }

  createDataView(ptr: number, length: number): DataView {
    this.isValidRange(ptr, length);
    return new DataView(this.raw.buffer, ptr, length);
  }

  createByteView(ptr: number, length: number): Uint8Array {
    this.isValidRange(ptr, length);
    return new Uint8Array(this.raw.buffer, ptr, length);
  }

  getRawMemory(): WebAssembly.Memory {
    return this.raw;
  }

  // What follows is not of the contract: the places where a copy can go wrong.

  protected bytes(): Uint8Array {
    return new Uint8Array(this.raw.buffer);
  }

  protected view(): DataView {
    return new DataView(this.raw.buffer);
  }

  protected decode(bytes: Uint8Array): string {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  }

  protected isSound(value: number): boolean {
    return Number.isInteger(value) && value >= 0;
  }

  protected isInside(ptr: number, len: number): boolean {
    return ptr + len <= this.size();
  }

  protected outOfBounds(ptr: number, len: number): Error {
    return this.refusal(`range ends past the memory's 0x${this.size().toString(16)} bytes`, ptr, len);
  }

  protected refusal(message: string, ptr?: number, len?: number): Error {
    return new ReferenceMemoryError(message, ptr, len);
  }
}
