/**
 * Sound copies of the memory interface that differ from ours in all that the contract leaves open: no law may mind.
 */
import type { Implementation } from '../wasm-memory/implementation.ts';
import { ReferenceMemory, ReferenceMemoryError } from './wasm-memory-reference.ts';

export interface SoundVariant {
  readonly name: string;
  readonly implementation: Implementation;
}

/** Keeps its views and compares buffers at every access. */
class CachingMemory extends ReferenceMemory {
  #bytes = super.bytes();
  #view = super.view();

  protected override bytes(): Uint8Array {
    if (this.#bytes.buffer !== this.raw.buffer) this.#bytes = super.bytes();
    return this.#bytes;
  }

  protected override view(): DataView {
    if (this.#view.buffer !== this.raw.buffer) this.#view = super.view();
    return this.#view;
  }
}

/** Terse messages with the size in decimal and separators, an error class of its own, NaN written in another pattern. */
class TerseMemory extends CachingMemory {
  protected override outOfBounds(ptr: number, len: number): Error {
    return this.refusal(`${this.size().toLocaleString('en-US')} B`, ptr, len);
  }

  protected override refusal(message: string, ptr?: number, len?: number): Error {
    return new TerseError(message, ptr, len);
  }

  override writeF64(ptr: number, value: number): void {
    super.writeF64(ptr, value);
    if (Number.isNaN(value)) this.view().setUint32(ptr, 0xdeadbeef, true);
  }
}

class TerseError extends ReferenceMemoryError {}

/** On top of all that: refuses a bad pointer before it measures a string, and reads bytes into an array of its own, one by one. */
class CarefulMemory extends TerseMemory {
  override writeString(ptr: number, str: string): number {
    this.isValidRange(ptr, 0);
    return super.writeString(ptr, str);
  }

  override readBytes(ptr: number, len: number): Uint8Array {
    this.isValidRange(ptr, len);
    return Uint8Array.from(this.bytes().subarray(ptr, ptr + len));
  }

  override createByteView(ptr: number, length: number): Uint8Array {
    this.isValidRange(ptr, length);
    return Buffer.from(this.raw.buffer, ptr, length);
  }

  override grow(pages: number): number {
    if (!Number.isInteger(pages) || pages < 0 || pages > 65_536) throw this.refusal('no number of pages', pages);
    return super.grow(pages);
  }
}

export const SOUND_VARIANTS: readonly SoundVariant[] = [
  { name: 'a new view at each access', implementation: implementationOf(ReferenceMemory) },
  {
    name: 'kept views that are Buffers, terse messages, a subclass of the error, another NaN, pointers refused first',
    implementation: implementationOf(CarefulMemory),
  },
];

/** A copy as the laws take it. */
export function implementationOf(type: new (raw: WebAssembly.Memory) => ReferenceMemory): Implementation {
  return { make: (raw) => new type(raw), MemoryError: ReferenceMemoryError };
}
