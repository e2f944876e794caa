/**
 * Faulty copies of the memory interface: one realistic defect each, with the law that has to catch it.
 *
 * Each row overrides as little of the reference as its defect takes. Adding a defect is adding a row.
 */
import { agreesWithTheVirtualMachine } from '../wasm-memory/agrees-with-the-virtual-machine.property.ts';
import { bordersAreExact } from '../wasm-memory/borders-are-exact.property.ts';
import { bytesAreWrittenWhole } from '../wasm-memory/bytes-are-written-whole.property.ts';
import { bytesReadAreCopies } from '../wasm-memory/bytes-read-are-copies.property.ts';
import { createdViewsAreWindows } from '../wasm-memory/created-views-are-windows.property.ts';
import { errorsCarryContext } from '../wasm-memory/errors-carry-context.property.ts';
import { growthCountsPages } from '../wasm-memory/growth-counts-pages.property.ts';
import { historiesMatchAByteArray } from '../wasm-memory/histories-match-a-byte-array.property.ts';
import { littleEndianRoundTrips } from '../wasm-memory/little-endian-round-trips.property.ts';
import { malformedTextIsRefused } from '../wasm-memory/malformed-text-is-refused.property.ts';
import type { MemoryLaw } from '../wasm-memory/memory-law.ts';
import { pointersReachPastTwoGigabytes } from '../wasm-memory/pointers-reach-past-two-gigabytes.property.ts';
import { refusedCallsChangeNothing } from '../wasm-memory/refused-calls-change-nothing.property.ts';
import { stringsAreUtf8 } from '../wasm-memory/strings-are-utf8.property.ts';
import { viewsFollowGrowth } from '../wasm-memory/views-follow-growth.property.ts';
import { writesTouchOnlyTheirBytes } from '../wasm-memory/writes-touch-only-their-bytes.property.ts';
import { writesWrapAndRound } from '../wasm-memory/writes-wrap-and-round.property.ts';
import { ReferenceMemory } from './wasm-memory-reference.ts';

export interface MemoryFault {
  /** The defect, as one would report it. */
  readonly name: string;
  /** The law that has to catch it, and its claim. Others may as well. */
  readonly law: MemoryLaw;
  readonly claim: string;
  readonly type: new (raw: WebAssembly.Memory) => ReferenceMemory;
}

