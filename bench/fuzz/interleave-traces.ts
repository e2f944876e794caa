/**
 * Times peers whose work comes in whole traces: each says how many operations it really did. Otherwise as `interleave`:
 * every peer in every round, the order rotating.
 */
import type { Timing } from '../interleave.ts';

/** A peer. It does at least `operations` operations and returns how many it did. */
export interface TracePeer {
  readonly name: string;
  run(operations: number): number;
}

/** Long enough for a dozen traces of the slowest peer. */
const SLICE_MS = 30;

/** Slices before the first that counts. */
const WARM_UP_SLICES = 12;

/** Times every peer in every round. */
export function interleaveTraces(peers: readonly TracePeer[], rounds: number): Timing[] {
  const slices = peers.map(warmUp);
  const timings = peers.map(({ name }) => ({ name, roundsNs: [] as number[] }));
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < peers.length; turn++) {
      const index = (round + turn) % peers.length;
      const [peer, slice] = [peers[index], slices[index]];
      if (peer !== undefined && slice !== undefined) timings[index]?.roundsNs.push(nanosecondsEach(peer, slice));
    }
  }
  return timings;
}

/** Runs until compiled; returns the operations that fill a slice. */
function warmUp(peer: TracePeer): number {
  let operations = 1000;
  for (let slice = 0; slice < WARM_UP_SLICES; slice++) {
    operations = Math.max(1, Math.round((SLICE_MS * 1e6) / nanosecondsEach(peer, operations)));
  }
  return operations;
}

function nanosecondsEach(peer: TracePeer, operations: number): number {
  const began = process.hrtime.bigint();
  const done = peer.run(operations);
  return Number(process.hrtime.bigint() - began) / done;
}
