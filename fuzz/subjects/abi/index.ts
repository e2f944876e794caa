/** Every ABI, the most specific first, and the choice of one for a module. Adding one is adding a line. */
import type { WasmModule } from '../../wasm/module.ts';
import type { Abi, Detection, Names } from './abi.ts';
import { assemblyScriptAbi } from './assemblyscript.ts';
import { cAbi, xmallocAbi } from './c.ts';
import { cabiReallocAbi } from './cabi-realloc.ts';
import { cxxAbi } from './cxx.ts';
import { faceOf, isFace } from './faces.ts';
import { luaAllocAbi } from './lua-alloc.ts';
import { loneAllocAbi, pairAbi } from './pair.ts';
import { allocsOfStacks, stackAbi } from './stack.ts';
import { type Surface, sayType, surfaceOf } from './surface.ts';
import { tinygoAbi } from './tinygo.ts';
import { wasmBindgenAbi } from './wasm-bindgen.ts';

export const ABIS: readonly Abi[] = [
  assemblyScriptAbi,
  wasmBindgenAbi,
  tinygoAbi,
  xmallocAbi,
  cAbi,
  luaAllocAbi,
  cxxAbi,
  pairAbi,
  cabiReallocAbi,
  loneAllocAbi,
  stackAbi,
];

/** No allocator was found, or the one asked for is not there. The message is one line. */
export class NoAllocator extends Error {
  override readonly name = 'NoAllocator';
}

export interface DetectOptions {
  /** The name of an ABI of the table; it alone is looked for. */
  readonly abi?: string;
  /** A function of the allocator that is meant, where a module exports several. */
  readonly face?: string;
  /** Roles and the exports that play them, for names that say nothing: `{ malloc: 'f', free: 'g' }`. */
  readonly map?: Names;
}

/** The ABI called `name`. Throws NoAllocator. */
export function abiNamed(name: string): Abi {
  const abi = ABIS.find((candidate) => candidate.name === name);
  if (abi === undefined) {
    throw new NoAllocator(`unknown ABI "${name}"; known are ${ABIS.map((candidate) => candidate.name).join(', ')}`);
  }
  return abi;
}

/** Every allocator found in `module`, the likeliest first; none when there is none. */
export function detectAll(module: WasmModule): Detection[] {
  const surface = surfaceOf(module);
  const found = [
    ...ABIS.filter((abi) => abi !== stackAbi).flatMap((abi) => abi.detect(surface)),
    ...allocsOfStacks(surface),
  ];
  // TinyGo's functions are C's too: the more specific ABI has them.
  const seen = new Set<string>();
  return found.filter(({ names }) => {
    const key = Object.values(names).sort().join(' ');
    return !seen.has(key) && seen.add(key);
  });
}

/** The allocator to use. Throws NoAllocator saying what was looked for and what the module exports instead. */
export function detect(module: WasmModule, options: DetectOptions = {}): Detection {
  const surface = surfaceOf(module);
  if (options.map !== undefined) return fromMap(surface, abiNamed(options.abi ?? 'c'), options.map);
  const { abi, face } = options;
  const candidates = abi === undefined ? detectAll(module) : abiNamed(abi).detect(surface);
  if (candidates.length === 0) throw new NoAllocator(nothingFound(surface, abi));
  const [first] = face === undefined ? candidates : candidates.filter((candidate) => isFace(candidate, face));
  if (first === undefined)
    throw new NoAllocator(`no allocator has "${face}"; there are ${candidates.map(faceOf).join(', ')}`);
  return first;
}

function fromMap(surface: Surface, abi: Abi, map: Names): Detection {
  for (const [role, name] of Object.entries(map)) checkRole(surface, abi, role, name);
  const mapped = Object.values(map).map((name) => `${sayType(surface, name)}, as mapped`);
  return { abi: abi.name, names: map, why: [...mapped, ...(abi.sayDispatch?.(map) ?? [])] };
}

function checkRole(surface: Surface, abi: Abi, role: string, name: string): void {
  const types = abi.roles[role];
  if (types === undefined) {
    throw new NoAllocator(`ABI ${abi.name} has no role "${role}"; it has ${Object.keys(abi.roles).join(', ')}`);
  }
  const type = surface.functions.get(name);
  if (type === undefined) throw new NoAllocator(`the module exports no function "${name}" for ${role}`);
  if (!types.includes(type)) throw new NoAllocator(`${role}=${name} has type ${type}, expected ${types.join(' or ')}`);
}

function nothingFound(surface: Surface, abi: string | undefined): string {
  const wrong = wrongTypes(surface);
  if (wrong !== undefined) return wrong;
  const names = [...surface.functions.keys()];
  const listed = names.slice(0, 12).join(', ') + (names.length > 12 ? `, ... (${names.length} functions)` : '');
  const what = abi === undefined ? 'no allocator' : `no allocator of ABI ${abi}`;
  return `${what} among the exports ${listed || '(none)'}; name it with --map malloc=f,free=g`;
}

/** The export that has a known name and an unexpected type, in a line. */
function wrongTypes(surface: Surface): string | undefined {
  for (const [role, types] of Object.entries(cAbi.roles)) {
    const type = surface.functions.get(role);
    if (type !== undefined && !types.includes(type)) return `${role} has type ${type}, expected ${types.join(' or ')}`;
  }
  return undefined;
}