const FAULTS_OF_NUMBERS: readonly MemoryFault[] = [
  {
    name: 'readI32 is big-endian',
    law: littleEndianRoundTrips,
    claim: 'readI32 gives the value of the bytes',
    type: class extends ReferenceMemory {
      override readI32(ptr: number): number {
        this.isValidRange(ptr, 4);
        return this.view().getInt32(ptr);
      }
    },
  },
  {
    name: 'I64 is big-endian both ways',
    law: agreesWithTheVirtualMachine,
    claim: 'I64 has the same value on both sides',
    type: class extends ReferenceMemory {
      override readI64(ptr: number): bigint {
        this.isValidRange(ptr, 8);
        return this.view().getBigInt64(ptr);
      }
      override writeI64(ptr: number, value: bigint): void {
        this.isValidRange(ptr, 8);
        this.view().setBigInt64(ptr, value);
      }
    },
  },
  {
    name: 'F32 is big-endian both ways',
    law: littleEndianRoundTrips,
    claim: 'readF32 gives the value of the bytes',
    type: class extends ReferenceMemory {
      override readF32(ptr: number): number {
        this.isValidRange(ptr, 4);
        return this.view().getFloat32(ptr);
      }
      override writeF32(ptr: number, value: number): void {
        this.isValidRange(ptr, 4);
        this.view().setFloat32(ptr, value);
      }
    },
  },
  {
    name: 'readI32 loses the sign',
    law: littleEndianRoundTrips,
    claim: 'readI32 gives the value of the bytes',
    type: class extends ReferenceMemory {
      override readI32(ptr: number): number {
        return super.readI32(ptr) >>> 0;
      }
    },
  },
  {
    name: 'readI64 loses the sign',
    law: littleEndianRoundTrips,
    claim: 'readI64 gives the value of the bytes',
    type: class extends ReferenceMemory {
      override readI64(ptr: number): bigint {
        return BigInt.asUintN(64, super.readI64(ptr));
      }
    },
  },
  {
    name: 'readI64 goes through a double and loses its low bits',
    law: littleEndianRoundTrips,
    claim: 'readI64 gives the value of the bytes',
    type: class extends ReferenceMemory {
      override readI64(ptr: number): bigint {
        return BigInt(Number(super.readI64(ptr)));
      }
    },
  },
  {
    name: 'writeI64 swaps its halves',
    law: littleEndianRoundTrips,
    claim: 'writeI64 leaves the bytes of the value',
    type: class extends ReferenceMemory {
      override writeI64(ptr: number, value: bigint): void {
        super.writeI64(ptr, (BigInt.asUintN(32, value) << 32n) | BigInt.asUintN(32, value >> 32n));
      }
    },
  },
  {
    name: 'writeI64 joins halves of which the low one is signed',
    law: littleEndianRoundTrips,
    claim: 'writeI64 leaves the bytes of the value',
    type: class extends ReferenceMemory {
      override writeI64(ptr: number, value: bigint): void {
        super.writeI64(ptr, ((value >> 32n) << 32n) + BigInt.asIntN(32, value));
      }
    },
  },
  {
    name: 'writeI32 writes nothing at its 1001st and 1002nd call',
    law: littleEndianRoundTrips,
    claim: 'writeI32 and readI32 5000 times',
    type: class extends ReferenceMemory {
      #calls = 0;
      override writeI32(ptr: number, value: number): void {
        this.#calls += 1;
        this.isValidRange(ptr, 4);
        if (this.#calls !== 1001 && this.#calls !== 1002) super.writeI32(ptr, value);
      }
    },
  },
  {
    name: 'readF64 answers zero at its 4096th call',
    law: littleEndianRoundTrips,
    claim: 'writeF64 and readF64 5000 times',
    type: class extends ReferenceMemory {
      #calls = 0;
      override readF64(ptr: number): number {
        this.#calls += 1;
        return this.#calls === 4096 ? 0 * super.readF64(ptr) : super.readF64(ptr);
      }
    },
  },
  {
    name: 'writeF32 loses the sign of zero',
    law: littleEndianRoundTrips,
    claim: 'writeF32 leaves the bytes of the value',
    type: class extends ReferenceMemory {
      override writeF32(ptr: number, value: number): void {
        super.writeF32(ptr, value === 0 ? 0 : value);
      }
    },
  },
  {
    name: 'readF64 flushes denormals to zero',
    law: littleEndianRoundTrips,
    claim: 'readF64 gives the value of the bytes',
    type: class extends ReferenceMemory {
      override readF64(ptr: number): number {
        const value = super.readF64(ptr);
        return Math.abs(value) < 2 ** -1022 ? value * 0 : value;
      }
    },
  },
  {
    name: 'writeF64 rounds to a single',
    law: littleEndianRoundTrips,
    claim: 'writeF64 leaves the bytes of the value',
    type: class extends ReferenceMemory {
      override writeF64(ptr: number, value: number): void {
        super.writeF64(ptr, Math.fround(value));
      }
    },
  },
  {
    name: 'writeF64 writes NaN as zero',
    law: littleEndianRoundTrips,
    claim: 'writeF64 leaves the bytes of the value',
    type: class extends ReferenceMemory {
      override writeF64(ptr: number, value: number): void {
        super.writeF64(ptr, value || 0);
      }
    },
  },
  {
    name: 'readF32 aligns its pointer',
    law: littleEndianRoundTrips,
    claim: 'readF32 gives the value of the bytes',
    type: class extends ReferenceMemory {
      override readF32(ptr: number): number {
        return super.readF32(ptr - (ptr % 4));
      }
    },
  },
  {
    name: 'readI32 works in the first page only',
    law: littleEndianRoundTrips,
    claim: 'readI32 gives the value of the bytes',
    type: class extends ReferenceMemory {
      override readI32(ptr: number): number {
        this.isValidRange(ptr, 4);
        return super.readI32(ptr % 65_536);
      }
    },
  },
  {
    name: 'readI32 across a page edge takes the bytes of the next page from the start of its own',
    law: littleEndianRoundTrips,
    claim: 'readI32 gives the value of the bytes',
    type: class extends ReferenceMemory {
      override readI32(ptr: number): number {
        this.isValidRange(ptr, 4);
        const page = Math.floor(ptr / 65_536) * 65_536;
        const at = (offset: number): number => this.bytes()[page + ((ptr + offset) % 65_536)] ?? 0;
        return at(0) | (at(1) << 8) | (at(2) << 16) | (at(3) << 24);
      }
    },
  },
  {
    name: 'writeI32 saturates',
    law: writesWrapAndRound,
    claim: 'writeI32 wraps as ToInt32',
    type: class extends ReferenceMemory {
      override writeI32(ptr: number, value: number): void {
        super.writeI32(ptr, Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, value)));
      }
    },
  },
  {
    name: 'writeI32 rounds a fraction to the nearest',
    law: writesWrapAndRound,
    claim: 'writeI32 wraps as ToInt32',
    type: class extends ReferenceMemory {
      override writeI32(ptr: number, value: number): void {
        super.writeI32(ptr, Math.round(value));
      }
    },
  },
  {
    name: 'writeI64 refuses what does not fit',
    law: writesWrapAndRound,
    claim: 'writeI64 wraps as BigInt.asIntN(64)',
    type: class extends ReferenceMemory {
      override writeI64(ptr: number, value: bigint): void {
        if (BigInt.asIntN(64, value) !== value) throw this.refusal('value out of range', ptr, 8);
        super.writeI64(ptr, value);
      }
    },
  },
  {
    name: 'writeF32 cuts digits off where it should round',
    law: writesWrapAndRound,
    claim: 'writeF32 rounds to the nearest single',
    type: class extends ReferenceMemory {
      override writeF32(ptr: number, value: number): void {
        const rounded = Math.fround(value);
        const isTooFar = Math.abs(rounded) > Math.abs(value) && Number.isFinite(rounded);
        super.writeF32(ptr, isTooFar ? rounded * (1 - 2 ** -24) : rounded);
      }
    },
  },
];

