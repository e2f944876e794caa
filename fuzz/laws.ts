/** The invariants every finding, property and report names by the same id. */
export const LAWS = {
  'pointers-are-aligned': 'every pointer is a multiple of the promised (or requested) alignment',
  'regions-stay-in-bounds': 'every block lies inside the arena and inside memory; none is at 0, none ends past the end',
  'regions-never-overlap': 'no two live blocks share a byte',
  'bytes-survive-their-neighbours': 'no operation changes a byte of a live block it was not given',
  'realloc-keeps-the-prefix': 'min(old, new) bytes survive a realloc; a refused realloc leaves the old block as it was',
  'calloc-gives-zeroes': 'calloc memory reads zero, also when recycled',
  'impossible-sizes-are-refused': 'sizes and products that cannot fit give NULL, and change nothing',
  'exhaustion-is-reported':
    'out of memory is NULL (or MemoryError on the host), never a trap, and the heap goes on working',
  'refusals-are-honest': 'NULL only when the request really cannot be met',
  'shrinking-never-fails': 'realloc to a smaller size succeeds',
  'zero-size-policy-is-constant': 'malloc(0), realloc(p, 0) and free(NULL) behave the same way every time',
  'statistics-match-history': 'every counter equals what the trace implies',
  'reset-starts-over': 'after reset the subject behaves as a fresh one',
  'same-trace-same-answers': 'the same trace in a fresh instance gives the same pointers',
  'freed-memory-is-reused': 'a reclaiming subject: repeating a balanced trace stops growing memory',
  'everything-freed-is-everything-available':
    'a reclaiming subject: when all is freed, the largest block of a fresh heap fits again',
  'growth-is-proportionate': 'an operation grows memory by no more pages than it needs, plus a stated slack',
  'agrees-with-the-contract': 'bump, stack: pointer, top and remaining are exactly what the contract says',
  'operations-never-trap': 'a valid operation returns: no trap and no foreign error is thrown',
  'operations-end': 'a valid operation ends within its fuel and time',
  'borders-are-exact': 'an access is answered when its range lies inside memory, and refused when it does not',
  'little-endian-round-trips': 'what was written is read back, and lies in memory lowest byte first',
  'writes-touch-only-their-bytes': 'a write changes the bytes of its range and no other; a refused one changes none',
  'strings-are-utf8': 'strings are written as UTF-8 and read back; malformed bytes are refused',
} as const;

/** The id of a law, as a finding, a property's title and a file name spell it. */
export type LawId = keyof typeof LAWS;

/** Every law id, in the order of the table. */
export const LAW_IDS = Object.keys(LAWS) as readonly LawId[];

/** True when `text` is the id of a law. */
export function isLawId(text: string): text is LawId {
  return Object.hasOwn(LAWS, text);
}
