/**
 * AssemblyScript's runtime: `__new(size, id)` makes an object, `__pin` keeps it from the garbage collector, `__unpin`
 * gives it up, `__collect` takes back what was given up. A request that cannot be met aborts.
 * Source: AssemblyScript `std/assembly/rt/itcms.ts`, `rt/tcms.ts`, `rt/stub.ts` and `rt/common.ts` (objects are 16-byte
 * aligned). Only the first of them clears what `__new` gives: it collects by itself and may visit what is half made. So
 * `calloc` is `__new`, and the probe leaves it out where the runtime does not collect by itself.
 */
import {
  type Abi,
  type Allocator,
  C_CONVENTION,
  type Callable,
  type Detection,
  type ModuleAccess,
  type Names,
  optional,
  required,
  signature,
  unsigned,
} from './abi.ts';
import { hasType, type Surface, sayType } from './surface.ts';

const ROLES: Readonly<Record<string, readonly string[]>> = {
  new: [signature(2, 1)],
  pin: [signature(1, 1)],
  unpin: [signature(1, 0)],
  collect: [signature(0, 0)],
};
const OPTIONAL_ROLE = 'collect';

/** ArrayBuffer in every release with pinning: the collector looks for no pointers in it. */
export const ARRAY_BUFFER_ID = 1;

/**
 * For so many live blocks one that was given up waits for the collector: small heaps are collected with every free,
 * which keeps traces short, large ones after a while, which keeps a free from walking the heap.
 */
const LIVE_BLOCKS_PER_WAITING = 8;
const LARGEST_SIZE_BYTES = 0xffffffff;

export const assemblyScriptAbi: Abi = {
  name: 'assemblyscript',
  about: '__new, __pin, __unpin, __collect of AssemblyScript',
  convention: { ...C_CONVENTION, refusesByTrap: true, alignmentFloorBytes: 16 },
  roles: ROLES,
  detect: detectAssemblyScript,
  bind: bindAssemblyScript,
};

function detectAssemblyScript(surface: Surface): Detection[] {
  const found = Object.entries(ROLES)
    .map(([role, types]) => ({ role, types, name: `__${role}` }))
    .filter(({ name, types }) => hasType(surface, name, types));
  const names = Object.fromEntries(found.map(({ role, name }) => [role, name]));
  if (!Object.keys(ROLES).every((role) => role === OPTIONAL_ROLE || names[role] !== undefined)) return [];
  return [{ abi: 'assemblyscript', names, why: found.map(({ name }) => sayType(surface, name)) }];
}

function bindAssemblyScript(names: Names, access: ModuleAccess): Allocator {
  const make = access.functionOf(required(names, 'new'));
  const pin = access.functionOf(required(names, 'pin'));
  const unpin = access.functionOf(required(names, 'unpin'));
  const collector = new Collector(optional(names, 'collect', access));
  const malloc = (size: number): number => {
    const pointer = unsigned(pin(unsigned(make(size, ARRAY_BUFFER_ID))));
    collector.noteMade();
    return pointer;
  };
  return {
    malloc,
    calloc: (count, size) => (count * size > LARGEST_SIZE_BYTES ? 0 : malloc(count * size)),
    free: (pointer) => {
      if (pointer === 0) return;
      unpin(pointer);
      collector.noteGivenUp();
    },
    collect: () => collector.collect(),
  };
}

/** Says when to collect, by the calls that were made and nothing else. */
class Collector {
  readonly #collect: Callable | undefined;
  #live = 0;
  /** Blocks given up since the last collection. */
  #waiting = 0;

  constructor(collect: Callable | undefined) {
    this.#collect = collect;
  }

  noteMade(): void {
    this.#live++;
  }

  noteGivenUp(): void {
    this.#live--;
    this.#waiting++;
    if (this.#waiting * LIVE_BLOCKS_PER_WAITING >= this.#live) this.collect();
  }

  /** Collects what waits. False when nothing did. */
  collect(): boolean {
    if (this.#collect === undefined || this.#waiting === 0) return false;
    this.#waiting = 0;
    this.#collect();
    return true;
  }
}