const FAULTS_OF_BORDERS: readonly MemoryFault[] = [
  {
    name: 'readI32 refuses the last word',
    law: bordersAreExact,
    claim: 'readI32 on every border of memory',
    type: class extends ReferenceMemory {
      override readI32(ptr: number): number {
        this.isValidRange(ptr, 5);
        return super.readI32(ptr);
      }
    },
  },
  {
    name: 'writeF64 lets the first pointer past the end through',
    law: bordersAreExact,
    claim: 'writeF64 on every border of memory',
    type: class extends ReferenceMemory {
      override writeF64(ptr: number, value: number): void {
        this.isValidRange(ptr, 7);
        this.view().setFloat64(ptr, value, true);
      }
    },
  },
  {
    name: 'readString refuses the last byte',
    law: bordersAreExact,
    claim: 'readString on every border of memory',
    type: class extends ReferenceMemory {
      override readString(ptr: number, len: number): string {
        if (ptr + len >= this.size()) throw this.outOfBounds(ptr, len);
        return super.readString(ptr, len);
      }
    },
  },
  {
    name: 'isValidRange answers false',
    law: bordersAreExact,
    claim: 'isValidRange on every border of memory',
    type: class extends ReferenceMemory {
      override isValidRange(ptr: number, len: number): boolean {
        return this.isSound(ptr) && this.isSound(len) && this.isInside(ptr, len);
      }
    },
  },
  {
    name: 'isValidRange answers nothing',
    law: bordersAreExact,
    claim: 'isValidRange on every border of memory',
    type: class extends ReferenceMemory {
      override isValidRange(ptr: number, len: number): boolean {
        super.isValidRange(ptr, len);
        return undefined as unknown as boolean;
      }
    },
  },
  {
    name: 'no bytes at the very end are refused',
    law: bordersAreExact,
    claim: 'readBytes on every border of memory',
    type: class extends ReferenceMemory {
      protected override isInside(ptr: number, len: number): boolean {
        return ptr < this.size() && super.isInside(ptr, len);
      }
    },
  },
  {
    name: 'no bytes past the end are answered',
    law: bordersAreExact,
    claim: 'readBytes on every border of memory',
    type: class extends ReferenceMemory {
      override readBytes(ptr: number, len: number): Uint8Array {
        return len === 0 ? new Uint8Array(0) : super.readBytes(ptr, len);
      }
    },
  },
  {
    name: 'an empty string is written wherever the pointer points',
    law: bordersAreExact,
    claim: 'writeString on every border of memory',
    type: class extends ReferenceMemory {
      override writeString(ptr: number, str: string): number {
        return str === '' ? 0 : super.writeString(ptr, str);
      }
    },
  },
  {
    name: 'NaN is taken for 0',
    law: bordersAreExact,
    claim: 'readI32 on every border of memory',
    type: class extends ReferenceMemory {
      protected override isSound(value: number): boolean {
        return Number.isNaN(value) || super.isSound(value);
      }
      protected override isInside(ptr: number, len: number): boolean {
        return !(ptr + len > this.size());
      }
    },
  },
  {
    name: 'fractions are cut off',
    law: bordersAreExact,
    claim: 'readI32 on every border of memory',
    type: class extends ReferenceMemory {
      protected override isSound(value: number): boolean {
        return value >= 0;
      }
    },
  },
  {
    name: 'a pointer beyond 2^32 wraps',
    law: bordersAreExact,
    claim: 'readI64 on every border of memory',
    type: class extends ReferenceMemory {
      override readI64(ptr: number): bigint {
        return super.readI64(ptr >>> 0);
      }
    },
  },
  {
    name: 'pointer and length are added modulo 2^32',
    law: bordersAreExact,
    claim: 'readI32 on every border of memory',
    type: class extends ReferenceMemory {
      protected override isInside(ptr: number, len: number): boolean {
        return (ptr + len) >>> 0 <= this.size();
      }
    },
  },
  {
    name: 'a negative pointer counts from the end',
    law: bordersAreExact,
    claim: 'readBytes on every border of memory',
    type: class extends ReferenceMemory {
      override readBytes(ptr: number, len: number): Uint8Array {
        return ptr < 0 ? this.bytes().slice(ptr).slice(0, len) : super.readBytes(ptr, len);
      }
    },
  },
  {
    name: 'a negative length is taken for none',
    law: bordersAreExact,
    claim: 'createByteView on every border of memory',
    type: class extends ReferenceMemory {
      override createByteView(ptr: number, length: number): Uint8Array {
        return super.createByteView(ptr, Math.max(0, length));
      }
    },
  },
  {
    name: 'createDataView leaves refusing to the platform',
    law: bordersAreExact,
    claim: 'createDataView on every border of memory',
    type: class extends ReferenceMemory {
      override createDataView(ptr: number, length: number): DataView {
        return new DataView(this.raw.buffer, ptr, length);
      }
    },
  },
  {
    name: 'the prototype chain of the error is broken',
    law: bordersAreExact,
    claim: 'readI32 on every border of memory',
    type: class extends ReferenceMemory {
      protected override refusal(message: string, ptr?: number, len?: number): Error {
        return Object.setPrototypeOf(super.refusal(message, ptr, len), Error.prototype) as Error;
      }
    },
  },
  {
    name: 'borders are those of memory as it was at first',
    law: bordersAreExact,
    claim: 'readI32 on every border of memory',
    type: class extends ReferenceMemory {
      readonly #sizeBytes = this.size();
      protected override isInside(ptr: number, len: number): boolean {
        return ptr + len <= this.#sizeBytes;
      }
    },
  },
  {
    name: 'pointers are made signed',
    law: pointersReachPastTwoGigabytes,
    claim: 'readF64 works past two gigabytes',
    type: class extends ReferenceMemory {
      override readF64(ptr: number): number {
        this.isValidRange(ptr, 8);
        return super.readF64(ptr | 0);
      }
    },
  },
  {
    name: 'pages are counted by a signed shift',
    law: pointersReachPastTwoGigabytes,
    claim: 'size and pages count past two gigabytes',
    type: class extends ReferenceMemory {
      override pages(): number {
        return this.size() >> 16;
      }
    },
  },
  {
    name: 'the size of all that 32 bits address is cut to 32 bits',
    law: pointersReachPastTwoGigabytes,
    claim: 'size and pages count past two gigabytes',
    type: class extends ReferenceMemory {
      override size(): number {
        return super.size() >>> 0;
      }
    },
  },
  {
    name: 'lengths are checked by a signed sum',
    law: pointersReachPastTwoGigabytes,
    claim: 'readI32 works past two gigabytes',
    type: class extends ReferenceMemory {
      protected override isInside(ptr: number, len: number): boolean {
        return super.isInside(ptr, len) && ((ptr + len) | 0) >= 0;
      }
    },
  },
];

