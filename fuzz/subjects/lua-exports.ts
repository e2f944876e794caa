/** What the subjects over our own Lua modules share: the host's side of the imports, and typed exports. */
import { readFileSync } from 'node:fs';

export type Export = (...words: number[]) => number;

/** The module's imports, for subjects that run no script: nothing is ever written or asked. */
export const HOST_SINK = { write: () => 0, time: () => 0, clock: () => 0 };

/** The exported function `name`. Throws an Error when there is none. */
export function functionOf(instance: WebAssembly.Instance, name: string): Export {
  const exported = instance.exports[name];
  if (typeof exported !== 'function') throw new Error(`the module does not export a function ${name}`);
  return exported as Export;
}

const built = new Map<string, WebAssembly.Module>();

/**
 * The compiled module `wasm/dist/<name>.wasm`, read once: every second look at a trace takes a subject of its own. Throws
 * an Error that says how to build it when it is not there.
 */
export function builtModule(name: string): WebAssembly.Module {
  const module = built.get(name) ?? compile(name);
  built.set(name, module);
  return module;
}

function compile(name: string): WebAssembly.Module {
  return new WebAssembly.Module(builtBytes(name));
}

/** The bytes of `wasm/dist/<name>.wasm`. Throws an Error that says how to build it when it is not there. */
export function builtBytes(name: string): Uint8Array<ArrayBuffer> {
  const path = new URL(`../../wasm/dist/${name}.wasm`, import.meta.url);
  try {
    return new Uint8Array(readFileSync(path));
  } catch (error) {
    throw new Error(`cannot load ${path.pathname}: run "npm run build:wasm" first`, { cause: error });
  }
}
