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
import { byRemainder, isSome, sayRemainders, THIRDS } from './by-remainder.ts';
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
  sayDispatch: sayAligning,
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
  const why = [...found.map((candidate) => sayType(surface, candidate.name)), ...sayAligning(names)];
  return [{ abi: 'c', names, why }];
}

/** The C functions among `names`. Of those that align, each has sizes of its own. */
export function bindC(names: Names, access: ModuleAccess): Allocator {
  const role = (key: string) => optional(names, key, access);
  const malloc = access.functionOf(required(names, 'malloc'));
  const [free, realloc, calloc, usable] = [role('free'), role('realloc'), role('calloc'), role('malloc_usable_size')];
  const alignedAlloc = bindAligned(names, access, malloc);
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

/** In the order in which they are given remainders. */
const ALIGNING = ['memalign', 'aligned_alloc', 'posix_memalign'] as const;

/** Which of several functions that align is asked for which sizes, in a line; none where there is one at most. */
export function sayAligning(names: Names): string[] {
  const aligning = ALIGNING.flatMap((role) => names[role] ?? []);
  if (!isSome(aligning) || aligning.length === 1) return [];
  return [`aligned_alloc by the remainder of its size by ${THIRDS}: ${sayRemainders(aligning, THIRDS)}`];
}

function bindAligned(names: Names, access: ModuleAccess, malloc: Callable): Aligned | undefined {
  const bound = ALIGNING.flatMap((role): Aligned[] => {
    const called = optional(names, role, access);
    return called === undefined ? [] : [BIND[role](called, access, malloc)];
  });
  if (!isSome(bound)) return undefined;
  return (alignment, size) => byRemainder(bound, THIRDS, size)(Math.max(SMALLEST_ALIGNMENT_BYTES, alignment), size);
}

const BIND: Readonly<
  Record<(typeof ALIGNING)[number], (called: Callable, access: ModuleAccess, malloc: Callable) => Aligned>
> = {
  memalign: (memalign) => (alignment, size) => unsigned(memalign(alignment, size)),
  aligned_alloc: (alignedAlloc) => (alignment, size) => alignedOrRounded(alignedAlloc, alignment, size),
  posix_memalign: bindPosix,
};

/** C11 wants the size to be a multiple of the alignment, C17 no longer: what is refused is asked for again, rounded up. */
function alignedOrRounded(alignedAlloc: Callable, alignmentBytes: number, sizeBytes: number): number {
  const pointer = unsigned(alignedAlloc(alignmentBytes, sizeBytes));
  const rounded = Math.ceil(sizeBytes / alignmentBytes) * alignmentBytes;
  if (pointer !== 0 || rounded === sizeBytes || rounded > LARGEST_SIZE_BYTES) return pointer;
  return unsigned(alignedAlloc(alignmentBytes, rounded));
}

/**
 * posix_memalign writes its answer to a word that is put back: a block for it would be missed by pools and counters, and be
 * somebody else's after a reset. Where no word is spare it is a block, which lives as long as the instance.
 */
function bindPosix(posix: Callable, { spareWord, readU32, writeU32 }: ModuleAccess, malloc: Callable): Aligned {
  const cell = spareWord() ?? unsigned(malloc(SMALLEST_ALIGNMENT_BYTES));
  return (alignment, size) => {
    const before = readU32(cell);
    try {
      return posix(cell, alignment, size) === 0 ? readU32(cell) : 0;
    } finally {
      writeU32(cell, before);
    }
  };
}
