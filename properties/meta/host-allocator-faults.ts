/** Faulty copies of the host allocators, each one realistic defect, with the law that must catch it. */
import type { LawId } from '../../fuzz/laws.ts';
import { type AllocationRecord, type AllocationStats, MemoryError, type WasmMemory } from '../../src/index.ts';
import { PlainBumpAllocator, PlainStackAllocator } from './plain-host-allocators.ts';

export interface HostFault {
  /** What is wrong, in a few words. */
  readonly name: string;
  /** The law whose file must fail. */
  readonly law: string;
  readonly Bump?: typeof PlainBumpAllocator;
  readonly Stack?: typeof PlainStackAllocator;
  /** Absent where no trace can show it: tags, records, strings, and numbers that no operation states. */
  readonly shown?: Shown;
}

/** The fewest operations known that show a fault, parted by semicolons, and the law of the lockstep that they break. */
export interface Shown {
  readonly law: LawId;
  readonly trace: string;
}

const bump = (name: string, law: string, Bump: typeof PlainBumpAllocator, shown?: Shown): HostFault => ({
  name,
  law,
  Bump,
  ...(shown === undefined ? {} : { shown }),
});
const stack = (name: string, law: string, Stack: typeof PlainStackAllocator, shown?: Shown): HostFault => ({
  name,
  law,
  Stack,
  ...(shown === undefined ? {} : { shown }),
});
const shown = (law: LawId, trace: string): Shown => ({ law, trace });
const repeated = (count: number, operation: string): string => Array(count).fill(operation).join('; ');

/** Kept for all heaps on a memory, as a module-level table would be. */
const LATEST_HEAP = new WeakMap<WasmMemory, PlainBumpAllocator>();
const LATEST_STACK = new WeakMap<WasmMemory, PlainStackAllocator>();
const GROWTHS = new WeakMap<WebAssembly.Memory, number>();

function noteGrowth(raw: WebAssembly.Memory): void {
  GROWTHS.set(raw, (GROWTHS.get(raw) ?? 0) + 1);
}

