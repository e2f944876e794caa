/** bytes-survive-their-neighbours: no call of the allocator changes a byte of a block it handed out before. */
import { bumpTraceLaw, verify } from '../host-allocators/host-law.ts';

export const bytesSurviveTheirNeighbours = bumpTraceLaw('bytes-survive-their-neighbours');

if (import.meta.vitest) verify(bytesSurviveTheirNeighbours);
