/** regions-never-overlap: no two live blocks share a byte, whatever was marked and popped. */
import { stackTraceLaw, verify } from '../host-allocators/host-law.ts';

export const regionsNeverOverlap = stackTraceLaw('regions-never-overlap');

if (import.meta.vitest) verify(regionsNeverOverlap);