export const HOST_FAULTS: readonly HostFault[] = [
  bump(
    'default alignment 4',
    'pointers-are-aligned',
    class extends PlainBumpAllocator {
      protected override defaultAlignment(): number {
        return 4;
      }
    },
    shown('pointers-are-aligned', '%0 = malloc 1; %1 = malloc 1'),
  ),
  bump(
    'alignment relative to the base',
    'pointers-are-aligned',
    class extends PlainBumpAllocator {
      protected override place(align: number): number {
        return this.start + Math.ceil(this.used / align) * align;
      }
    },
    shown('pointers-are-aligned', '%0 = aligned_alloc 131072 1'),
  ),
  bump(
    'alignment by 32-bit masks, negative from 2^31',
    'exhaustion-is-reported',
    class extends PlainBumpAllocator {
      protected override place(align: number): number {
        const ptr = (this.next + align - 1) & ~(align - 1);
        if (ptr < 0) throw new RangeError(`offset ${ptr} is out of range`);
        return ptr;
      }
    },
    shown('exhaustion-is-reported', '%0 = aligned_alloc 2147483648 1'),
  ),
  bump(
    'a block too large by one passes the end of memory',
    'regions-stay-in-bounds',
    class extends PlainBumpAllocator {
      protected override reserve(end: number): void {
        super.reserve(end - 1);
      }
    },
    shown('regions-stay-in-bounds', '%0 = malloc 65537'),
  ),
  bump(
    'pages rounded down',
    'regions-stay-in-bounds',
    class extends PlainBumpAllocator {
      protected override grow(pages: number): void {
        super.grow(Math.max(1, pages - 1));
      }
    },
    shown('regions-stay-in-bounds', '%0 = malloc 131073'),
  ),
  bump(
    'the next block begins a byte early',
    'regions-never-overlap',
    class extends PlainBumpAllocator {
      protected override note(ptr: number, size: number, align: number, tag: string | undefined): void {
        super.note(ptr, size, align, tag);
        if (size % 16 === 1) this.next -= 1;
      }
    },
    shown('regions-never-overlap', '%0 = malloc 1; %1 = malloc 1'),
  ),
  bump(
    'a header is written before the block',
    'bytes-survive-their-neighbours',
    class extends PlainBumpAllocator {
      override alloc(size: number, align?: number, tag?: string): number {
        const ptr = super.alloc(size, align, tag);
        if (ptr >= this.start + 4) this.memory.writeI32(ptr - 4, size);
        return ptr;
      }
    },
    shown('bytes-survive-their-neighbours', '%0 = malloc 5; %1 = malloc 1'),
  ),
  bump(
    'sizes cut to 32 bits',
    'invalid-requests-are-refused',
    class extends PlainBumpAllocator {
      override alloc(size: number, align?: number, tag?: string): number {
        return super.alloc(Number.isInteger(size) && size > 2 ** 32 ? size % 2 ** 32 : size, align, tag);
      }
    },
  ),
  bump(
    'fractional sizes accepted',
    'invalid-requests-are-refused',
    class extends PlainBumpAllocator {
      protected override isSize(size: number): boolean {
        return size > 0 && size <= 2 ** 32;
      }
    },
  ),
  bump(
    'NaN passes a check by comparison',
    'invalid-requests-are-refused',
    class extends PlainBumpAllocator {
      protected override isSize(size: number): boolean {
        return !(size <= 0) && !(size > 2 ** 32);
      }
    },
  ),
  bump(
    'alignment checked by 32-bit masks',
    'invalid-requests-are-refused',
    class extends PlainBumpAllocator {
      protected override isAlignment(align: number): boolean {
        return align > 0 && (align & (align - 1)) === 0;
      }
    },
  ),
  bump(
    'zero bytes give a pointer',
    'zero-size-policy-is-constant',
    class extends PlainBumpAllocator {
      protected override isSize(size: number): boolean {
        return size === 0 || super.isSize(size);
      }
    },
    shown('zero-size-policy-is-constant', '%0 = aligned_alloc 1 0'),
  ),
  bump(
    'a refused growth moves the offset',
    'exhaustion-is-reported',
    class extends PlainBumpAllocator {
      protected override reserve(end: number): void {
        const before = this.next;
        this.next = end;
        super.reserve(end);
        this.next = before;
      }
    },
    shown('exhaustion-is-reported', '%0 = malloc 262145; %1 = malloc 196601'),
  ),
  bump(
    'an impossible size counts as requested',
    'impossible-sizes-are-refused',
    class extends PlainBumpAllocator {
      protected override reserve(end: number): void {
        if (end > 2 ** 31) this.requestedBytes += 1;
        super.reserve(end);
      }
    },
    shown('impossible-sizes-are-refused', '%0 = aligned_alloc 1 2147418113'),
  ),
  bump(
    'a refused growth is a RangeError',
    'exhaustion-is-reported',
    class extends PlainBumpAllocator {
      protected override grow(pages: number): void {
        try {
          super.grow(pages);
        } catch (error) {
          throw error instanceof MemoryError ? new RangeError('grow failed') : error;
        }
      }
    },
    shown('exhaustion-is-reported', '%0 = malloc 262145; %1 = malloc 196601'),
  ),
  bump(
    'the last byte of memory is never used',
    'refusals-are-honest',
    class extends PlainBumpAllocator {
      protected override reserve(end: number): void {
        super.reserve(end + 1);
      }
    },
    shown('growth-is-proportionate', '%0 = malloc 65536'),
  ),
  bump(
    'growth doubles memory',
    'growth-is-proportionate',
    class extends PlainBumpAllocator {
      protected override grow(pages: number): void {
        super.grow(Math.max(pages, this.memory.pages()));
      }
    },
    shown('growth-is-proportionate', '%0 = malloc 65537'),
  ),
  bump(
    'one page of reserve with every growth',
    'growth-is-proportionate',
    class extends PlainBumpAllocator {
      protected override grow(pages: number): void {
        super.grow(pages + 1);
      }
    },
    shown('growth-is-proportionate', '%0 = malloc 65537'),
  ),
  bump(
    'the size of memory is remembered',
    'growth-is-proportionate',
    class extends PlainBumpAllocator {
      #known = this.memory.size();

      protected override reserve(end: number): void {
        if (end <= this.#known) return;
        const pages = Math.ceil((end - this.#known) / 65536);
        this.grow(pages);
        this.#known += pages * 65536;
      }
    },
    shown('growth-is-proportionate', 'grow 1; %0 = malloc 65537'),
  ),
  bump(
    'padding counts as requested',
    'statistics-match-history',
    class extends PlainBumpAllocator {
      protected override note(ptr: number, size: number, align: number, tag: string | undefined): void {
        const padding = ptr - this.next;
        super.note(ptr, size, align, tag);
        this.requestedBytes += padding;
      }
    },
    shown('statistics-match-history', '%0 = malloc 1; %1 = malloc 1'),
  ),
  bump(
    'pages grown are counted, not growths',
    'statistics-match-history',
    class extends PlainBumpAllocator {
      protected override grow(pages: number): void {
        super.grow(pages);
        this.growths += pages - 1;
      }
    },
    shown('statistics-match-history', '%0 = malloc 131073'),
  ),
  bump(
    'the peak leaves padding out',
    'statistics-match-history',
    class extends PlainBumpAllocator {
      override getStats(): AllocationStats {
        return { ...super.getStats(), peakUsage: Math.max(this.requestedBytes, 0) };
      }
    },
    shown('statistics-match-history', '%0 = malloc 1; %1 = malloc 1'),
  ),
  bump(
    'the offset in the statistics is relative',
    'statistics-match-history',
    class extends PlainBumpAllocator {
      override getStats(): AllocationStats {
        return { ...super.getStats(), currentOffset: this.used };
      }
    },
    shown('statistics-match-history', '%0 = malloc 1'),
  ),
  bump(
    'reset returns to the default base',
    'reset-starts-over',
    class extends PlainBumpAllocator {
      override reset(): void {
        super.reset();
        this.next = 0x10000;
      }
    },
  ),
  bump(
    'reset keeps the total',
    'reset-starts-over',
    class extends PlainBumpAllocator {
      override reset(): void {
        const total = this.requestedBytes;
        super.reset();
        this.requestedBytes = total;
      }
    },
    shown('reset-starts-over', '%0 = malloc 1; reset'),
  ),
  bump(
    'reset clears the peak',
    'reset-starts-over',
    class extends PlainBumpAllocator {
      override reset(): void {
        super.reset();
        this.peakBytes = 0;
      }
    },
    shown('reset-starts-over', '%0 = malloc 1; reset'),
  ),
  bump(
    'reset keeps the records',
    'records-match-history',
    class extends PlainBumpAllocator {
      override reset(): void {
        const { records } = this;
        super.reset();
        this.records = records;
      }
    },
    shown('reset-starts-over', '%0 = malloc 1; reset'),
  ),
  bump(
    'reset keeps the record that was looked up last',
    'records-match-history',
    class extends PlainBumpAllocator {
      #last: AllocationRecord | undefined;
      override getAllocationInfo(ptr: number): AllocationRecord | undefined {
        this.#last = super.getAllocationInfo(ptr) ?? this.#last;
        return this.#last?.ptr === ptr ? { ...this.#last } : undefined;
      }
    },
  ),
  bump(
    'a second heap without a base begins where the first has come to',
    'a-fresh-heap-changes-nothing',
    class extends PlainBumpAllocator {
      constructor(memory: WasmMemory, base = LATEST_HEAP.get(memory)?.offset) {
        super(memory, base);
        LATEST_HEAP.set(memory, this);
      }
    },
  ),
  bump(
    'growths are counted for all heaps of a memory',
    'a-fresh-heap-changes-nothing',
    class extends PlainBumpAllocator {
      override getStats(): AllocationStats {
        return { ...super.getStats(), growthCount: GROWTHS.get(this.memory.getRawMemory()) ?? 0 };
      }
      protected override grow(pages: number): void {
        super.grow(pages);
        noteGrowth(this.memory.getRawMemory());
      }
    },
  ),
  bump(
    'growths since it was made are counted, whichever heap grew',
    'statistics-match-history',
    class extends PlainBumpAllocator {
      readonly #before = GROWTHS.get(this.memory.getRawMemory()) ?? 0;
      override getStats(): AllocationStats {
        return { ...super.getStats(), growthCount: (GROWTHS.get(this.memory.getRawMemory()) ?? 0) - this.#before };
      }
      protected override grow(pages: number): void {
        super.grow(pages);
        noteGrowth(this.memory.getRawMemory());
      }
    },
  ),
  bump(
    'the offset is cut to 32 bits',
    'addresses-reach-past-two-gigabytes',
    class extends PlainBumpAllocator {
      override get offset(): number {
        return super.offset >>> 0;
      }
    },
  ),
  bump(
    'blocks from the 1001st are not aligned by default',
    'pointers-are-aligned',
    class extends PlainBumpAllocator {
      #blocks = 0;
      protected override defaultAlignment(): number {
        this.#blocks += 1;
        return this.#blocks > 1000 ? 1 : 8;
      }
    },
    shown('pointers-are-aligned', repeated(1001, '%0 = malloc 1')),
  ),
  bump(
    'every block is padded to 8',
    'agrees-with-the-contract',
    class extends PlainBumpAllocator {
      protected override note(ptr: number, size: number, align: number, tag: string | undefined): void {
        super.note(ptr, size, align, tag);
        this.next = Math.ceil(this.next / 8) * 8;
      }
    },
    shown('statistics-match-history', '%0 = malloc 1'),
  ),
  bump(
    'free of the last block takes it back',
    'free-changes-nothing',
    class extends PlainBumpAllocator {
      override free(ptr: number): void {
        if (this.records.at(-1)?.ptr === ptr) this.next = this.records.pop()?.ptr ?? this.next;
      }
    },
    shown('statistics-match-history', '%0 = malloc 1; free %0'),
  ),
  bump(
    'free of a stranger throws',
    'free-changes-nothing',
    class extends PlainBumpAllocator {
      override free(ptr: number): void {
        if (ptr !== 0 && this.getAllocationInfo(ptr) === undefined) throw new MemoryError('not a block', ptr, 0);
      }
    },
  ),
  bump(
    'records are handed out themselves',
    'records-match-history',
    class extends PlainBumpAllocator {
      override getAllocations(): AllocationRecord[] {
        return this.records;
      }
    },
  ),
  bump(
    'a record found is the record itself',
    'records-match-history',
    class extends PlainBumpAllocator {
      override getAllocationInfo(ptr: number): AllocationRecord | undefined {
        return this.records.find((record) => record.ptr === ptr);
      }
    },
  ),
  bump(
    'a record is found by any pointer inside',
    'records-match-history',
    class extends PlainBumpAllocator {
      override getAllocationInfo(ptr: number): AllocationRecord | undefined {
        return this.records.find((record) => ptr >= record.ptr && ptr < record.ptr + record.size);
      }
    },
  ),
  bump(
    'an empty tag is dropped',
    'records-match-history',
    class extends PlainBumpAllocator {
      protected override note(ptr: number, size: number, align: number, tag: string | undefined): void {
        super.note(ptr, size, align, tag || undefined);
      }
    },
  ),
  bump(
    'strings get three bytes a unit',
    'strings-get-blocks',
    class extends PlainBumpAllocator {
      protected override stringBytes(str: string): number {
        return Math.max(1, str.length * 3);
      }
    },
  ),
  bump(
    'strings are not aligned',
    'strings-get-blocks',
    class extends PlainBumpAllocator {
      protected override stringAlignment(): number {
        return 1;
      }
    },
  ),
  bump(
    'an empty string gets no block',
    'strings-get-blocks',
    class extends PlainBumpAllocator {
      override allocString(str: string, tag?: string): number {
        return str === '' ? this.next : super.allocString(str, tag);
      }
    },
  ),
  bump(
    'the tag of a string is lost',
    'strings-get-blocks',
    class extends PlainBumpAllocator {
      override allocString(str: string): number {
        return super.allocString(str);
      }
    },
  ),
  bump(
    'alignment by 32-bit masks, 0 from 2^32',
    'addresses-reach-past-two-gigabytes',
    class extends PlainBumpAllocator {
      protected override place(align: number): number {
        return ((this.next + align - 1) & ~(align - 1)) >>> 0;
      }
    },
  ),
  bump(
    'the total is counted in 32 bits',
    'addresses-reach-past-two-gigabytes',
    class extends PlainBumpAllocator {
      protected override note(ptr: number, size: number, align: number, tag: string | undefined): void {
        super.note(ptr, size, align, tag);
        this.requestedBytes |= 0;
      }
    },
  ),
  bump(
    'making a heap past the end of memory grows it',
    'a-fresh-heap-changes-nothing',
    class extends PlainBumpAllocator {
      constructor(memory: WasmMemory, base?: number) {
        super(memory, base);
        if (memory.size() <= this.start && this.start < 2 ** 18) memory.grow(1);
      }
    },
  ),
  bump(
    'the statistics are one object, brought up to date',
    'records-match-history',
    class extends PlainBumpAllocator {
      readonly #shown: object = {};
      override getStats(): AllocationStats {
        return Object.assign(this.#shown, super.getStats());
      }
    },
  ),
  bump(
    'the latest 1000 records are kept',
    'records-match-history',
    class extends PlainBumpAllocator {
      protected override note(ptr: number, size: number, align: number, tag: string | undefined): void {
        super.note(ptr, size, align, tag);
        if (this.records.length > 1000) this.records.shift();
      }
    },
    shown('statistics-match-history', repeated(1001, '%0 = malloc 1')),
  ),
  bump(
    'a block that made memory grow loses its tag',
    'records-match-history',
    class extends PlainBumpAllocator {
      #growthsSeen = 0;
      protected override note(ptr: number, size: number, align: number, tag: string | undefined): void {
        super.note(ptr, size, align, this.growths === this.#growthsSeen ? tag : undefined);
        this.#growthsSeen = this.growths;
      }
    },
  ),
  bump(
    'the tag of a refused request goes to the next block',
    'records-match-history',
    class extends PlainBumpAllocator {
      #tag: string | undefined;
      override alloc(size: number, align?: number, tag?: string): number {
        this.#tag = tag ?? this.#tag;
        const ptr = super.alloc(size, align, this.#tag);
        this.#tag = undefined;
        return ptr;
      }
    },
  ),
  bump(
    'tags are cut to 64 units',
    'records-match-history',
    class extends PlainBumpAllocator {
      protected override note(ptr: number, size: number, align: number, tag: string | undefined): void {
        super.note(ptr, size, align, tag?.slice(0, 64));
      }
    },
  ),
  bump(
    'the byte behind the block of a string is cleared',
    'strings-get-blocks',
    class extends PlainBumpAllocator {
      override allocString(str: string, tag?: string): number {
        const ptr = super.allocString(str, tag);
        if (this.next < this.memory.size()) this.memory.writeBytes(this.next, Uint8Array.of(0));
        return ptr;
      }
    },
  ),
  bump(
    'a string is written with a terminator',
    'bytes-survive-their-neighbours',
    class extends PlainBumpAllocator {
      override alloc(size: number, align?: number, tag?: string): number {
        const ptr = super.alloc(size, align, tag);
        if (ptr > this.start) this.memory.writeBytes(ptr - 1, Uint8Array.of(0));
        return ptr;
      }
    },
    shown('bytes-survive-their-neighbours', '%0 = malloc 8; %1 = malloc 1'),
  ),
  bump(
    'the heap begins in the stack',
    'default-regions-are-disjoint',
    class extends PlainBumpAllocator {
      constructor(memory: WasmMemory, base = 0x8000) {
        super(memory, base);
      }
    },
    shown('regions-stay-in-bounds', '%0 = malloc 1'),
  ),
  stack(
    'the default region is the heap',
    'default-regions-are-disjoint',
    class extends PlainStackAllocator {
      constructor(memory: WasmMemory, base = 0x10000, size = 0x8000) {
        if (memory.size() < base + size) memory.grow(1);
        super(memory, base, size);
      }
    },
    shown('regions-stay-in-bounds', '%0 = malloc 1'),
  ),
  stack(
    'the region may leave memory',
    'invalid-requests-are-refused',
    class extends PlainStackAllocator {
      constructor(memory: WasmMemory, base = 0x8000, size = 0x8000) {
        if (!(base >= 0)) throw new MemoryError('bad base', base, size);
        super(memory, Math.min(base, memory.size()), Math.min(size, memory.size() - Math.min(base, memory.size())));
      }
    },
  ),
  stack(
    'a region without a size shrinks to what is left of memory',
    'invalid-requests-are-refused',
    class extends PlainStackAllocator {
      constructor(memory: WasmMemory, base = 0x8000, size = Math.min(0x8000, memory.size() - base)) {
        super(memory, base, size);
      }
    },
  ),
  stack(
    'the top is cut to 32 bits',
    'addresses-reach-past-two-gigabytes',
    class extends PlainStackAllocator {
      override get top(): number {
        return this.next >>> 0;
      }
    },
  ),
  stack(
    'a second stack begins above the first',
    'default-regions-are-disjoint',
    class extends PlainStackAllocator {
      constructor(memory: WasmMemory, base = LATEST_STACK.get(memory)?.top, size?: number) {
        super(memory, base, size ?? 0x10000 - (base ?? 0x8000));
        LATEST_STACK.set(memory, this);
      }
    },
  ),
  stack(
    'blocks from the 1001st are not aligned by default',
    'pointers-are-aligned',
    class extends PlainStackAllocator {
      #blocks = 0;
      protected override defaultAlignment(): number {
        this.#blocks += 1;
        return this.#blocks > 1000 ? 1 : 8;
      }
    },
    shown('pointers-are-aligned', repeated(1001, '%0 = malloc 1')),
  ),
  stack(
    'default alignment 4',
    'pointers-are-aligned',
    class extends PlainStackAllocator {
      protected override defaultAlignment(): number {
        return 4;
      }
    },
    shown('pointers-are-aligned', '%0 = malloc 1; %0 = malloc 1'),
  ),
  stack(
    'alignment relative to the base',
    'pointers-are-aligned',
    class extends PlainStackAllocator {
      protected override place(align: number): number {
        return this.base + Math.ceil(this.used / align) * align;
      }
    },
    shown('pointers-are-aligned', '%0 = aligned_alloc 65536 1'),
  ),
  stack(
    'alignment 0 is taken for 1',
    'invalid-requests-are-refused',
    class extends PlainStackAllocator {
      protected override isAlignment(align: number): boolean {
        return align === 0 || super.isAlignment(align);
      }

      protected override place(align: number): number {
        return align === 0 ? this.next : super.place(align);
      }
    },
    shown('pointers-are-aligned', '%0 = aligned_alloc 0 1'),
  ),
  stack(
    'one byte past the region',
    'regions-stay-in-bounds',
    class extends PlainStackAllocator {
      protected override fits(end: number): boolean {
        return super.fits(end - 1);
      }
    },
    shown('regions-stay-in-bounds', '%0 = malloc 32761; %1 = malloc 1'),
  ),
  stack(
    'the last byte is never used',
    'refusals-are-honest',
    class extends PlainStackAllocator {
      protected override fits(end: number): boolean {
        return super.fits(end + 1);
      }
    },
    shown('refusals-are-honest', '%0 = malloc 32768'),
  ),
  stack(
    'overflow moves the top',
    'exhaustion-is-reported',
    class extends PlainStackAllocator {
      protected override overflow(ptr: number, size: number): never {
        this.next = ptr;
        if (ptr % 8 === 0) this.next = Math.min(ptr + 8, this.base + this.size);
        return super.overflow(ptr, size);
      }
    },
    shown('impossible-sizes-are-refused', '%0 = aligned_alloc 1 32769'),
  ),
  stack(
    'overflow does not say what is available',
    'overflow-is-explained',
    class extends PlainStackAllocator {
      protected override overflow(ptr: number, size: number): never {
        throw new MemoryError(`Stack overflow: ${size} bytes needed, ${this.size} in all`, ptr, size);
      }
    },
  ),
  stack(
    'pop returns to the outermost mark',
    'pop-is-last-in-first-out',
    class extends PlainStackAllocator {
      override pop(): void {
        const mark = this.marks.shift();
        if (mark === undefined) throw new MemoryError('no mark', this.next, 0);
        this.next = mark;
      }
    },
    shown('agrees-with-the-contract', 'mark; %0 = malloc 1; mark; pop'),
  ),
  stack(
    'a mark at address 0 is taken for none',
    'pop-is-last-in-first-out',
    class extends PlainStackAllocator {
      override pop(): void {
        const mark = this.marks.pop();
        if (!mark) throw new MemoryError('no mark', this.next, 0);
        this.next = mark;
      }
    },
  ),
  stack(
    'marks beyond 256 are not kept',
    'pop-is-last-in-first-out',
    class extends PlainStackAllocator {
      override mark(): void {
        if (this.marks.length < 256) super.mark();
      }
    },
    shown('agrees-with-the-contract', `${repeated(256, 'mark')}; %0 = malloc 1; mark; pop`),
  ),
  stack(
    'pop without a mark empties the stack',
    'agrees-with-the-contract',
    class extends PlainStackAllocator {
      override pop(): void {
        this.next = this.marks.pop() ?? this.base;
      }
    },
    shown('agrees-with-the-contract', 'pop'),
  ),
  stack(
    'one mark at a time',
    'pop-is-last-in-first-out',
    class extends PlainStackAllocator {
      override mark(): void {
        this.marks = [this.next];
      }
    },
    shown('agrees-with-the-contract', 'mark; mark; pop; pop'),
  ),
  stack(
    'reset keeps the marks',
    'pop-is-last-in-first-out',
    class extends PlainStackAllocator {
      override reset(): void {
        const { marks } = this;
        super.reset();
        this.marks = marks;
      }
    },
    shown('agrees-with-the-contract', 'mark; reset; pop'),
  ),
  stack(
    'reset returns to the innermost mark',
    'reset-starts-over',
    class extends PlainStackAllocator {
      override reset(): void {
        const mark = this.marks.at(-1) ?? this.base;
        super.reset();
        this.next = mark;
      }
    },
    shown('reset-starts-over', '%0 = malloc 1; mark; reset'),
  ),
  stack(
    'used is counted from zero',
    'statistics-match-history',
    class extends PlainStackAllocator {
      override get used(): number {
        return this.next;
      }
    },
    shown('statistics-match-history', '%0 = malloc 1'),
  ),
  stack(
    'capacity is what is left',
    'statistics-match-history',
    class extends PlainStackAllocator {
      override get capacity(): number {
        return this.base + this.size - this.next;
      }
    },
    shown('statistics-match-history', '%0 = malloc 1'),
  ),
  stack(
    'a block after a pop overlaps the one below',
    'agrees-with-the-contract',
    class extends PlainStackAllocator {
      override pop(): void {
        super.pop();
        this.next = Math.max(this.base, this.next - 8);
      }
    },
    shown('agrees-with-the-contract', '%0 = malloc 1; mark; pop'),
  ),
];
