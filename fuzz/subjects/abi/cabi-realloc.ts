/**
 * The component model's `cabi_realloc(old, old_size, align, new_size)`.
 * Source: the component model's Canonical ABI (realloc option). It allocates and resizes; nothing frees, but for what some
 * toolchains export beside it; a request that cannot be met traps.
 */
import {
  type Abi,
  type Allocator,
  type Detection,
  type ModuleAccess,
  type Names,
  optional,
  required,
  signature,
  unsigned,
} from './abi.ts';
import { hasType, type Surface, sayType } from './surface.ts';
import { noDanglingPointer, RUST_ALIGNMENT_BYTES, RUST_CONVENTION } from './wasm-bindgen.ts';

const TYPES = [signature(4, 1)];
/** With the block alone, or its size and alignment, too. */
const FREES = ['cabi_free', 'canonical_abi_free', 'free'];
const FREE_TYPES = [1, 2, 3].map((params) => signature(params, 0));
/** What toolchains export it as: before and after the name was settled. */
const NAMES = ['cabi_realloc', 'canonical_abi_realloc', 'cabi_realloc_adapter'];

export const cabiReallocAbi: Abi = {
  name: 'cabi-realloc',
  about: 'cabi_realloc(old, old_size, align, new_size) of the component model',
  convention: { ...RUST_CONVENTION, alignmentFloorBytes: RUST_ALIGNMENT_BYTES },
  roles: { realloc: TYPES, free: FREE_TYPES },
  detect: detectCabiRealloc,
  bind: bindCabiRealloc,
};

function detectCabiRealloc(surface: Surface): Detection[] {
  const free = FREES.find((name) => hasType(surface, name, FREE_TYPES));
  return NAMES.filter((name) => hasType(surface, name, TYPES)).map((realloc) => {
    const names = free === undefined ? { realloc } : { realloc, free };
    return { abi: 'cabi-realloc', names, why: Object.values(names).map((name) => sayType(surface, name)) };
  });
}

function bindCabiRealloc(names: Names, access: ModuleAccess): Allocator {
  const { functionOf, alignmentBytes } = access;
  const realloc = functionOf(required(names, 'realloc'));
  const free = optional(names, 'free', access);
  const alignedAlloc = (alignment: number, size: number) =>
    noDanglingPointer(unsigned(realloc(0, 0, alignment, size)), size, alignment, access);
  return {
    malloc: (size) => alignedAlloc(alignmentBytes, size),
    alignedAlloc,
    ...(free && { free: (pointer: number, size: number, alignment: number) => void free(pointer, size, alignment) }),
    reallocTakesOldSize: true,
    reallocKeepsAlignment: true,
    realloc: (pointer, oldSize, alignment, newSize) =>
      pointer === 0 || oldSize === 0
        ? alignedAlloc(alignment, newSize)
        : unsigned(realloc(pointer, oldSize, alignment, newSize)),
  };
}
