/**
 * A hand-exported pair, `alloc` and `dealloc`, with or without sizes and alignments, under any common prefix or suffix.
 * By convention (Rust's guides, hand-written C) nothing is promised for 0 bytes, and failure may be NULL or a trap.
 */
import {
  type Abi,
  type Allocator,
  C_CONVENTION,
  type Callable,
  type Detection,
  type ModuleAccess,
  type Names,
  required,
  signature,
  unsigned,
} from './abi.ts';
import { hasType, type Surface, sayType } from './surface.ts';
import { noDanglingPointer } from './wasm-bindgen.ts';

const ALLOC_TYPES = [signature(1, 1), signature(2, 1)];
const ROLES = {
  alloc: ALLOC_TYPES,
  alloc_zeroed: ALLOC_TYPES,
  dealloc: [1, 2, 3].flatMap((params) => [signature(params, 0), signature(params, 1)]),
  realloc: [signature(2, 1), signature(3, 1), signature(4, 1)],
};

/** Spellings of the two halves and of the third; affixes stay the same. */
const SPELLINGS: readonly (readonly [alloc: string, dealloc: string, realloc?: string])[] = [
  ['alloc', 'dealloc', 'realloc'],
  ['allocate', 'deallocate', 'reallocate'],
  ['Alloc', 'Dealloc', 'Realloc'],
  ['alloc', 'free', 'realloc'],
  ['Alloc', 'Free', 'Realloc'],
  ['allocate', 'free', 'reallocate'],
  ['allocate', 'release', 'reallocate'],
  ['alloc', 'release', 'realloc'],
];
/** What is behind `alloc` in the name of one that clears, as in Rust, or in camel case. */
const ZEROED = ['_zeroed', 'Zeroed'];
const LARGEST_SIZE_BYTES = 0xffffffff;

/** What the functions of an allocator do, and what they do it to. */
const NAMES_AN_ALLOCATOR =
  /alloc|free|release|size|reset|init|mark|pop|used|live|bytes|mem|buf|block|chunk|data|array|slice|str/i;

/** Whether other functions work on what is behind `alloc` in its name: `allocate_mappings`, beside `parse_mappings`, makes no block. */
function makesAThing(surface: Surface, suffix: string): boolean {
  const others = [...surface.functions.keys()].filter((name) => name.endsWith(suffix));
  return suffix !== '' && others.some((name) => !NAMES_AN_ALLOCATOR.test(name));
}

/** C's names with sizes that C does not have. */
const SIZED_C = ['malloc', 'free', 'realloc'] as const;

export const pairAbi: Abi = {
  name: 'pair',
  about: 'alloc(size[, align]) and dealloc(ptr[, size[, align]]), with realloc and alloc_zeroed or without, by hand',
  convention: { ...C_CONVENTION, refusesByTrap: true, usualAlignmentBytes: 8, forbidsZeroRealloc: true },
  roles: ROLES,
  detect: detectPairs,
  bind: bindPair,
};

function detectPairs(surface: Surface): Detection[] {
  const names = [...surface.functions.keys()];
  const pairs = SPELLINGS.flatMap((spelling) => names.flatMap((name) => pairOf(surface, name, spelling)));
  const sized = names.flatMap((name) => pairOf(surface, name, SIZED_C)).filter(({ names }) => isSized(surface, names));
  return [...pairs, ...sized];
}

/** Whether a free takes more than a pointer, which tells it from C's; wasm-bindgen's have an ABI of their own. */
function isSized(surface: Surface, names: Names): boolean {
  const free = names['dealloc'] ?? '';
  return !free.startsWith('__wbindgen') && !hasType(surface, free, [signature(1, 0), signature(1, 1)]);
}

/** Emscripten's call stack is no allocator: it knows no limit, and refuses nothing. */
export const CALL_STACK = /^(stackAlloc|_?emscripten_stack_alloc)$/;

/** `alloc` alone, under a prefix at most: nothing is ever freed. The second parameter of one that has two is an alignment. */
export const loneAllocAbi: Abi = {
  ...pairAbi,
  name: 'alloc',
  about: 'alloc(size[, align]) alone, with alloc_zeroed or without, by hand',
  roles: { alloc: ALLOC_TYPES, alloc_zeroed: ALLOC_TYPES },
  detect: (surface) =>
    [...surface.functions.keys()]
      .filter(
        (name) => /^(.*_)?alloc(ate)?$/.test(name) && !CALL_STACK.test(name) && hasType(surface, name, ROLES.alloc),
      )
      .map((name) => detectionOf(surface, 'alloc', { alloc: name, ...zeroedOf(surface, name, name.length) })),
};

function detectionOf(surface: Surface, abi: string, names: Names): Detection {
  return { abi, names, why: Object.values(names).map((found) => sayType(surface, found)) };
}

