/**
 * A stack written by hand: `alloc(size[, align])`, or `push`, and what ends a block and all that were made after it, as
 * obstacks, regions and scratch arenas have it. That is a `release(to)`, with a `mark()` that says where to return to, or
 * without, when a pointer does; or a `pop()` that returns to the last `mark()`, or ends one block where there is none.
 *
 * Names alone do not tell it from a pair of functions over independent blocks, so it is detected only where it is asked
 * for; `probe/stack-like.ts` finds the others.
 */
import {
  type Abi,
  type Allocator,
  type Callable,
  type Detection,
  type ModuleAccess,
  type Names,
  optional,
  required,
  signature,
  unsigned,
} from './abi.ts';
import { CALL_STACK, loneAllocAbi } from './pair.ts';
import { hasType, type Surface, sayType } from './surface.ts';

const TAKES_A_PLACE = [signature(1, 0), signature(1, 1)];
const TAKES_NOTHING = [signature(0, 0), signature(0, 1)];
const ROLES = {
  ...loneAllocAbi.roles,
  release: [...TAKES_A_PLACE, ...TAKES_NOTHING],
  mark: TAKES_NOTHING,
};

/** The affixes of an allocating function, which the others share; malloc, calloc and realloc promise independent blocks. */
const ALLOCATES = /^(.*?)(?:alloc|allocate|Alloc|Allocate|push|Push)(?![a-z])(.*)$/;
const IS_OF_C = /(^|[^A-Za-z])(m|c|re)$/i;
/** Words at the end of a name, in lower case, that say that what came later goes too. */
const NAMES_A_RELEASE =
  /(^|_)((release|rewind|pop|restore|unwind|rollback|roll_back)(_to)?|(reset|free|back|return|cut|shrink|truncate)_to|set_top)(_mark|_top|_checkpoint|_position|_pos)?$/;
/** In these everything that is freed says so. */
const NAMES_A_STACK = /(^|_)(ob)?stack_(free|dealloc|deallocate)$/;
const NAMES_A_MARK = /(^|_)(mark|save|top|tell|checkpoint|snapshot|position|pos)$/;
/** What takes nothing and ends what was made since the last mark, or the last block; and a mark that goes with it. */
const NAMES_A_POP =
  /(^|_)((pop|restore|release|rewind|unwind|rollback|leave|exit|end)(_(mark|frame|scope|last|top|checkpoint))?|(free|dealloc|drop)_(last|top))$/;
const NAMES_A_BEGINNING =
  /(^|_)(mark|save|checkpoint|snapshot|push|enter|begin|start)(_(mark|frame|scope|top|checkpoint))?$/;

export const stackAbi: Abi = {
  ...loneAllocAbi,
  name: 'stack',
  about: 'alloc(size[, align]) and release(to), which ends every block made since, with a mark() or without, by hand',
  roles: ROLES,
  detect: (surface) => [...surface.functions.keys()].flatMap((name) => stacksOf(surface, name)),
  bind: bindStack,
};

/** What may be a stack for its names, whatever the function that allocates is called: `push`, `frameAlloc`. */
export function allocsOfStacks(surface: Surface): Detection[] {
  const names = new Set(stackAbi.detect(surface).map((stack) => stack.names['alloc'] ?? ''));
  const own = [...names].filter((name) => !CALL_STACK.test(name));
  return own.map((alloc) => ({ abi: loneAllocAbi.name, names: { alloc }, why: [sayType(surface, alloc)] }));
}

/** Every release that goes with `alloc`, with each mark and then without. */
function stacksOf(surface: Surface, alloc: string): Detection[] {
  const relatives = relativesOf(surface, alloc);
  const named = (types: readonly string[], ...patterns: readonly RegExp[]) =>
    relatives
      .filter(({ name, words }) => hasType(surface, name, types) && patterns.some((pattern) => pattern.test(words)))
      .map(({ name }) => name);
  const found = [
    ...withMarks(named(TAKES_A_PLACE, NAMES_A_RELEASE, NAMES_A_STACK), named([signature(0, 1)], NAMES_A_MARK)),
    ...withMarks(named(TAKES_NOTHING, NAMES_A_POP), named(TAKES_NOTHING, NAMES_A_BEGINNING)),
  ];
  return found.map((names) => detectionOf(surface, { alloc, ...names }));
}

/** The other functions with the affixes of `alloc`, and the words of their names; none where it allocates no block of a stack. */
function relativesOf(surface: Surface, alloc: string): { readonly name: string; readonly words: string }[] {
  const [, prefix, suffix = ''] = ALLOCATES.exec(alloc) ?? [];
  if (prefix === undefined || IS_OF_C.test(prefix) || !hasType(surface, alloc, loneAllocAbi.roles['alloc'] ?? []))
    return [];
  return [...surface.functions.keys()]
    .filter((name) => name !== alloc && name.startsWith(prefix) && name.endsWith(suffix))
    .map((name) => ({ name, words: wordsOf(name.slice(0, name.length - suffix.length)) }));
}

function withMarks(releases: readonly string[], marks: readonly string[]): Names[] {
  return releases.flatMap((release) => [
    ...marks.filter((mark) => mark !== release).map((mark) => ({ release, mark })),
    { release },
  ]);
}

const detectionOf = (surface: Surface, names: Names): Detection => ({
  abi: 'stack',
  names,
  why: Object.values(names).map((found) => sayType(surface, found)),
});

/** `arenaReleaseTo` and `arena_release_to` are `arena_release_to`. */
const wordsOf = (name: string): string => name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();

function bindStack(names: Names, access: ModuleAccess): Allocator {
  const name = required(names, 'release');
  const release = access.functionOf(name);
  const mark = optional(names, 'mark', access);
  const allocator = loneAllocAbi.bind(names, access);
  if (TAKES_A_PLACE.includes(access.typeOf(name))) {
    return { ...allocator, ...(mark && { mark: () => unsigned(mark()) }), release: (to) => void release(to) };
  }
  if (mark === undefined) return { ...allocator, popLast: () => void release() };
  return { ...allocator, mark: ownMark(mark), release: () => void release() };
}

/** Sets a mark that the stack keeps to itself. One that answered with a number refuses when it says 0 later. */
function ownMark(mark: Callable): () => number | undefined {
  let first: number | undefined;
  return () => {
    const answer = unsigned(mark());
    first ??= answer;
    return first > 0 && answer === 0 ? undefined : 0;
  };
}
