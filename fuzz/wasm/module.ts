/** Parses a WebAssembly binary into sections and the facts that instantiation, detection and rewriting need. */
import { ByteReader, MalformedModule } from './byte-reader.ts';
import { InstructionWalker } from './instructions.ts';
import { type FunctionType, readTypes, readValueType, type ValueType } from './types.ts';

/** Ids of the sections, in no order; see SECTION_ORDER. */
export const SECTION = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
  tag: 13,
} as const;

/** The order in which sections must appear. */
export const SECTION_ORDER: readonly number[] = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11];

export interface Section {
  readonly id: number;
  /** The name of a custom section; empty for others. */
  readonly name: string;
  readonly contents: Uint8Array;
}

export interface Limits {
  readonly minimum: number;
  readonly maximum: number | undefined;
  readonly shared: boolean;
  /** Indices are 64-bit (memory64). */
  readonly is64: boolean;
}

export interface GlobalType {
  readonly type: ValueType;
  readonly mutable: boolean;
}

export interface TableType {
  readonly type: ValueType;
  readonly limits: Limits;
}

export type ImportedType =
  | { readonly kind: 'function'; readonly typeIndex: number }
  | ({ readonly kind: 'table' } & TableType)
  | { readonly kind: 'memory'; readonly limits: Limits }
  | ({ readonly kind: 'global' } & GlobalType)
  | { readonly kind: 'tag'; readonly typeIndex: number };

export interface Import {
  readonly module: string;
  readonly name: string;
  readonly type: ImportedType;
}

export type ExportKind = 'function' | 'table' | 'memory' | 'global' | 'tag';

export interface Export {
  readonly name: string;
  readonly kind: ExportKind;
  readonly index: number;
}

/** Index spaces hold the imports first, then the module's own, as in the binary. */
export interface WasmModule {
  readonly bytes: Uint8Array;
  readonly sections: readonly Section[];
  readonly types: readonly (FunctionType | undefined)[];
  readonly imports: readonly Import[];
  readonly exports: readonly Export[];
  /** Type index of every function. */
  readonly functions: readonly number[];
  readonly importedFunctionCount: number;
  readonly tables: readonly TableType[];
  readonly memories: readonly Limits[];
  readonly globals: readonly GlobalType[];
  readonly importedGlobalCount: number;
  readonly startFunction: number | undefined;
  /** Functions that a table may hold. */
  readonly elementFunctions: ReadonlySet<number>;
}

const EXPORT_KINDS: readonly ExportKind[] = ['function', 'table', 'memory', 'global', 'tag'];
/** `\0asm` and version 1. */
export const PREAMBLE: readonly number[] = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

/**
 * Parses `bytes`. Function bodies are not read here.
 * Throws MalformedModule when the bytes are no module, or use a feature that Node 20 to 24 have not finished.
 */
export function parseModule(bytes: Uint8Array): WasmModule {
  const sections = readSections(bytes);
  const read = <Item>(id: number, item: (reader: ByteReader) => Item): Item[] => readVector(sections, id, item);
  const imports = read(SECTION.import, readImport);
  const imported = <Kind extends ImportedType['kind']>(kind: Kind) => importedTypes(imports, kind);
  const types = typesOf(sections);
  const functions = imported('function').map((type) => type.typeIndex);
  const globals = imported('global').map(({ type, mutable }) => ({ type, mutable }));
  return {
    bytes,
    sections,
    types,
    imports,
    exports: read(SECTION.export, readExport),
    functions: [...functions, ...read(SECTION.function, (reader) => reader.u32())],
    importedFunctionCount: functions.length,
    tables: [...imported('table').map(({ type, limits }) => ({ type, limits })), ...read(SECTION.table, readTable)],
    memories: [...imported('memory').map((type) => type.limits), ...read(SECTION.memory, readLimits)],
    globals: [...globals, ...read(SECTION.global, readGlobal)],
    importedGlobalCount: globals.length,
    startFunction: startOf(sections),
    elementFunctions: new Set(read(SECTION.element, readElement).flat()),
  };
}

/** The function type of an exported function; undefined when `name` exports no function. */
export function exportedFunctionType(module: WasmModule, name: string): FunctionType | undefined {
  const found = module.exports.find((entry) => entry.name === name && entry.kind === 'function');
  return found === undefined ? undefined : functionTypeOf(module, found.index);
}

/** The type of function `functionIndex`. */
export function functionTypeOf(module: WasmModule, functionIndex: number): FunctionType | undefined {
  return module.types[module.functions[functionIndex] ?? -1];
}

function readSections(bytes: Uint8Array): Section[] {
  if (PREAMBLE.some((byte, index) => bytes[index] !== byte)) {
    throw new MalformedModule('not a WebAssembly module: the first 8 bytes must be 00 61 73 6d 01 00 00 00');
  }
  const reader = new ByteReader(bytes, PREAMBLE.length);
  const sections: Section[] = [];
  while (!reader.done) sections.push(readSection(reader));
  return sections;
}

