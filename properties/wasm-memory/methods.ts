/** Every method that takes a range, in one table, so that each law about ranges holds for each of them. */
import { asciiOf } from '../arbitraries/texts.ts';
import { show, showAddress } from '../show.ts';
import type { MemoryInterface } from './implementation.ts';

/** Where the length of the range comes from: the method's name, an argument, or what is written. */
export type LengthSource = 'width' | 'argument' | 'content';

export interface Method {
  readonly name: string;
  readonly writes: boolean;
  readonly lengthSource: LengthSource;
  /** The bytes of the range for `width`; 0 otherwise. */
  readonly widthBytes: number;
  /** Calls it on the `lengthBytes` bytes at `ptr`, writing `contentBytes` where it writes. */
  readonly call: (memory: MemoryInterface, ptr: number, lengthBytes: number) => unknown;
}

/** More than any memory of these laws has. */
const MOST_CONTENT_BYTES = 11 * 65_536;

const CONTENT = new Uint8Array(MOST_CONTENT_BYTES);
for (let at = 0; at < MOST_CONTENT_BYTES; at += 1) CONTENT[at] = 0x80 + ((at * 13) % 0x80);

/** What writeBytes is given. As all that is written, it differs from what `paint` leaves, here by 0x80 or more. */
export function contentBytes(lengthBytes: number): Uint8Array {
  return CONTENT.slice(0, lengthBytes);
}

const WORD = -0x73625140;
const LONG = -0x7362514030211077n;
const SINGLE_VALUE = -1.1754943508222875e-38;
const DOUBLE_VALUE = -5.486124068793689e303;

export const METHODS: readonly Method[] = [
  reader('readI32', 4, (memory, ptr) => memory.readI32(ptr)),
  reader('readI64', 8, (memory, ptr) => memory.readI64(ptr)),
  reader('readF32', 4, (memory, ptr) => memory.readF32(ptr)),
  reader('readF64', 8, (memory, ptr) => memory.readF64(ptr)),
  writer('writeI32', 4, (memory, ptr) => memory.writeI32(ptr, WORD)),
  writer('writeI64', 8, (memory, ptr) => memory.writeI64(ptr, LONG)),
  writer('writeF32', 4, (memory, ptr) => memory.writeF32(ptr, SINGLE_VALUE)),
  writer('writeF64', 8, (memory, ptr) => memory.writeF64(ptr, DOUBLE_VALUE)),
  ranged('isValidRange', (memory, ptr, len) => memory.isValidRange(ptr, len)),
  ranged('readBytes', (memory, ptr, len) => memory.readBytes(ptr, len)),
  ranged('readString', (memory, ptr, len) => memory.readString(ptr, len)),
  ranged('createByteView', (memory, ptr, len) => memory.createByteView(ptr, len)),
  ranged('createDataView', (memory, ptr, len) => memory.createDataView(ptr, len)),
  filled('writeBytes', (memory, ptr, len) => memory.writeBytes(ptr, contentBytes(len))),
  filled('writeString', (memory, ptr, len) => memory.writeString(ptr, asciiOf(len))),
];

/** A call as one would write it. */
export function describeCall(method: Method, ptr: number, lengthBytes: number): string {
  const second = {
    width: method.writes ? ', value' : '',
    argument: `, ${showAddress(lengthBytes)}`,
    content: `, <${show(lengthBytes)} bytes>`,
  };
  return `${method.name}(${showAddress(ptr)}${second[method.lengthSource]})`;
}

/** The methods that write. */
export const WRITERS = METHODS.filter(({ writes }) => writes);

/** The methods that only look. */
export const READERS = METHODS.filter(({ writes }) => !writes);

function reader(name: string, widthBytes: number, call: Method['call']): Method {
  return { name, writes: false, lengthSource: 'width', widthBytes, call };
}

function writer(name: string, widthBytes: number, call: Method['call']): Method {
  return { name, writes: true, lengthSource: 'width', widthBytes, call };
}

function ranged(name: string, call: Method['call']): Method {
  return { name, writes: false, lengthSource: 'argument', widthBytes: 0, call };
}

function filled(name: string, call: Method['call']): Method {
  return { name, writes: true, lengthSource: 'content', widthBytes: 0, call };
}
