/** impossible-sizes-are-refused: a size that cannot fit is a MemoryError and changes nothing. */
import { stackTraceLaw, verify } from '../host-allocators/host-law.ts';

export const impossibleSizesAreRefused = stackTraceLaw('impossible-sizes-are-refused');

if (import.meta.vitest) verify(impossibleSizesAreRefused);