function readSection(reader: ByteReader): Section {
  const id = reader.u8();
  const contents = reader.take(reader.u32());
  if (id > SECTION.tag) throw new MalformedModule(`unknown section ${id}`);
  return { id, contents, name: id === SECTION.custom ? new ByteReader(contents).text() : '' };
}

/** The section with `id`, which is not the custom one. */
export function sectionOf(sections: readonly Section[], id: number): Section | undefined {
  return sections.find((section) => section.id === id);
}

function readVector<Item>(sections: readonly Section[], id: number, item: (reader: ByteReader) => Item): Item[] {
  const section = sectionOf(sections, id);
  if (section === undefined) return [];
  const reader = new ByteReader(section.contents);
  return reader.vector(() => item(reader));
}

function typesOf(sections: readonly Section[]): (FunctionType | undefined)[] {
  const section = sectionOf(sections, SECTION.type);
  return section === undefined ? [] : readTypes(new ByteReader(section.contents));
}

function startOf(sections: readonly Section[]): number | undefined {
  const section = sectionOf(sections, SECTION.start);
  return section === undefined ? undefined : new ByteReader(section.contents).u32();
}

function importedTypes<Kind extends ImportedType['kind']>(imports: readonly Import[], kind: Kind) {
  return imports
    .map((entry) => entry.type)
    .filter((type): type is Extract<ImportedType, { kind: Kind }> => type.kind === kind);
}

/** Reads one entry of the import section. */
export function readImport(reader: ByteReader): Import {
  return { module: reader.text(), name: reader.text(), type: readImportedType(reader) };
}

function readImportedType(reader: ByteReader): ImportedType {
  const kind = reader.u8();
  if (kind === 0) return { kind: 'function', typeIndex: reader.u32() };
  if (kind === 1) return { kind: 'table', type: readValueType(reader), limits: readLimits(reader) };
  if (kind === 2) return { kind: 'memory', limits: readLimits(reader) };
  if (kind === 3) return { kind: 'global', ...readGlobalType(reader) };
  if (kind !== 4) throw new MalformedModule(`unknown kind of import ${kind}`);
  reader.u8();
  return { kind: 'tag', typeIndex: reader.u32() };
}

/** Flags: 1 has a maximum, 2 is shared, 4 has 64-bit indices. */
export function readLimits(reader: ByteReader): Limits {
  const flags = reader.u8();
  if (flags > 7) throw new MalformedModule(`unknown flags 0x${flags.toString(16)} of a memory or table`);
  const minimum = reader.u64();
  const maximum = flags & 1 ? reader.u64() : undefined;
  return { minimum, maximum, shared: (flags & 2) !== 0, is64: (flags & 4) !== 0 };
}

function readGlobalType(reader: ByteReader): GlobalType {
  const type = readValueType(reader);
  const flags = reader.u8();
  if (flags > 1) throw new MalformedModule(`unknown flags 0x${flags.toString(16)} of a global`);
  return { type, mutable: flags === 1 };
}

/** A table with an initial value is written 0x40 0x00, its type, an expression. */
function readTable(reader: ByteReader): TableType {
  const hasInitialValue = reader.peek() === 0x40;
  if (hasInitialValue) reader.skip(2);
  const table = { type: readValueType(reader), limits: readLimits(reader) };
  if (hasInitialValue) new InstructionWalker(reader).skipExpression();
  return table;
}

function readGlobal(reader: ByteReader): GlobalType {
  const type = readGlobalType(reader);
  new InstructionWalker(reader).skipExpression();
  return type;
}

function readExport(reader: ByteReader): Export {
  const name = reader.text();
  const kind = EXPORT_KINDS[reader.u8()];
  if (kind === undefined) throw new MalformedModule(`unknown kind of export "${name}"`);
  return { name, kind, index: reader.u32() };
}

/** The functions an element segment names. Flags: 1 not active, 2 explicit table or declared, 4 expressions. */
function readElement(reader: ByteReader): number[] {
  const flags = reader.u32();
  if (flags > 7) throw new MalformedModule(`unknown flags ${flags} of an element segment`);
  const walker = new InstructionWalker(reader);
  const isActive = (flags & 1) === 0;
  if (isActive && flags & 2) reader.skipLeb();
  if (isActive) walker.skipExpression();
  const usesExpressions = (flags & 4) !== 0;
  if (flags & 3) skipElementKind(reader, usesExpressions);
  return usesExpressions ? readElementExpressions(reader, walker) : reader.vector(() => reader.u32());
}

function skipElementKind(reader: ByteReader, isType: boolean): void {
  if (isType) readValueType(reader);
  else reader.u8();
}

function readElementExpressions(reader: ByteReader, walker: InstructionWalker): number[] {
  const functions: number[] = [];
  reader.vector(() => walker.skipExpression((functionIndex) => functions.push(functionIndex)));
  return functions;
}
