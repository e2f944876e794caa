/** The outside of a module, as detection looks at it: function exports with their types, imports, producers. */
import { functionTypeOf, type WasmModule } from '../../wasm/module.ts';
import { showType } from '../../wasm/types.ts';

const LATIN = new TextDecoder('latin1');

export interface Surface {
  /** Exported functions, by name, with types such as `(i32) -> i32`. */
  readonly functions: ReadonlyMap<string, string>;
  readonly importModules: ReadonlySet<string>;
  /** The text of the producers section: names of compilers and their versions. */
  readonly producers: string;
}

/** The surface of `module`. */
export function surfaceOf(module: WasmModule): Surface {
  const exported = module.exports.filter((entry) => entry.kind === 'function');
  const producers = module.sections.find((section) => section.name === 'producers');
  return {
    functions: new Map(exported.map(({ name, index }) => [name, showType(functionTypeOf(module, index))])),
    importModules: new Set(module.imports.map((entry) => entry.module)),
    producers: producers === undefined ? '' : LATIN.decode(producers.contents),
  };
}

/** True when `name` is an exported function of one of `types`. */
export function hasType(surface: Surface, name: string, types: readonly string[]): boolean {
  const type = surface.functions.get(name);
  return type !== undefined && types.includes(type);
}

/** `malloc is exported with type (i32) -> i32`. */
export function sayType(surface: Surface, name: string): string {
  return `${name} is exported with type ${surface.functions.get(name) ?? 'none'}`;
}
