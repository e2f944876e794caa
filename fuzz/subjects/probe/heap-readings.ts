/** Exports that may set up a heap, and what their parameters may mean: types do not say, what is granted then does. */
import { functionTypeOf } from '../../wasm/module.ts';
import type { HeapInitialiser, PreparedModule } from '../../wasm/prepare.ts';
import { showType } from '../../wasm/types.ts';
import { signature } from '../abi/abi.ts';
import { ALIGNMENT_BYTES, type Room } from './heap-region.ts';

const HEAP =
  '([ko]?1?heap|[kdu]?malloc|k?alloc(ator)?|[ku]?mem(ory)?|u?mm|arena|pool|region|zone|buddy|slab|bump|tlsf|free_?list)';
const NAMES_AN_INITIALISER = new RegExp(`^_*(${HEAP}_?)*(init|initiali[sz]e|set_?up)(_?${HEAP})*$`, 'i');

/**
 * Of the room, a 16th is left free before a heap that is only told its start, so that one that takes this for a size and
 * begins where the room does is seen to lie outside.
 */
const SKIPPED_SHIFT = 4;

/** An export that may set up the heap: it takes so many i32, at most 2, and gives nothing or a status. */
export interface Candidate {
  readonly name: string;
  readonly parameters: number;
}

/** One way to understand the parameters of a candidate. */
export interface Reading {
  readonly call: HeapInitialiser;
  /** What the parameters are, for people. */
  readonly meaning: string;
  /** Bytes of all the room there is, whatever the call says of it; 0 where it says nothing. */
  readonly roomBytes: number;
}

/** In the order of the exports. */
export function candidatesIn({ module }: PreparedModule): Candidate[] {
  return module.exports.flatMap(({ kind, name, index }) => {
    if (kind !== 'function' || !NAMES_AN_INITIALISER.test(name)) return [];
    const type = showType(functionTypeOf(module, index));
    const parameters = [0, 1, 2].find((count) => type === signature(count, 0) || type === signature(count, 1));
    return parameters === undefined ? [] : [{ name, parameters }];
  });
}

/** The likeliest first; none where parameters are wanted and there is no `room`. */
export function readingsOf({ name, parameters }: Candidate, room: Room | undefined): Reading[] {
  if (parameters === 0) return [{ call: { name, values: [], grownPages: 0 }, meaning: '', roomBytes: 0 }];
  if (room === undefined) return [];
  const { region, grownPages } = room;
  const { start, end } = region;
  const roomBytes = end - start;
  const call = (values: readonly number[]) => ({ name, values, grownPages });
  if (parameters === 2) {
    return [
      { call: { ...call([start, roomBytes]), region }, meaning: 'start, size', roomBytes },
      { call: { ...call([start, end]), region }, meaning: 'start, end', roomBytes },
    ];
  }
  const later = start + ((roomBytes >>> SKIPPED_SHIFT) & -ALIGNMENT_BYTES);
  return [
    { call: { ...call([later]), region: { start: later, end } }, meaning: 'start', roomBytes },
    // It finds its place itself, and may skip some of the room.
    { call: call([roomBytes >>> 1]), meaning: 'size', roomBytes },
  ];
}

/** What was called, and with what, in a line. */
export function described({ call: { name, values, grownPages }, meaning }: Reading): string {
  if (values.length === 0) return `${name} is called first: nothing is granted before`;
  const call = `${name}(${values.join(', ')}), taken for ${name}(${meaning}), is called first`;
  const grown = grownPages === 0 ? '' : `, with ${grownPages} ${grownPages === 1 ? 'page' : 'pages'} added to memory`;
  return `${call}${grown}: nothing is granted before`;
}