const FAULTS_OF_REFUSALS: readonly MemoryFault[] = [
  {
    name: 'writeString writes what fits before it refuses',
    law: refusedCallsChangeNothing,
    claim: 'writeString, refused, leaves memory alone',
    type: class extends ReferenceMemory {
      override writeString(ptr: number, str: string): number {
        if (this.isSound(ptr)) new TextEncoder().encodeInto(str, this.bytes().subarray(ptr));
        return super.writeString(ptr, str);
      }
    },
  },
  {
    name: 'writeBytes writes byte by byte until one is out of bounds',
    law: refusedCallsChangeNothing,
    claim: 'writeBytes, refused, leaves memory alone',
    type: class extends ReferenceMemory {
      override writeBytes(ptr: number, data: Uint8Array): number {
        if (!this.isSound(ptr)) throw this.refusal('no whole number', ptr, data.length);
        const bytes = this.bytes();
        for (const [at, byte] of data.slice(0, 64).entries()) bytes[ptr + at] = byte;
        return super.writeBytes(ptr, data);
      }
    },
  },
  {
    name: 'writeI64 writes its low half before it looks at the high one',
    law: refusedCallsChangeNothing,
    claim: 'writeI64, refused, leaves memory alone',
    type: class extends ReferenceMemory {
      override writeI64(ptr: number, value: bigint): void {
        if (this.isSound(ptr) && this.isInside(ptr, 4))
          this.view().setUint32(ptr, Number(BigInt.asUintN(32, value)), true);
        super.writeI64(ptr, value);
      }
    },
  },
  {
    name: 'a refusal grows memory on the way',
    law: refusedCallsChangeNothing,
    claim: 'readI32, refused, leaves memory alone',
    type: class extends ReferenceMemory {
      protected override outOfBounds(ptr: number, len: number): Error {
        if (this.pages() < 5) this.raw.grow(1);
        return super.outOfBounds(ptr, len);
      }
    },
  },
  {
    name: 'the error has no ptr',
    law: errorsCarryContext,
    claim: 'readI32, refused, says what was asked',
    type: class extends ReferenceMemory {
      protected override refusal(message: string, _ptr?: number, len?: number): Error {
        return super.refusal(message, undefined, len);
      }
    },
  },
  {
    name: 'the error has no length',
    law: errorsCarryContext,
    claim: 'readI32, refused, says what was asked',
    type: class extends ReferenceMemory {
      protected override refusal(message: string, ptr?: number): Error {
        return super.refusal(message, ptr);
      }
    },
  },
  {
    name: 'readF64 reports the length of a word',
    law: errorsCarryContext,
    claim: 'readF64, refused, says what was asked',
    type: class extends ReferenceMemory {
      override readF64(ptr: number): number {
        this.isValidRange(ptr, 4);
        return super.readF64(ptr);
      }
    },
  },
  {
    name: 'the error is called Error',
    law: errorsCarryContext,
    claim: 'readI32, refused, says what was asked',
    type: class extends ReferenceMemory {
      protected override refusal(message: string, ptr?: number, len?: number): Error {
        return Object.assign(super.refusal(message, ptr, len), { name: 'Error' });
      }
    },
  },
  {
    name: 'the message does not have the size of memory',
    law: errorsCarryContext,
    claim: 'readI32, refused, says what was asked',
    type: class extends ReferenceMemory {
      protected override outOfBounds(ptr: number, len: number): Error {
        return this.refusal('out of bounds', ptr, len);
      }
    },
  },
  {
    name: 'the message has the size of memory as it was at first',
    law: errorsCarryContext,
    claim: 'readI32, refused, says what was asked',
    type: class extends ReferenceMemory {
      readonly #sizeBytes = this.size();
      protected override outOfBounds(ptr: number, len: number): Error {
        return this.refusal(`out of bounds of ${this.#sizeBytes} bytes`, ptr, len);
      }
    },
  },
];

