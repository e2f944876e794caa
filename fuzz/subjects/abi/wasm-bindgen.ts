/**
 * wasm-bindgen's functions, old (without alignment) and new, by name or numbered.
 * Source: wasm-bindgen `src/lib.rs`, module `__rt`. A request of 0 bytes is answered with the alignment, which is no
 * block, and is freed as one of 0 bytes, which the functions ignore: so the glue does with an empty slice. Sizes must be those
 * the block was asked for with; what cannot be met aborts.
 */
import {
  type Abi,
  type Allocator,
  C_CONVENTION,
  type Convention,
  type Detection,
  type ModuleAccess,
  type Names,
  optional,
  required,
  signature,
  unsigned,
} from './abi.ts';
import { hasType, type Surface, sayType } from './surface.ts';

const NEW_TYPES = { malloc: signature(2, 1), realloc: signature(4, 1), free: signature(3, 0) };
const OLD_TYPES = { malloc: signature(1, 1), realloc: signature(3, 1), free: signature(2, 0) };

/** The alignment of an f64, which JavaScript glue asks for at most. */
export const RUST_ALIGNMENT_BYTES = 8;
const ISIZE_MAX = 2 ** 31 - 1;
/** The old functions asked for the alignment of a usize. */
const OLD_ALIGNMENT_BYTES = 4;

/** Rust's allocation functions behind an export: a refusal aborts, sizes are never 0. */
export const RUST_CONVENTION: Convention = {
  ...C_CONVENTION,
  refusesByTrap: true,
  alignmentFloorBytes: OLD_ALIGNMENT_BYTES,
  usualAlignmentBytes: RUST_ALIGNMENT_BYTES,
  forbidsZeroRealloc: true,
};

export const wasmBindgenAbi: Abi = {
  name: 'wasm-bindgen',
  about: '__wbindgen_malloc, __wbindgen_realloc, __wbindgen_free, or __wbindgen_export_N of their types',
  convention: RUST_CONVENTION,
  roles: {
    malloc: [NEW_TYPES.malloc, OLD_TYPES.malloc],
    realloc: [NEW_TYPES.realloc, OLD_TYPES.realloc],
    free: [NEW_TYPES.free, OLD_TYPES.free],
  },
  detect: (surface) => [...detectNamed(surface), ...detectNumbered(surface)],
  bind: bindWasmBindgen,
};

function detectNamed(surface: Surface): Detection[] {
  const roles = Object.entries(wasmBindgenAbi.roles)
    .map(([role, types]) => ({ role, types, name: `__wbindgen_${role}` }))
    .filter(({ name, types }) => hasType(surface, name, types));
  return detection(
    surface,
    roles.map(({ role, name }) => [role, name]),
  );
}

/** Numbered exports are told apart by their types; of several with one type the lowest number is taken. */
function detectNumbered(surface: Surface): Detection[] {
  const numbered = [...surface.functions.keys()]
    .filter((name) => /^__wbindgen_export_?\d+$/.test(name))
    .sort((left, right) => Number(/\d+/.exec(left)?.[0]) - Number(/\d+/.exec(right)?.[0]));
  const find = (types: typeof NEW_TYPES) =>
    Object.entries(types).flatMap(([role, type]): [string, string][] => {
      const name = numbered.find((candidate) => surface.functions.get(candidate) === type);
      return name === undefined ? [] : [[role, name]];
    });
  const found = [find(NEW_TYPES), find(OLD_TYPES)].find((roles) => roles.length >= 2);
  return detection(surface, found ?? []);
}

function detection(surface: Surface, roles: [string, string][]): Detection[] {
  const names = Object.fromEntries(roles);
  if (names['malloc'] === undefined) return [];
  return [{ abi: 'wasm-bindgen', names, why: roles.map(([, name]) => sayType(surface, name)) }];
}

/**
 * What a request of 0 bytes gives is no block: the alignment itself, or less. Where it is known to be one, that is its
 * address, and happens to be what was asked for as an alignment.
 */
export function noDanglingPointer(
  pointer: number,
  sizeBytes: number,
  alignmentBytes: number,
  { zeroIsABlock }: Pick<ModuleAccess, 'zeroIsABlock'>,
): number {
  return sizeBytes === 0 && pointer <= alignmentBytes && !zeroIsABlock ? 0 : pointer;
}

/**
 * What Rust forbids is not asked for, and counts as refused: a new size that does not fit in an isize once it is rounded up.
 * Source: the safety section of `GlobalAlloc::realloc`, which `__wbindgen_realloc` hands on to whoever calls it.
 */
function resized(newSize: number, alignment: number, realloc: () => unknown): number {
  return newSize > ISIZE_MAX - (alignment - 1) ? 0 : unsigned(realloc());
}

/** A trap says where it was, for the request was answered. */
function handBack(free: () => void): void {
  try {
    free();
  } catch (error) {
    if (error instanceof Error) error.message += ', in the free of its 0 bytes';
    throw error;
  }
}

function bindWasmBindgen(names: Names, access: ModuleAccess): Allocator {
  const name = required(names, 'malloc');
  return access.typeOf(name) === NEW_TYPES.malloc ? bindNew(names, access) : bindOld(names, access);
}

function bindNew(names: Names, access: ModuleAccess): Allocator {
  const malloc = access.functionOf(required(names, 'malloc'));
  const realloc = optional(names, 'realloc', access);
  const free = optional(names, 'free', access);
  const alignedAlloc = (alignment: number, size: number) => {
    const given = unsigned(malloc(size, alignment));
    const pointer = noDanglingPointer(given, size, alignment, access);
    if (pointer !== given) handBack(() => free?.(given, 0, alignment));
    return pointer;
  };
  return {
    malloc: (size) => alignedAlloc(access.alignmentBytes, size),
    alignedAlloc,
    ...(realloc && {
      reallocTakesOldSize: true,
      reallocKeepsAlignment: true,
      realloc: (pointer: number, oldSize: number, alignment: number, newSize: number) =>
        pointer === 0 || oldSize === 0
          ? alignedAlloc(alignment, newSize)
          : resized(newSize, alignment, () => realloc(pointer, oldSize, newSize, alignment)),
    }),
    ...(free && {
      free: (pointer: number, size: number, alignment: number) => {
        if (pointer !== 0) free(pointer, size, alignment);
      },
    }),
  };
}

function bindOld(names: Names, access: ModuleAccess): Allocator {
  const malloc = access.functionOf(required(names, 'malloc'));
  const realloc = optional(names, 'realloc', access);
  const free = optional(names, 'free', access);
  const allocate = (size: number) => {
    const given = unsigned(malloc(size));
    const pointer = noDanglingPointer(given, size, OLD_ALIGNMENT_BYTES, access);
    if (pointer !== given) handBack(() => free?.(given, 0));
    return pointer;
  };
  return {
    malloc: allocate,
    ...(realloc && {
      reallocTakesOldSize: true,
      realloc: (pointer: number, oldSize: number, _alignment: number, newSize: number) =>
        pointer === 0 || oldSize === 0
          ? allocate(newSize)
          : resized(newSize, RUST_ALIGNMENT_BYTES, () => realloc(pointer, oldSize, newSize)),
    }),
    ...(free && {
      free: (pointer: number, size: number) => {
        if (pointer !== 0) free(pointer, size);
      },
    }),
  };
}
