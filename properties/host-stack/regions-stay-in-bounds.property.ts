/** regions-stay-in-bounds: every block lies inside the region. */
import { stackTraceLaw, verify } from '../host-allocators/host-law.ts';

export const regionsStayInBounds = stackTraceLaw('regions-stay-in-bounds');

if (import.meta.vitest) verify(regionsStayInBounds);
