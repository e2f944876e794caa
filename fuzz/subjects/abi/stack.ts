/**
 * A stack written by hand: `alloc(size[, align])`, and a `release(to)` that ends a block and all that were made after it,
 * as obstacks, regions and scratch arenas have. With a `mark()` that says where to return to, or without: a pointer
 * does then.
 *
 * Names alone do not tell it from a pair of functions over independent blocks, so it is detected only where it is asked
 * for; `probe/stack-like.ts` finds the others.
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
import { loneAllocAbi } from './pair.ts';
import { hasType, type Surface, sayType } from './surface.ts';

const ROLES = {
  ...loneAllocAbi.roles,
  release: [signature(1, 0), signature(1, 1)],
  mark: [signature(0, 1)],
};

/** The affixes of an allocating function, which the others share; malloc, calloc and realloc promise independent blocks. */
const ALLOCATES = /^(.*?)(?:alloc|allocate|Alloc|Allocate)(?![a-z])(.*)$/;
const IS_OF_C = /(^|[^A-Za-z])(m|c|re)$/i;
/** Words at the end of a name, in lower case, that say that what came later goes too. */
const NAMES_A_RELEASE =
  /(^|_)((release|rewind|pop|restore|unwind|rollback|roll_back)(_to)?|(reset|free|back|return|cut|shrink|truncate)_to|set_top)(_mark|_top|_checkpoint|_position|_pos)?$/;
/** In these everything that is freed says so. */
const NAMES_A_STACK = /(^|_)(ob)?stack_(free|dealloc|deallocate)$/;
const NAMES_A_MARK = /(^|_)(mark|save|top|tell|checkpoint|snapshot|position|pos)$/;

export const stackAbi: Abi = {
  ...loneAllocAbi,
  name: 'stack',
  about: 'alloc(size[, align]) and release(to), which ends every block made since, with a mark() or without, by hand',
  roles: ROLES,
  detect: (surface) => [...surface.functions.keys()].flatMap((name) => stacksOf(surface, name)),
  bind: bindStack,
};

/** Every release that goes with `name`, with each mark and then without. */
function stacksOf(surface: Surface, name: string): Detection[] {
  const [, prefix = '', suffix = ''] = ALLOCATES.exec(name) ?? [];
  if (!ALLOCATES.test(name) || IS_OF_C.test(prefix) || !hasType(surface, name, stackAbi.roles['alloc'] ?? []))
    return [];
  const others = [...surface.functions.keys()].filter((other) => other.startsWith(prefix) && other.endsWith(suffix));
  const named = (types: readonly string[], ...patterns: readonly RegExp[]) =>
    others.filter((other) => {
      const words = wordsOf(suffix === '' ? other : other.slice(0, -suffix.length));
      return hasType(surface, other, types) && patterns.some((pattern) => pattern.test(words));
    });
  const marks = [...named(ROLES.mark, NAMES_A_MARK).map((mark) => ({ mark })), {}];
  return named(ROLES.release, NAMES_A_RELEASE, NAMES_A_STACK).flatMap((release) =>
    marks.map((mark) => detectionOf(surface, { alloc: name, release, ...mark })),
  );
}

const detectionOf = (surface: Surface, names: Names): Detection => ({
  abi: 'stack',
  names,
  why: Object.values(names).map((found) => sayType(surface, found)),
});

/** `arenaReleaseTo` and `arena_release_to` are `arena_release_to`. */
const wordsOf = (name: string): string => name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();

function bindStack(names: Names, access: ModuleAccess): Allocator {
  const release = access.functionOf(required(names, 'release'));
  const mark = optional(names, 'mark', access);
  return {
    ...loneAllocAbi.bind({ alloc: required(names, 'alloc') }, access),
    ...(mark && { mark: () => unsigned(mark()) }),
    release: (to) => void release(to),
  };
}
