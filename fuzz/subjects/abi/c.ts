/** The C library's family: malloc, free and their relatives, under any common prefix or suffix. */
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

const VOID_OR_INT = [signature(1, 0), signature(1, 1)];

export const C_ROLES: Readonly<Record<string, readonly string[]>> = {
  malloc: [signature(1, 1)],
  free: VOID_OR_INT,
  realloc: [signature(2, 1)],
  calloc: [signature(2, 1)],
  memalign: [signature(2, 1)],
  aligned_alloc: [signature(2, 1)],
  posix_memalign: [signature(3, 1)],
  malloc_usable_size: [signature(1, 1)],
};

/** posix_memalign refuses alignments below the size of a pointer; C leaves them to the implementation. */
const SMALLEST_ALIGNMENT_BYTES = 4;
const LARGEST_SIZE_BYTES = 0xffffffff;

export const cAbi: Abi = {
  name: 'c',
  about: 'malloc, free, realloc, calloc, memalign, aligned_alloc, posix_memalign, malloc_usable_size',
  convention: C_CONVENTION,
  roles: C_ROLES,
  detect: detectFamilies,
  bind: bindC,
};

/** The same names behind an x, as GNU has them: what cannot be met ends the program. */
export const xmallocAbi: Abi = {
  ...cAbi,
  name: 'xmalloc',
  about: 'xmalloc, xfree, xrealloc, xcalloc: C functions that never give NULL',
  convention: { ...C_CONVENTION, refusesByTrap: true },
  detect: (surface) =>
    detectFamilies(surface)
      .filter(({ names }) => /(^|_)xmalloc/.test(required(names, 'malloc')))
      .map((family) => ({ ...family, abi: 'xmalloc' })),
};

/** Every family with a malloc of the right type; those with an affix need a free of the same affix too. */
export function detectFamilies(surface: Surface): Detection[] {
  return [...surface.functions.keys()]
    .flatMap((name) => familyOf(surface, name))
    .sort((left, right) => rank(left) - rank(right));
}

/** No affix first, then the fullest family, then the shortest name. */
function rank(family: Detection): number {
  const name = required(family.names, 'malloc');
  const plain = name === 'malloc' ? 0 : 10_000;
  return plain - Object.keys(family.names).length * 100 + name.length;
}

function familyOf(surface: Surface, name: string): Detection[] {
  const affixes = /^(.*)malloc(.*)$/.exec(name);
  if (affixes === null || name.startsWith('__wbindgen')) return [];
  const [, prefix = '', suffix = ''] = affixes;
  const found = Object.entries(C_ROLES)
    .map(([role, types]) => ({ role, types, name: `${prefix}${role}${suffix}` }))
    .filter((candidate) => hasType(surface, candidate.name, candidate.types));
  const names = Object.fromEntries(found.map((candidate) => [candidate.role, candidate.name]));
  // A free of another type makes it a family of another kind.
  if (names['free'] === undefined && surface.functions.has(`${prefix}free${suffix}`)) return [];
  if (names['malloc'] === undefined || (name !== 'malloc' && names['free'] === undefined)) return [];
  return [{ abi: 'c', names, why: found.map((candidate) => sayType(surface, candidate.name)) }];
}

/** The C functions among `names`. `posix_memalign` is used only where its two simpler relatives are absent. */
export function bindC(names: Names, access: ModuleAccess): Allocator {
  const role = (key: string) => optional(names, key, access);
  const malloc = access.functionOf(required(names, 'malloc'));
  const [free, realloc, calloc, usable] = [role('free'), role('realloc'), role('calloc'), role('malloc_usable_size')];
  const alignedAlloc =
    bindAligned(role('memalign'), role('aligned_alloc')) ?? bindPosix(role('posix_memalign'), access, malloc);
  return {
    malloc: (sizeBytes) => unsigned(malloc(sizeBytes)),
    ...(free && { free: (pointer: number) => void free(pointer) }),
    ...(realloc && {
      realloc: (pointer: number, _old: number, _alignment: number, sizeBytes: number) =>
        unsigned(realloc(pointer, sizeBytes)),
    }),
    ...(calloc && { calloc: (count: number, sizeBytes: number) => unsigned(calloc(count, sizeBytes)) }),
    ...(alignedAlloc && { alignedAlloc }),
    ...(usable && { usableSize: (pointer: number) => unsigned(usable(pointer)) }),
  };
}

type Aligned = (alignmentBytes: number, sizeBytes: number) => number;

function bindAligned(memalign: Callable | undefined, alignedAlloc: Callable | undefined): Aligned | undefined {
  if (memalign !== undefined) return (alignment, size) => unsigned(memalign(atLeastFour(alignment), size));
  if (alignedAlloc === undefined) return undefined;
  return (alignment, size) => alignedOrRounded(alignedAlloc, alignment, size);
}

const atLeastFour = (alignmentBytes: number) => Math.max(SMALLEST_ALIGNMENT_BYTES, alignmentBytes);

/** C11 wants the size to be a multiple of the alignment, C17 no longer: what is refused is asked for again, rounded up. */
function alignedOrRounded(alignedAlloc: Callable, alignmentBytes: number, sizeBytes: number): number {
  const alignment = atLeastFour(alignmentBytes);
  const pointer = unsigned(alignedAlloc(alignment, sizeBytes));
  const rounded = Math.ceil(sizeBytes / alignment) * alignment;
  if (pointer !== 0 || rounded === sizeBytes || rounded > LARGEST_SIZE_BYTES) return pointer;
  return unsigned(alignedAlloc(alignment, rounded));
}

/** The place posix_memalign writes its answer to is a block of its own, which lives as long as the instance. */
function bindPosix(posix: Callable | undefined, access: ModuleAccess, malloc: Callable): Aligned | undefined {
  if (posix === undefined) return undefined;
  const cell = unsigned(malloc(SMALLEST_ALIGNMENT_BYTES));
  return (alignment, size) => (posix(cell, atLeastFour(alignment), size) === 0 ? access.readU32(cell) : 0);
}
