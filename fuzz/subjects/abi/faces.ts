/**
 * The faces of an allocator: a module may export several that share one heap or have one each, such as `malloc` and
 * `lua_alloc`. A face is called by the function that gives its blocks.
 */
import type { WasmModule } from '../../wasm/module.ts';
import { type Detection, signature } from './abi.ts';
import { assemblyScriptAbi } from './assemblyscript.ts';
import { cAbi } from './c.ts';
import { cabiReallocAbi } from './cabi-realloc.ts';
import { cxxAbi } from './cxx.ts';
import { luaAllocAbi } from './lua-alloc.ts';
import { hasType, type Surface, surfaceOf } from './surface.ts';
import { wasmBindgenAbi } from './wasm-bindgen.ts';

/** ABIs whose names leave no doubt. A pair of functions that are called alloc and free may be any pair beside these. */
const UNMISTAKABLE = [assemblyScriptAbi, wasmBindgenAbi, luaAllocAbi, cxxAbi, cabiReallocAbi].map(({ name }) => name);
/** C's own functions. Those of a library need not be: the sizes of `sqlite3_malloc` have a sign, and below 0 it frees. */
const NAMES_C = /^(_*|lua_)malloc$/;

/** With the size as its one parameter this needs no arena from elsewhere, as a pool would. */
const NAMES_AN_ARENA = /^(arena|bump|scratch|region|frame|linear)_alloc(ate)?$/;

/** What the face of `detection` is called by. */
export function faceOf({ names }: Detection): string {
  return Object.values(names)[0] ?? '';
}

/** True when `detection` is the face `name`, or has a function of that name. */
export function isFace(detection: Detection, name: string): boolean {
  return Object.values(detection.names).includes(name);
}

/** Of `detections`, all in `module`, those behind the first that are beyond doubt and have a function of their own. */
export function otherFaces(module: WasmModule, detections: readonly Detection[]): Detection[] {
  const indices = new Map(module.exports.map(({ kind, name, index }) => [name, kind === 'function' ? index : -1]));
  const functionsOf = ({ names }: Detection) => Object.values(names).map((name) => indices.get(name) ?? -1);
  const [first, ...others] = detections;
  const surface = surfaceOf(module);
  const seen = new Set(first === undefined ? [] : functionsOf(first));
  return others.filter((face) => {
    const isNew = isBeyondDoubt(face, surface) && functionsOf(face).some((index) => !seen.has(index));
    if (isNew) for (const index of functionsOf(face)) seen.add(index);
    return isNew;
  });
}

function isBeyondDoubt(face: Detection, surface: Surface): boolean {
  const name = faceOf(face);
  if (NAMES_AN_ARENA.test(name)) return hasType(surface, name, [signature(1, 1)]);
  return UNMISTAKABLE.includes(face.abi) || (face.abi === cAbi.name && NAMES_C.test(name));
}
