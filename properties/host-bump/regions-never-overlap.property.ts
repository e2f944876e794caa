/** regions-never-overlap: no two blocks handed out since the last reset share a byte. */
import { bumpTraceLaw, verify } from '../host-allocators/host-law.ts';

export const regionsNeverOverlap = bumpTraceLaw('regions-never-overlap');

if (import.meta.vitest) verify(regionsNeverOverlap);