/** The relative of `alloc` that clears, with the same parameters; `at` is where the word `alloc` ends in its name. */
function zeroedOf(surface: Surface, alloc: string, at: number): Names {
  const type = surface.functions.get(alloc) ?? '';
  const end = alloc.startsWith('ate', at) ? at + 3 : at;
  const named = ZEROED.map((word) => `${alloc.slice(0, end)}${word}${alloc.slice(end)}`);
  const zeroed = named.find((name) => hasType(surface, name, [type]));
  return zeroed === undefined ? {} : { alloc_zeroed: zeroed };
}

function pairOf(surface: Surface, name: string, spelling: (typeof SPELLINGS)[number]): Detection[] {
  const at = name.indexOf(spelling[0]);
  if (
    at < 0 ||
    makesAThing(surface, name.slice(at + spelling[0].length)) ||
    /(^|[^A-Za-z])(m|c|re)$/i.test(name.slice(0, at))
  )
    return [];
  const affixed = (word: string) => `${name.slice(0, at)}${word}${name.slice(at + spelling[0].length)}`;
  const [dealloc, realloc] = [affixed(spelling[1]), affixed(spelling[2] ?? '')];
  if (!hasType(surface, name, ROLES.alloc) || !hasType(surface, dealloc, ROLES.dealloc)) return [];
  const third = hasType(surface, realloc, ROLES.realloc) ? { realloc } : {};
  const zeroed = zeroedOf(surface, name, at + spelling[0].length);
  return [detectionOf(surface, 'pair', { alloc: name, dealloc, ...third, ...zeroed })];
}

function bindPair(names: Names, access: ModuleAccess): Allocator {
  const name = required(names, 'alloc');
  const takesAlignment = access.typeOf(name) === signature(2, 1);
  const allocate = bindAlloc(name, access);
  const malloc = (size: number) => allocate(access.alignmentBytes, size);
  return {
    malloc,
    ...bindZeroed(names['alloc_zeroed'], access),
    ...(takesAlignment && { alignedAlloc: allocate }),
    ...bindDealloc(names['dealloc'], access),
    ...bindRealloc(names['realloc'], access, malloc),
  };
}

/** `alloc`, or its relative that clears, which takes its parameters in the same order. */
function bindAlloc(name: string, access: ModuleAccess): (alignment: number, size: number) => number {
  const alloc = access.functionOf(name);
  const isFirst = access.alignmentFirst.includes('alloc');
  return (alignment, size) =>
    noDanglingPointer(unsigned(isFirst ? alloc(alignment, size) : alloc(size, alignment)), size, alignment, access);
}

/** No size can say a product that does not fit, so that it is not asked for, and counts as refused. */
function bindZeroed(name: string | undefined, access: ModuleAccess): Partial<Allocator> {
  if (name === undefined) return {};
  const allocate = bindAlloc(name, access);
  return {
    calloc: (count, size) => (count * size > LARGEST_SIZE_BYTES ? 0 : allocate(access.alignmentBytes, count * size)),
  };
}

function bindDealloc(name: string | undefined, access: ModuleAccess): Partial<Allocator> {
  if (name === undefined) return {};
  const dealloc: Callable = access.functionOf(name);
  const isFirst = access.alignmentFirst.includes('dealloc');
  return {
    free: (pointer, size, alignment) => {
      if (pointer === 0) return;
      if (isFirst) dealloc(pointer, alignment, size);
      else dealloc(pointer, size, alignment);
    },
  };
}

function bindRealloc(
  name: string | undefined,
  access: ModuleAccess,
  malloc: (size: number) => number,
): Partial<Allocator> {
  if (name === undefined) return {};
  const realloc = access.functionOf(name);
  const type = access.typeOf(name);
  const isFirst = access.alignmentFirst.includes('realloc');
  const resize: Allocator['realloc'] =
    type === signature(4, 1) && isFirst
      ? (pointer, oldSize, alignment, newSize) => unsigned(realloc(pointer, alignment, oldSize, newSize))
      : type === signature(4, 1)
        ? (pointer, oldSize, alignment, newSize) => unsigned(realloc(pointer, oldSize, alignment, newSize))
        : type === signature(3, 1)
          ? (pointer, oldSize, _alignment, newSize) => unsigned(realloc(pointer, oldSize, newSize))
          : (pointer, _oldSize, _alignment, newSize) => unsigned(realloc(pointer, newSize));
  return {
    ...(type !== signature(2, 1) && { reallocTakesOldSize: true }),
    ...(type === signature(4, 1) && { reallocKeepsAlignment: true }),
    realloc: (pointer, oldSize, alignment, newSize) =>
      pointer === 0 ? malloc(newSize) : resize(pointer, oldSize, alignment, newSize),
  };
}
