import type { Variant } from '../interleave.ts';
import type { Peer } from './peers.ts';
import type { Workload } from './workload.ts';

/** One time is one operation of the workload, which starts over when it ends. */
export function traceVariant(peer: Peer, workload: Workload): Variant {
  const state = { ...workload, pointers: new Int32Array(workload.slotCount), at: 0 };
  return { name: peer.name, run: compiled(TRACE_BODY, peer, state) };
}

/** One time is one malloc and the free of it. */
export function pairVariant(peer: Peer, sizeBytes: number): Variant {
  return { name: peer.name, run: compiled(PAIR_BODY, peer, { sizeBytes }) };
}

const TRACE_BODY = `
  const { slots, sizes, pointers } = state;
  let at = state.at;
  for (let i = 0; i < times; i += 1) {
    const slot = slots[at];
    const size = sizes[at];
    if (size === 0) {
      free(pointers[slot]);
    } else {
      let pointer = malloc(size);
      if (pointer === 0) {
        refused();
        pointer = malloc(size);
      }
      pointers[slot] = pointer;
    }
    at = at + 1 === sizes.length ? 0 : at + 1;
  }
  state.at = at;
  return at;`;

const PAIR_BODY = `
  let pointer = 0;
  for (let i = 0; i < times; i += 1) {
    pointer = malloc(state.sizeBytes);
    if (pointer === 0) refused();
    free(pointer);
  }
  return pointer;`;

/** Equal sources share V8's feedback, and then no call is as fast as one that has only ever seen one module. */
function compiled(body: string, { malloc, free, refused }: Peer, state: object): Variant['run'] {
  loops += 1;
  const make = new Function('malloc', 'free', 'refused', 'state', `return (times) => { // Loop ${loops}.${body}\n}`);
  return make(malloc, free, refused, state) as Variant['run'];
}

let loops = 0;
