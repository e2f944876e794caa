/** The type section: function types as data; struct, array and other forms are passed over. */
import { type ByteReader, MalformedModule } from './byte-reader.ts';

/** `reference` stands for every reference type other than the two plain ones. */
export type ValueType = 'i32' | 'i64' | 'f32' | 'f64' | 'v128' | 'funcref' | 'externref' | 'reference';

export interface FunctionType {
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
}

const PLAIN: Readonly<Record<number, ValueType>> = {
  127: 'i32',
  126: 'i64',
  125: 'f32',
  124: 'f64',
  123: 'v128',
  112: 'funcref',
  111: 'externref',
};

/** Abstract heap types in one byte, from exn (0x69) to nofunc (0x73). */
const isHeapShorthand = (byte: number) => byte >= 0x69 && byte <= 0x74;

/** Reads one value type. Throws MalformedModule on a form that this project does not know. */
export function readValueType(reader: ByteReader): ValueType {
  const byte = reader.u8();
  const plain = PLAIN[byte];
  if (plain !== undefined) return plain;
  if (byte === 0x63 || byte === 0x64) reader.s33();
  else if (!isHeapShorthand(byte)) throw new MalformedModule(`unknown value type 0x${byte.toString(16)}`);
  return 'reference';
}

/** Every type by index; undefined for those that are not function types. */
export function readTypes(reader: ByteReader): (FunctionType | undefined)[] {
  return reader.vector(() => readRecursiveGroup(reader)).flat();
}

function readRecursiveGroup(reader: ByteReader): (FunctionType | undefined)[] {
  if (reader.peek() !== 0x4e) return [readSubtype(reader)];
  reader.u8();
  return reader.vector(() => readSubtype(reader));
}

function readSubtype(reader: ByteReader): FunctionType | undefined {
  const form = reader.u8();
  if (form !== 0x50 && form !== 0x4f) return readComposite(reader, form);
  reader.vector(() => reader.u32());
  return readComposite(reader, reader.u8());
}

function readComposite(reader: ByteReader, form: number): FunctionType | undefined {
  if (form === 0x60) {
    const params = reader.vector(() => readValueType(reader));
    return { params, results: reader.vector(() => readValueType(reader)) };
  }
  if (form === 0x5f) reader.vector(() => skipField(reader));
  else if (form === 0x5e) skipField(reader);
  else throw new MalformedModule(`unknown form of type 0x${form.toString(16)}`);
  return undefined;
}

function skipField(reader: ByteReader): void {
  const isPacked = reader.peek() === 0x78 || reader.peek() === 0x77;
  if (isPacked) reader.u8();
  else readValueType(reader);
  reader.u8();
}

/** `(i32, i32) -> i32`, as an error text spells a type. */
export function showType(type: FunctionType | undefined): string {
  if (type === undefined) return 'not a function type';
  return `(${type.params.join(', ')}) -> ${type.results.length === 1 ? type.results[0] : `(${type.results.join(', ')})`}`;
}
