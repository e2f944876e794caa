/**
 * impossible-sizes-are-refused: a size that cannot fit is a MemoryError and changes nothing, the counters and memory included.
 */
import { bumpTraceLaw, verify } from '../host-allocators/host-law.ts';

export const impossibleSizesAreRefused = bumpTraceLaw('impossible-sizes-are-refused');

if (import.meta.vitest) verify(impossibleSizesAreRefused);
