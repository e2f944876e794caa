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

/** Numbers kept of a record, side by side: ptr, size - 1, align - 1. Less one, because both may be 2^32. */
const FIELDS = 3;

/** Records before the first doubling; they take 1.5 KiB. */
const INITIAL_CAPACITY = 128;

/**
 * The blocks of a bump allocator, in allocation order.
 *
 * Keeping one costs three stores into a typed array and no object. Addresses only ever rise, so the order of
 * allocation is the order of addresses and a look-up is a binary search.
 */
export class AllocationRecords {
  #fields = new Uint32Array(INITIAL_CAPACITY * FIELDS);
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
    if (at === this.#fields.length) this.#double();
    const fields = this.#fields;
    fields[at] = ptr;
    fields[at + 1] = size - 1;
    fields[at + 2] = align - 1;
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
      if (this.#field(middle, 0) < ptr) low = middle + 1;
      else high = middle;
    }
    return low < this.count && this.#field(low, 0) === ptr ? this.#record(low) : undefined;
  }

  clear(): void {
    this.#end = 0;
    this.#tags.clear();
  }

  #double(): void {
    const doubled = new Uint32Array(this.#fields.length * 2);
    doubled.set(this.#fields);
    this.#fields = doubled;
  }

  #record(index: number): AllocationRecord {
    const record = { ptr: this.#field(index, 0), size: this.#field(index, 1) + 1, align: this.#field(index, 2) + 1 };
    const tag = this.#tags.get(index * FIELDS);
    return tag === undefined ? record : { ...record, tag };
  }

  #field(index: number, field: number): number {
    return Number(this.#fields[index * FIELDS + field]);
  }
}
