/**
 * The host allocators once more, written plainly from the contract, with every decision a method of its own.
 *
 * Unchanged they are sound, and the suite must stay silent on them: it judges the contract, not our code. The table of
 * faults overrides one method each.
 */
import {
  type AllocationRecord,
  type AllocationStats,
  MEMORY_LAYOUT,
  MemoryError,
  type WasmMemory,
} from '../../src/index.ts';

export class PlainBumpAllocator {
  protected readonly memory: WasmMemory;
  protected readonly start: number;
  protected next: number;
  protected requestedBytes = 0;
  protected peakBytes = 0;
  protected growths = 0;
  protected records: AllocationRecord[] = [];

  constructor(memory: WasmMemory, base: number = MEMORY_LAYOUT.HEAP_BASE) {
    if (!Number.isInteger(base) || base < 0 || base >= 2 ** 32) throw new MemoryError(`bad base ${base}`, base, 0);
    this.memory = memory;
    this.start = base;
    this.next = base;
  }

  alloc(size: number, align: number = this.defaultAlignment(), tag?: string): number {
    if (!this.isSize(size)) throw new MemoryError(`bad size ${size}`, this.next, size);
    if (!this.isAlignment(align)) throw new MemoryError(`bad alignment ${align}`, this.next, size);
    const ptr = this.place(align);
    this.reserve(ptr + size);
    this.note(ptr, size, align, tag);
    return ptr;
  }

  allocString(str: string, tag?: string): number {
    const ptr = this.alloc(this.stringBytes(str), this.stringAlignment(), tag);
    this.memory.writeString(ptr, str);
    return ptr;
  }

  free(_ptr: number): void {}

  reset(): void {
    this.next = this.start;
    this.requestedBytes = 0;
    this.records = [];
  }

  getStats(): AllocationStats {
    return {
      totalAllocated: this.requestedBytes,
      activeAllocations: this.records.length,
      peakUsage: this.peakBytes,
      currentOffset: this.next,
      growthCount: this.growths,
    };
  }

  get offset(): number {
    return this.next;
  }

  get base(): number {
    return this.start;
  }

  get used(): number {
    return this.next - this.start;
  }

  getAllocations(): AllocationRecord[] {
    return this.records.map((record) => ({ ...record }));
  }

  getAllocationInfo(ptr: number): AllocationRecord | undefined {
    const record = this.records.find((candidate) => candidate.ptr === ptr);
    return record === undefined ? undefined : { ...record };
  }

  protected defaultAlignment(): number {
    return 8;
  }

  protected isSize(size: number): boolean {
    return Number.isInteger(size) && size > 0 && size <= 2 ** 32;
  }

  protected isAlignment(align: number): boolean {
    return Number.isInteger(align) && align > 0 && align <= 2 ** 32 && Number.isInteger(Math.log2(align));
  }

  protected place(align: number): number {
    return Math.ceil(this.next / align) * align;
  }

  /** Makes memory reach `end`. */
  protected reserve(end: number): void {
    const size = this.memory.size();
    if (end <= size) return;
    this.grow(Math.ceil((end - size) / 65536));
  }

  protected grow(pages: number): void {
    this.memory.grow(pages);
    this.growths += 1;
  }

  protected note(ptr: number, size: number, align: number, tag: string | undefined): void {
    this.next = ptr + size;
    this.requestedBytes += size;
    this.peakBytes = Math.max(this.peakBytes, this.used);
    this.records.push(tag === undefined ? { ptr, size, align } : { ptr, size, align, tag });
  }

  protected stringBytes(str: string): number {
    return Math.max(1, str.length * 4);
  }

  protected stringAlignment(): number {
    return 4;
  }
}

export class PlainStackAllocator {
  protected readonly base: number;
  protected readonly size: number;
  protected next: number;
  protected marks: number[] = [];

  constructor(memory: WasmMemory, base = 0x8000, size = 0x8000) {
    memory.isValidRange(base, size);
    this.base = base;
    this.size = size;
    this.next = base;
  }

  alloc(size: number, align: number = this.defaultAlignment()): number {
    if (!Number.isInteger(size) || size <= 0 || size > 2 ** 32)
      throw new MemoryError(`bad size ${size}`, this.next, size);
    if (!this.isAlignment(align)) throw new MemoryError(`bad alignment ${align}`, this.next, size);
    const ptr = this.place(align);
    if (!this.fits(ptr + size)) this.overflow(ptr, size);
    this.next = ptr + size;
    return ptr;
  }

  mark(): void {
    this.marks.push(this.next);
  }

  pop(): void {
    const mark = this.marks.pop();
    if (mark === undefined) throw new MemoryError('no mark', this.next, 0);
    this.next = mark;
  }

  reset(): void {
    this.next = this.base;
    this.marks = [];
  }

  get used(): number {
    return this.next - this.base;
  }

  get capacity(): number {
    return this.size;
  }

  get top(): number {
    return this.next;
  }

  protected defaultAlignment(): number {
    return 8;
  }

  protected isAlignment(align: number): boolean {
    return Number.isInteger(align) && align > 0 && align <= 2 ** 32 && Number.isInteger(Math.log2(align));
  }

  protected place(align: number): number {
    return Math.ceil(this.next / align) * align;
  }

  protected fits(end: number): boolean {
    return end <= this.base + this.size;
  }

  protected overflow(ptr: number, size: number): never {
    const available = this.base + this.size - this.next;
    throw new MemoryError(`Stack overflow: ${size} bytes needed, ${available} available`, ptr, size);
  }
}
