/** pointers-are-aligned: every pointer is a multiple of the alignment asked for, 8 when none is, in absolute terms. */
import { alignedByDefault } from '../host-allocators/default-alignment.ts';
import { heapOf } from '../host-allocators/host-heap.ts';
import { bumpTraceLaw, type HostLaw, verify } from '../host-allocators/host-law.ts';

const onTraces = bumpTraceLaw('pointers-are-aligned');

export const pointersAreAligned: HostLaw = {
  ...onTraces,
  claims: (implementation) => [
    alignedByDefault(() => heapOf(implementation).allocator),
    ...onTraces.claims(implementation),
  ],
};

if (import.meta.vitest) verify(pointersAreAligned);
