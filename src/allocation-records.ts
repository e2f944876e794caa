import { ADDRESS_SPACE_BYTES } from './memory-layout.ts';

/** One block as it was asked for. */
export interface AllocationRecord {
  /** Address of the block's first byte. */
  ptr: number;
  /** Bytes asked for, padding excluded. */
  size: number;
  /** Bytes the address is a multiple of. */
  align: number;
  /** The caller's name for the block; absent when none was given. */
  tag?: string;
}

/**
 * Numbers kept of a record, side by side. The first holds address and alignment: an address is a multiple of its alignment,
 * so the lowest bit set in 2 * ptr + align is the alignment's. The second is the size.
 */
const FIELDS = 2;

/** Records before the first doubling; they take 2 KiB. */
const INITIAL_CAPACITY = 128;

/**
 * The blocks of a bump allocator, in allocation order.
 *
 * Keeping one costs two stores into a typed array and no object. Addresses only ever rise, so the order of
 * allocation is the order of addresses and a look-up is a binary search.
 */
export class AllocationRecords {
  /** Doubles, because either number may need 33 bits and more. */
  #fields = new Float64Array(INITIAL_CAPACITY * FIELDS);
  /** The length of the fields, which is slower to ask for. */
  #capacity = INITIAL_CAPACITY * FIELDS;
  /** Where in the fields the next record goes. */
  #end = 0;
  /** By the place of the record. */
  readonly #tags = new Map<number, string>();

  get count(): number {
    return this.#end / FIELDS;
  }

  /** Keeps a block that lies above every block kept before. */
  append(ptr: number, size: number, align: number, tag: string | undefined): void {
    const at = this.#end;
    if (at === this.#capacity) this.#double();
    const fields = this.#fields;
    fields[at] = 2 * ptr + align;
    fields[at + 1] = size;
    if (tag !== undefined) this.#tags.set(at, tag);
    this.#end = at + FIELDS;
  }

  /** A copy of every record, in allocation order. */
  all(): AllocationRecord[] {
    return Array.from({ length: this.count }, (_, index) => this.#record(index));
  }

  /** A copy of the record whose block begins at `ptr`; undefined when none does. */
  find(ptr: number): AllocationRecord | undefined {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#ptr(middle) < ptr) low = middle + 1;
      else high = middle;
    }
    return low < this.count && this.#ptr(low) === ptr ? this.#record(low) : undefined;
  }

  clear(): void {
    this.#end = 0;
    this.#tags.clear();
  }

  #double(): void {
    const doubled = new Float64Array(this.#capacity * 2);
    doubled.set(this.#fields);
    this.#fields = doubled;
    this.#capacity = doubled.length;
  }

  #record(index: number): AllocationRecord {
    const record = { ptr: this.#ptr(index), size: this.#size(index), align: this.#align(index) };
    const tag = this.#tags.get(index * FIELDS);
    return tag === undefined ? record : { ...record, tag };
  }

  #ptr(index: number): number {
    return (this.#place(index) - this.#align(index)) / 2;
  }

  #align(index: number): number {
    return lowestBitSet(this.#place(index));
  }

  #size(index: number): number {
    return Number(this.#fields[index * FIELDS + 1]);
  }

  /** 2 * ptr + align. */
  #place(index: number): number {
    return Number(this.#fields[index * FIELDS]);
  }
}

/** Of a whole number above 0, at most 2^32. Bit operations see 32 bits: where they see nothing, the 33rd is the one. */
function lowestBitSet(value: number): number {
  return (value & -value) >>> 0 || ADDRESS_SPACE_BYTES;
}