const FAULTS_OF_GROWTH: readonly MemoryFault[] = [
  {
    name: 'grow answers the pages there are now',
    law: growthCountsPages,
    claim: 'grow answers the pages there were',
    type: class extends ReferenceMemory {
      override grow(pages: number): number {
        return super.grow(pages) + pages;
      }
    },
  },
  {
    name: 'grow answers the pages there are now, when it grows by more than three',
    law: growthCountsPages,
    claim: 'grow answers the pages there were, by however many it grows',
    type: class extends ReferenceMemory {
      override grow(pages: number): number {
        const before = super.grow(pages);
        return pages > 3 ? before + pages : before;
      }
    },
  },
  {
    name: 'the second growth answers what the first did',
    law: growthCountsPages,
    claim: 'grow answers the pages there were, by however many it grows',
    type: class extends ReferenceMemory {
      #first: number | undefined;
      override grow(pages: number): number {
        const before = super.grow(pages);
        if (pages > 3) this.#first ??= before;
        return this.#first ?? before;
      }
    },
  },
  {
    name: 'a refused grow answers -1',
    law: growthCountsPages,
    claim: 'a refused grow is a MemoryError and changes nothing',
    type: class extends ReferenceMemory {
      override grow(pages: number): number {
        try {
          return this.raw.grow(pages);
        } catch {
          return -1;
        }
      }
    },
  },
  {
    name: 'a refused grow throws what the platform throws',
    law: growthCountsPages,
    claim: 'a refused grow is a MemoryError and changes nothing',
    type: class extends ReferenceMemory {
      override grow(pages: number): number {
        return this.raw.grow(pages);
      }
    },
  },
  {
    name: 'a growth that is too large grows as far as it can',
    law: growthCountsPages,
    claim: 'a refused grow is a MemoryError and changes nothing',
    type: class extends ReferenceMemory {
      override grow(pages: number): number {
        try {
          return this.raw.grow(pages);
        } catch {
          if (this.pages() < 10) this.raw.grow(1);
          throw this.refusal('memory does not grow');
        }
      }
    },
  },
  {
    name: 'growth by a negative number is taken for none',
    law: growthCountsPages,
    claim: 'a refused grow is a MemoryError and changes nothing',
    type: class extends ReferenceMemory {
      override grow(pages: number): number {
        return super.grow(Math.max(0, pages));
      }
    },
  },
  {
    name: 'size is that of memory as it was at first',
    law: growthCountsPages,
    claim: 'size and pages follow every growth',
    type: class extends ReferenceMemory {
      readonly #sizeBytes = super.size();
      override size(): number {
        return this.#sizeBytes;
      }
      protected override isInside(ptr: number, len: number): boolean {
        return ptr + len <= super.size();
      }
    },
  },
  {
    name: 'pages counts our own growth only',
    law: growthCountsPages,
    claim: 'size and pages follow every growth',
    type: class extends ReferenceMemory {
      #pages = super.pages();
      override grow(pages: number): number {
        const before = super.grow(pages);
        this.#pages += pages;
        return before;
      }
      override pages(): number {
        return this.#pages;
      }
    },
  },
  {
    name: 'the byte view is renewed by our own growth only',
    law: viewsFollowGrowth,
    claim: 'readBytes after each kind of growth',
    type: class extends ReferenceMemory {
      #bytes = super.bytes();
      override grow(pages: number): number {
        const before = super.grow(pages);
        this.#bytes = super.bytes();
        return before;
      }
      protected override bytes(): Uint8Array {
        return this.#bytes;
      }
    },
  },
  {
    name: 'the data view is never renewed',
    law: viewsFollowGrowth,
    claim: 'readI32 after each kind of growth',
    type: class extends ReferenceMemory {
      readonly #view = super.view();
      protected override view(): DataView {
        return this.#view;
      }
    },
  },
  {
    name: 'views are renewed when the size changes, so not by growth of no page',
    law: viewsFollowGrowth,
    claim: 'readI32 after each kind of growth',
    type: class extends ReferenceMemory {
      #sizeBytes = this.size();
      #view = super.view();
      protected override view(): DataView {
        if (this.#sizeBytes !== this.size()) {
          this.#view = super.view();
          this.#sizeBytes = this.size();
        }
        return this.#view;
      }
    },
  },
  {
    name: 'views are renewed when detached, so never on a shared memory',
    law: viewsFollowGrowth,
    claim: 'readBytes after each kind of growth',
    type: class extends ReferenceMemory {
      #bytes = super.bytes();
      protected override bytes(): Uint8Array {
        if (this.#bytes.length === 0) this.#bytes = super.bytes();
        return this.#bytes;
      }
    },
  },
  {
    name: 'getRawMemory answers another memory',
    law: viewsFollowGrowth,
    claim: 'getRawMemory stays the same memory',
    type: class extends ReferenceMemory {
      override getRawMemory(): WebAssembly.Memory {
        return new WebAssembly.Memory({ initial: this.pages() });
      }
    },
  },
];

const FAULTS_OF_BYTES: readonly MemoryFault[] = [
  {
    name: 'writeF32 clears the word behind its own',
    law: writesTouchOnlyTheirBytes,
    claim: 'writeF32 on every border keeps to its range',
    type: class extends ReferenceMemory {
      override writeF32(ptr: number, value: number): void {
        super.writeF32(ptr, value);
        if (this.isInside(ptr, 8)) this.view().setInt32(ptr + 4, 0);
      }
    },
  },
  {
    name: 'writeString adds a NUL where there is room',
    law: writesTouchOnlyTheirBytes,
    claim: 'writeString on every border keeps to its range',
    type: class extends ReferenceMemory {
      override writeString(ptr: number, str: string): number {
        const written = super.writeString(ptr, str);
        if (this.isInside(ptr + written, 1)) this.bytes()[ptr + written] = 0;
        return written;
      }
    },
  },
  {
    name: 'createByteView clears what it hands out',
    law: writesTouchOnlyTheirBytes,
    claim: 'createByteView on every border keeps to its range',
    type: class extends ReferenceMemory {
      override createByteView(ptr: number, length: number): Uint8Array {
        return super.createByteView(ptr, length).fill(0);
      }
    },
  },
  {
    name: 'readBytes answers a view',
    law: bytesReadAreCopies,
    claim: 'readBytes answers a copy',
    type: class extends ReferenceMemory {
      override readBytes(ptr: number, len: number): Uint8Array {
        return super.createByteView(ptr, len);
      }
    },
  },
  {
    name: 'readBytes answers a view when there are 1024 bytes or more',
    law: bytesReadAreCopies,
    claim: 'readBytes answers a copy',
    type: class extends ReferenceMemory {
      override readBytes(ptr: number, len: number): Uint8Array {
        return len >= 1024 ? super.createByteView(ptr, len) : super.readBytes(ptr, len);
      }
    },
  },
  {
    name: 'readBytes answers a copy that it uses again',
    law: bytesReadAreCopies,
    claim: 'readBytes answers a copy',
    type: class extends ReferenceMemory {
      readonly #scratch = new Uint8Array(1_000_000);
      override readBytes(ptr: number, len: number): Uint8Array {
        this.#scratch.set(super.readBytes(ptr, len));
        return this.#scratch.subarray(0, len);
      }
    },
  },
  {
    name: 'readBytes of a block of 4096 bytes clears the last',
    law: bytesReadAreCopies,
    claim: 'readBytes of each length at which implementations change their ways',
    type: class extends ReferenceMemory {
      override readBytes(ptr: number, len: number): Uint8Array {
        const bytes = super.readBytes(ptr, len);
        if (len === 4096) bytes[len - 1] = 0;
        return bytes;
      }
    },
  },
  {
    name: 'readBytes loses a byte at its thousandth call',
    law: bytesReadAreCopies,
    claim: 'readBytes 5000 times',
    type: class extends ReferenceMemory {
      #calls = 0;
      override readBytes(ptr: number, len: number): Uint8Array {
        this.#calls += 1;
        return super.readBytes(ptr, len).fill(0, 0, this.#calls === 1000 ? 1 : 0);
      }
    },
  },
  {
    name: 'writeBytes of three blocks of 4096 bytes writes two',
    law: bytesAreWrittenWhole,
    claim: 'writeBytes of each length at which implementations change their ways',
    type: class extends ReferenceMemory {
      override writeBytes(ptr: number, data: Uint8Array): number {
        this.isValidRange(ptr, data.length);
        super.writeBytes(ptr, data.length === 12_288 ? data.subarray(0, 8192) : data);
        return data.length;
      }
    },
  },
  {
    name: 'writeBytes writes nothing at its 4096th call',
    law: bytesAreWrittenWhole,
    claim: 'writeBytes 5000 times',
    type: class extends ReferenceMemory {
      #calls = 0;
      override writeBytes(ptr: number, data: Uint8Array): number {
        this.#calls += 1;
        if (this.#calls !== 4096) return super.writeBytes(ptr, data);
        this.isValidRange(ptr, data.length);
        return data.length;
      }
    },
  },
  {
    name: 'createByteView of a block of 8192 bytes is a byte short',
    law: createdViewsAreWindows,
    claim: 'createByteView of each length at which implementations change their ways',
    type: class extends ReferenceMemory {
      override createByteView(ptr: number, length: number): Uint8Array {
        return super.createByteView(ptr, length === 8192 ? length - 1 : length);
      }
    },
  },
  {
    name: 'createByteView answers a copy',
    law: createdViewsAreWindows,
    claim: 'createByteView shares its bytes with memory',
    type: class extends ReferenceMemory {
      override createByteView(ptr: number, length: number): Uint8Array {
        return super.createByteView(ptr, length).slice();
      }
    },
  },
  {
    name: 'createDataView reaches to the end of memory',
    law: createdViewsAreWindows,
    claim: 'createDataView shares its bytes with memory',
    type: class extends ReferenceMemory {
      override createDataView(ptr: number, length: number): DataView {
        this.isValidRange(ptr, length);
        return new DataView(this.raw.buffer, ptr);
      }
    },
  },
  {
    name: 'createDataView begins on an even pointer',
    law: createdViewsAreWindows,
    claim: 'createDataView shares its bytes with memory',
    type: class extends ReferenceMemory {
      override createDataView(ptr: number, length: number): DataView {
        this.isValidRange(ptr, length);
        return super.createDataView(ptr - (ptr % 2), length);
      }
    },
  },
  {
    name: 'writeBytes answers the end pointer',
    law: bytesAreWrittenWhole,
    claim: 'writeBytes puts its bytes',
    type: class extends ReferenceMemory {
      override writeBytes(ptr: number, data: Uint8Array): number {
        return ptr + super.writeBytes(ptr, data);
      }
    },
  },
  {
    name: 'writeBytes of a window writes from the start of what it is a window into',
    law: bytesAreWrittenWhole,
    claim: 'writeBytes puts its bytes',
    type: class extends ReferenceMemory {
      override writeBytes(ptr: number, data: Uint8Array): number {
        return super.writeBytes(ptr, new Uint8Array(data.buffer, 0, data.length));
      }
    },
  },
  {
    name: 'writeBytes copies forwards byte by byte',
    law: bytesAreWrittenWhole,
    claim: 'writeBytes from the same memory copies as if at once',
    type: class extends ReferenceMemory {
      override writeBytes(ptr: number, data: Uint8Array): number {
        this.isValidRange(ptr, data.length);
        const bytes = this.bytes();
        for (let at = 0; at < data.length; at += 1) bytes[ptr + at] = data[at] ?? 0;
        return data.length;
      }
    },
  },
  {
    name: 'writeBytes writes 8192 bytes at most',
    law: bytesAreWrittenWhole,
    claim: 'writeBytes puts its bytes',
    type: class extends ReferenceMemory {
      override writeBytes(ptr: number, data: Uint8Array): number {
        this.isValidRange(ptr, data.length);
        super.writeBytes(ptr, data.subarray(0, 8192));
        return data.length;
      }
    },
  },
];

const FAULTS_OF_TEXT: readonly MemoryFault[] = [
  {
    name: 'writeString answers the UTF-16 length',
    law: stringsAreUtf8,
    claim: 'a string of any length and plane',
    type: class extends ReferenceMemory {
      override writeString(ptr: number, str: string): number {
        super.writeString(ptr, str);
        return str.length;
      }
    },
  },
  {
    name: 'a BOM is stripped',
    law: stringsAreUtf8,
    claim: 'a string of any length and plane',
    type: class extends ReferenceMemory {
      protected override decode(bytes: Uint8Array): string {
        return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
      }
    },
  },
  {
    name: 'readString of ASCII gives 65535 characters at the most',
    law: stringsAreUtf8,
    claim: 'a character across each length at which coders change their ways',
    type: class extends ReferenceMemory {
      protected override decode(bytes: Uint8Array): string {
        if (bytes.every((byte) => byte < 0x80)) return String.fromCharCode(...bytes.subarray(0, 65_535));
        return super.decode(bytes);
      }
    },
  },
  {
    name: 'readString of three blocks of 4096 bytes leaves out the last character',
    law: stringsAreUtf8,
    claim: 'a string of whole blocks of memory',
    type: class extends ReferenceMemory {
      override readString(ptr: number, len: number): string {
        return len === 12_288 ? super.readString(ptr, len).slice(0, -1) : super.readString(ptr, len);
      }
    },
  },
  {
    name: 'writeString remembers 1024 strings and writes the first for the next',
    law: stringsAreUtf8,
    claim: 'writeString and readString 5000 times',
    type: class extends ReferenceMemory {
      readonly #known: string[] = [];
      override writeString(ptr: number, str: string): number {
        if (this.#known.length === 1024) return super.writeString(ptr, this.#known[0] ?? str);
        this.#known.push(str);
        return super.writeString(ptr, str);
      }
    },
  },
  {
    name: 'readString stops at NUL',
    law: stringsAreUtf8,
    claim: 'a string of any length and plane',
    type: class extends ReferenceMemory {
      override readString(ptr: number, len: number): string {
        return super.readString(ptr, len).split('\0', 1)[0] ?? '';
      }
    },
  },
  {
    name: 'a lone surrogate is refused',
    law: stringsAreUtf8,
    claim: 'a string of any length and plane',
    type: class extends ReferenceMemory {
      override writeString(ptr: number, str: string): number {
        if (/\p{Surrogate}/u.test(str)) throw this.refusal('lone surrogate', ptr, str.length);
        return super.writeString(ptr, str);
      }
    },
  },
  {
    name: 'a lone surrogate becomes a question mark',
    law: stringsAreUtf8,
    claim: 'a string of any length and plane',
    type: class extends ReferenceMemory {
      override writeString(ptr: number, str: string): number {
        return super.writeString(ptr, str.replace(/\p{Surrogate}/gu, '?'));
      }
    },
  },
  {
    name: 'writeString asks for three bytes a unit',
    law: stringsAreUtf8,
    claim: 'a string of any length and plane',
    type: class extends ReferenceMemory {
      override writeString(ptr: number, str: string): number {
        this.isValidRange(ptr, str.length * 3);
        return super.writeString(ptr, str);
      }
    },
  },
  {
    name: 'writeString at the end of memory leaves out what does not fit',
    law: stringsAreUtf8,
    claim: 'a string up to the last byte of memory',
    type: class extends ReferenceMemory {
      override writeString(ptr: number, str: string): number {
        this.isValidRange(ptr, str.length);
        return new TextEncoder().encodeInto(str, this.bytes().subarray(ptr)).written;
      }
    },
  },
  {
    name: 'writeString in pieces of 1024 units tears pairs apart',
    law: stringsAreUtf8,
    claim: 'a character across each length at which coders change their ways',
    type: class extends ReferenceMemory {
      override writeString(ptr: number, str: string): number {
        this.isValidRange(ptr, new TextEncoder().encode(str).length);
        let end = ptr;
        for (let at = 0; at < str.length; at += 1024) end += super.writeString(end, str.slice(at, at + 1024));
        return end - ptr;
      }
    },
  },
  {
    name: 'short strings are read as Latin-1',
    law: stringsAreUtf8,
    claim: 'a string of any length and plane',
    type: class extends ReferenceMemory {
      protected override decode(bytes: Uint8Array): string {
        return bytes.length <= 8 ? String.fromCharCode(...bytes) : super.decode(bytes);
      }
    },
  },
  {
    name: 'short strings are written with seven bits a character',
    law: stringsAreUtf8,
    claim: 'UTF-16 units by themselves',
    type: class extends ReferenceMemory {
      override writeString(ptr: number, str: string): number {
        if (str.length > 16 || /[^\0-\xff]/.test(str)) return super.writeString(ptr, str);
        return this.writeBytes(
          ptr,
          Uint8Array.from(str, (character) => character.charCodeAt(0) & 0x7f),
        );
      }
    },
  },
  {
    name: 'malformed UTF-8 is mended',
    law: malformedTextIsRefused,
    claim: 'bytes that are nearly UTF-8',
    type: class extends ReferenceMemory {
      protected override decode(bytes: Uint8Array): string {
        return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
      }
    },
  },
  {
    name: 'malformed UTF-8 throws what TextDecoder throws',
    law: malformedTextIsRefused,
    claim: 'bytes that are nearly UTF-8',
    type: class extends ReferenceMemory {
      override readString(ptr: number, len: number): string {
        return this.decode(this.readBytes(ptr, len));
      }
    },
  },
  {
    name: 'the overlong NUL of modified UTF-8 is read',
    law: malformedTextIsRefused,
    claim: 'every lead byte before borders of continuation',
    type: class extends ReferenceMemory {
      protected override decode(bytes: Uint8Array): string {
        return bytes.length === 2 && bytes[0] === 0xc0 && bytes[1] === 0x80 ? '\0' : super.decode(bytes);
      }
    },
  },
  {
    name: 'an encoded surrogate is read',
    law: malformedTextIsRefused,
    claim: 'every lead byte before borders of continuation',
    type: class extends ReferenceMemory {
      protected override decode(bytes: Uint8Array): string {
        return bytes.length === 3 && bytes[0] === 0xed && (bytes[1] ?? 0) >= 0xa0 ? '\ud800' : super.decode(bytes);
      }
    },
  },
  {
    name: 'a sequence cut short by the length is completed from memory',
    law: malformedTextIsRefused,
    claim: 'sequences cut short by the length',
    type: class extends ReferenceMemory {
      override readString(ptr: number, len: number): string {
        this.isValidRange(ptr, len);
        const bytes = this.bytes();
        let end = ptr + len;
        while (len > 0 && end < bytes.length && ((bytes[end] ?? 0) & 0xc0) === 0x80) end += 1;
        return super.readString(ptr, end - ptr);
      }
    },
  },
  {
    name: 'strings from 64 bytes up are not checked',
    law: malformedTextIsRefused,
    claim: 'bytes that are nearly UTF-8',
    type: class extends ReferenceMemory {
      protected override decode(bytes: Uint8Array): string {
        return new TextDecoder('utf-8', { fatal: bytes.length < 64, ignoreBOM: true }).decode(bytes);
      }
    },
  },
];

/** Kept for all instances, as a module-level cache would be. */
const lastView: { view?: DataView } = {};

const FAULTS_OF_HISTORY: readonly MemoryFault[] = [
  {
    name: 'one cached view serves all memories',
    law: historiesMatchAByteArray,
    claim: 'any history on a plain memory',
    type: class extends ReferenceMemory {
      protected override view(): DataView {
        const { view } = lastView;
        if (view !== undefined && view.buffer.byteLength === this.size()) return view;
        lastView.view = super.view();
        return lastView.view;
      }
    },
  },
  {
    name: 'readI32 remembers what writeI32 wrote there',
    law: historiesMatchAByteArray,
    claim: 'any history on a plain memory',
    type: class extends ReferenceMemory {
      readonly #known = new Map<number, number>();
      override writeI32(ptr: number, value: number): void {
        super.writeI32(ptr, value);
        this.#known.set(ptr, value);
      }
      override readI32(ptr: number): number {
        this.isValidRange(ptr, 4);
        return this.#known.get(ptr) ?? super.readI32(ptr);
      }
    },
  },
  {
    name: 'after a refused call the next write is lost',
    law: historiesMatchAByteArray,
    claim: 'any history on a plain memory',
    type: class extends ReferenceMemory {
      #hasRefused = false;
      protected override refusal(message: string, ptr?: number, len?: number): Error {
        this.#hasRefused = true;
        return super.refusal(message, ptr, len);
      }
      override writeF64(ptr: number, value: number): void {
        this.isValidRange(ptr, 8);
        if (!this.#hasRefused) super.writeF64(ptr, value);
        this.#hasRefused = false;
      }
    },
  },
];

/** All of them. */
export const MEMORY_FAULTS: readonly MemoryFault[] = [
  ...FAULTS_OF_NUMBERS,
  ...FAULTS_OF_BORDERS,
  ...FAULTS_OF_REFUSALS,
  ...FAULTS_OF_GROWTH,
  ...FAULTS_OF_BYTES,
  ...FAULTS_OF_TEXT,
  ...FAULTS_OF_HISTORY,
];
