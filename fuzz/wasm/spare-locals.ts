/** Locals added to a function to set operands aside in, one for each type and depth that is needed. */
import type { ByteWriter } from './byte-writer.ts';
import { OP } from './instructions.ts';
import type { NumericType } from './memory-access.ts';

const TYPE_BYTE: Readonly<Record<NumericType, number>> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b };

export class SpareLocals {
  readonly #types: NumericType[] = [];
  #first = 0;

  /** Starts over for a function that has `localCount` locals of its own, its parameters included. */
  begin(localCount: number): void {
    this.#types.length = 0;
    this.#first = localCount;
  }

  /** How many there are: each is declared by itself. */
  get count(): number {
    return this.#types.length;
  }

  declare(header: ByteWriter): void {
    for (const type of this.#types) header.u8(1).u8(TYPE_BYTE[type]);
  }

  /** Pops operands of `types`, the last first, into locals, which are returned. */
  save(out: ByteWriter, types: readonly NumericType[]): number[] {
    const locals: number[] = [];
    for (const type of types) locals.push(this.#local(type, locals));
    for (let index = locals.length - 1; index >= 0; index -= 1) out.u8(OP.localSet).u32(locals[index] ?? 0);
    return locals;
  }

  /** Pushes them again. */
  restore(out: ByteWriter, locals: readonly number[]): void {
    for (const local of locals) out.u8(OP.localGet).u32(local);
  }

  /** A local of `type` that is not among those `taken`. */
  #local(type: NumericType, taken: readonly number[]): number {
    const first = this.#first;
    let found = this.#types.findIndex((candidate, index) => candidate === type && !taken.includes(first + index));
    if (found < 0) found = this.#types.push(type) - 1;
    return first + found;
  }
}
