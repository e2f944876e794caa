/** bytes-survive-their-neighbours: no call changes a byte of a live block. */
import { stackTraceLaw, verify } from '../host-allocators/host-law.ts';

export const bytesSurviveTheirNeighbours = stackTraceLaw('bytes-survive-their-neighbours');

if (import.meta.vitest) verify(bytesSurviveTheirNeighbours);
