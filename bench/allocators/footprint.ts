/** How much memory an allocator takes for what is asked of it. */
import type { Peer } from './peers.ts';
import type { Workload } from './workload.ts';

/** Memory from the first block to its end, over the most bytes ever live at once. */
export function footprint(peer: Peer, { slots, sizes, slotCount }: Workload): number {
  const first = peer.malloc(1);
  peer.free(first);
  const [pointers, held] = [new Uint32Array(slotCount), new Uint32Array(slotCount)];
  let [liveBytes, peakBytes] = [0, 0];
  for (let at = 0; at < sizes.length; at += 1) {
    const [slot, size] = [slots[at] ?? 0, sizes[at] ?? 0];
    if (size === 0) peer.free(pointers[slot] ?? 0);
    else pointers[slot] = allocate(peer, size);
    liveBytes += size === 0 ? -(held[slot] ?? 0) : size;
    held[slot] = size;
    peakBytes = Math.max(peakBytes, liveBytes);
  }
  return (peer.memory.buffer.byteLength - first) / peakBytes;
}

function allocate(peer: Peer, sizeBytes: number): number {
  const pointer = peer.malloc(sizeBytes) >>> 0;
  if (pointer === 0) peer.refused();
  return pointer;
}
