/** Assembles small modules from data, for tests: types are made from the functions, bodies are written in `code`. */
import { ByteWriter } from './byte-writer.ts';
import { code } from './code.ts';
import { PREAMBLE, SECTION, SECTION_ORDER } from './module.ts';
import type { ValueType } from './types.ts';

export interface AssembledFunction {
  readonly name?: string;
  readonly params?: readonly ValueType[];
  readonly results?: readonly ValueType[];
  readonly locals?: readonly ValueType[];
  /** Instructions as `code` reads them, without the last `end`. */
  readonly body: string;
}

export interface AssembledImport {
  readonly module: string;
  readonly name: string;
  /** A function's type, or the bytes of another kind of import, its kind first. */
  readonly type: { readonly params: readonly ValueType[]; readonly results: readonly ValueType[] } | readonly number[];
}

export interface Assembly {
  readonly imports?: readonly AssembledImport[];
  readonly functions?: readonly AssembledFunction[];
  /** Limits as bytes: flags, minimum, maximum. */
  readonly memory?: readonly number[];
  /** Type, mutability and the instructions of the initial value. */
  readonly globals?: readonly {
    readonly type: ValueType;
    readonly mutable: boolean;
    readonly value: string;
    readonly name?: string;
  }[];
  readonly start?: number;
  /** Sections given as bytes, by id; they replace none of the above. */
  readonly sections?: Readonly<Record<number, readonly number[]>>;
  /** Custom sections, after all others. */
  readonly custom?: Readonly<Record<string, readonly number[]>>;
}

const VALUE_TYPES: Readonly<Record<ValueType, number>> = {
  i32: 0x7f,
  i64: 0x7e,
  f32: 0x7d,
  f64: 0x7c,
  v128: 0x7b,
  funcref: 0x70,
  externref: 0x6f,
  // `anyref` stands for all other references.
  reference: 0x6e,
};

/** The module that `assembly` describes. */
export function assemble(assembly: Assembly): Uint8Array<ArrayBuffer> {
  const contents = new Map<number, Uint8Array>();
  const put = (id: number, items: readonly ByteWriter[]) => {
    if (items.length > 0) contents.set(id, vector(items));
  };
  const { imports = [], functions = [], globals = [] } = assembly;
  const imported = imports.filter(isFunctionImport);
  put(SECTION.type, [...imported.map(({ type }) => typeItem(type)), ...functions.map(typeItem)]);
  put(
    SECTION.import,
    imports.map((entry) => importItem(entry, imported.indexOf(entry as (typeof imported)[number]))),
  );
  put(
    SECTION.function,
    functions.map((_, index) => new ByteWriter().u32(imported.length + index)),
  );
  put(
    SECTION.global,
    globals.map(({ type, mutable, value }) =>
      new ByteWriter().bytes([VALUE_TYPES[type], mutable ? 1 : 0]).bytes(code(`${value} end`)),
    ),
  );
  put(SECTION.memory, assembly.memory === undefined ? [] : [new ByteWriter().bytes(assembly.memory)]);
  put(SECTION.export, exportItems(assembly, imported.length));
  put(SECTION.code, functions.map(bodyItem));
  if (assembly.start !== undefined) contents.set(SECTION.start, new ByteWriter().u32(assembly.start).view());
  for (const [id, bytes] of Object.entries(assembly.sections ?? {})) contents.set(Number(id), Uint8Array.from(bytes));
  return write(contents, assembly.custom ?? {});
}

type FunctionShape = Pick<AssembledFunction, 'params' | 'results'>;

function isFunctionImport(entry: AssembledImport): entry is AssembledImport & { readonly type: FunctionShape } {
  return !Array.isArray(entry.type);
}

function vector(items: readonly ByteWriter[]): Uint8Array {
  const writer = new ByteWriter().u32(items.length);
  for (const item of items) writer.bytes(item.view());
  return writer.view();
}

function typeItem({ params = [], results = [] }: FunctionShape): ByteWriter {
  const list = (types: readonly ValueType[]) => [types.length, ...types.map((type) => VALUE_TYPES[type])];
  return new ByteWriter().bytes([0x60, ...list(params), ...list(results)]);
}

function importItem(entry: AssembledImport, typeIndex: number): ByteWriter {
  const writer = new ByteWriter().text(entry.module).text(entry.name);
  return isFunctionImport(entry) ? writer.u8(0).u32(typeIndex) : writer.bytes(entry.type as readonly number[]);
}

function exportItems(assembly: Assembly, importedFunctions: number): ByteWriter[] {
  const items: ByteWriter[] = [];
  const add = (name: string | undefined, kind: number, index: number) => {
    if (name !== undefined) items.push(new ByteWriter().text(name).u8(kind).u32(index));
  };
  (assembly.functions ?? []).forEach(({ name }, index) => {
    add(name, 0, importedFunctions + index);
  });
  (assembly.globals ?? []).forEach(({ name }, index) => {
    add(name, 3, index);
  });
  if (assembly.memory !== undefined) add('memory', 2, 0);
  return items;
}

function bodyItem({ locals = [], body }: AssembledFunction): ByteWriter {
  const inside = new ByteWriter().u32(locals.length);
  for (const type of locals) inside.u8(1).u8(VALUE_TYPES[type]);
  inside.bytes(code(`${body} end`));
  return new ByteWriter().u32(inside.length).bytes(inside.view());
}

function write(contents: ReadonlyMap<number, Uint8Array>, custom: Readonly<Record<string, readonly number[]>>) {
  const writer = new ByteWriter().bytes(PREAMBLE);
  for (const id of SECTION_ORDER) {
    const section = contents.get(id);
    if (section !== undefined) writer.section(id, section);
  }
  for (const [name, bytes] of Object.entries(custom)) {
    writer.section(SECTION.custom, new ByteWriter().text(name).bytes(bytes).view());
  }
  return writer.view().slice();
}
