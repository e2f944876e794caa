/** Makes everything a module imports, typed from the module itself. */
import type { Host } from './host.ts';
import { type ImportedFunction, knownImport, minifiedImport } from './known-imports.ts';
import type { GlobalType, Import, Limits, TableType, WasmModule } from './module.ts';
import type { FunctionType, ValueType } from './types.ts';
import type { VirtualLayout } from './virtual-layout.ts';

/** Something that cannot be supplied, or an instance that does not come up. The message is one line. */
export class CannotInstantiate extends Error {
  override readonly name = 'CannotInstantiate';
}

const LARGEST_MEMORY_PAGES = 65536;

/** WebAssembly.Tag, which the DOM library does not declare. */
type TagConstructor = new (type: { parameters: readonly string[] }) => WebAssembly.ImportValue;

/** How large memory may become, and where its size is pretended, how. */
export interface MemoryExtent {
  readonly capPages: number;
  readonly layout: VirtualLayout | undefined;
}

/** The import object of `module`. Throws CannotInstantiate naming the import. */
export function makeImports(module: WasmModule, host: Host, extent: MemoryExtent): WebAssembly.Imports {
  const imports: Record<string, Record<string, WebAssembly.ImportValue>> = {};
  for (const entry of module.imports) {
    const space = imports[entry.module] ?? {};
    imports[entry.module] = space;
    space[entry.name] = supply(module, entry, host, extent);
  }
  return imports;
}

function supply(module: WasmModule, entry: Import, host: Host, extent: MemoryExtent): WebAssembly.ImportValue {
  try {
    return makeValue(module, entry, host, extent);
  } catch (error) {
    throw new CannotInstantiate(
      `import ${entry.module}.${entry.name} (${entry.type.kind}) cannot be supplied: ${messageOf(error)}`,
    );
  }
}

function makeValue(module: WasmModule, entry: Import, host: Host, extent: MemoryExtent): WebAssembly.ImportValue {
  const { type } = entry;
  if (type.kind === 'memory') return makeMemory(type.limits, extent);
  if (type.kind === 'table') return makeTable(type);
  if (type.kind === 'global') return makeGlobal(entry.name, type);
  const signature = module.types[type.typeIndex];
  if (signature === undefined) throw new Error(`type ${type.typeIndex} is not a function type`);
  return type.kind === 'tag' ? makeTag(signature) : makeFunction(entry, signature, host);
}

function makeMemory(limits: Limits, { capPages, layout }: MemoryExtent): WebAssembly.Memory {
  if (limits.is64) throw new Error('its addresses have 64 bits, and allocators here have 32');
  if (layout !== undefined) {
    const { physicalPages } = layout;
    return new WebAssembly.Memory({ initial: physicalPages, maximum: physicalPages, shared: limits.shared });
  }
  const maximum = Math.max(limits.minimum, Math.min(limits.maximum ?? LARGEST_MEMORY_PAGES, capPages));
  return new WebAssembly.Memory({ initial: limits.minimum, maximum, shared: limits.shared });
}

function makeTable({ type, limits }: TableType): WebAssembly.Table {
  const element = type === 'externref' ? 'externref' : 'anyfunc';
  const { minimum: initial, maximum } = limits;
  return new WebAssembly.Table(maximum === undefined ? { element, initial } : { element, initial, maximum });
}

/** Where position-independent code expects something else than 0: a stack, and room for its data and functions. */
const KNOWN_GLOBALS: Readonly<Record<string, number>> = {
  __stack_pointer: 65536,
  __memory_base: 65536,
  __table_base: 1,
};

/** What an imported global `name` of type i32 is given. */
export function importedI32(name: string): number {
  return KNOWN_GLOBALS[name] ?? 0;
}

function makeGlobal(name: string, { type, mutable }: GlobalType): WebAssembly.Global {
  const value = type === 'i32' ? importedI32(name) : zeroOf(type);
  if (type === 'reference') throw new Error('its reference type has no value that JavaScript can make');
  const valueType = type === 'funcref' ? 'anyfunc' : type;
  return value === undefined
    ? new WebAssembly.Global({ value: valueType, mutable })
    : new WebAssembly.Global({ value: valueType, mutable }, value);
}

function makeTag(signature: FunctionType): WebAssembly.ImportValue {
  const Tag: unknown = Reflect.get(WebAssembly, 'Tag');
  if (typeof Tag !== 'function') throw new Error('this version of Node has no WebAssembly.Tag');
  return new (Tag as TagConstructor)({
    parameters: signature.params.map((type) => (type === 'funcref' ? 'anyfunc' : type)),
  });
}

function makeFunction(entry: Import, signature: FunctionType, host: Host): WebAssembly.ImportValue {
  const answer = typedAnswer(signature);
  const meaning = knownImport(entry.module, entry.name, host) ?? stub(entry, signature, host);
  const [result] = signature.results;
  // A stub's 0 must be of the declared type: JavaScript throws on 0 for an i64.
  if (result === 'i64') return (...values: (number | bigint)[]) => BigInt(meaning(...values) ?? 0);
  if (signature.results.length === 0 || (signature.results.length === 1 && isNumber(result))) return meaning;
  return (...values: (number | bigint)[]) => {
    meaning(...values);
    return answer;
  };
}

const isNumber = (type: ValueType | undefined) => type === 'i32' || type === 'f32' || type === 'f64';

function stub(entry: Import, signature: FunctionType, host: Host): ImportedFunction {
  const name = `${entry.module}.${entry.name}`;
  if (entry.module.length <= 2 && entry.name.length <= 3) return minifiedImport(name, signature.params.length, host);
  return () => {
    host.access.unknownCall(name);
    return 0;
  };
}

function typedAnswer({ results }: FunctionType): unknown {
  return results.length === 1 ? null : results.map(zeroOf);
}

function zeroOf(type: ValueType): number | bigint | null | undefined {
  if (type === 'i64') return 0n;
  if (type === 'funcref' || type === 'reference') return null;
  return type === 'v128' || type === 'externref' ? undefined : 0;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
