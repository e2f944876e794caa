/**
 * reset-starts-over: after reset the offset is the base and the counters are those of a fresh heap, lifetime figures apart.
 */
import { bumpTraceLaw, verify } from '../host-allocators/host-law.ts';

export const resetStartsOver = bumpTraceLaw('reset-starts-over');

if (import.meta.vitest) verify(resetStartsOver);
