/** regions-stay-in-bounds: every block lies between the base and the end of memory as it is after the call. */
import { bumpTraceLaw, verify } from '../host-allocators/host-law.ts';

export const regionsStayInBounds = bumpTraceLaw('regions-stay-in-bounds');

if (import.meta.vitest) verify(regionsStayInBounds);
