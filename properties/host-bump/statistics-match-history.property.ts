/** statistics-match-history: every counter is what the calls imply, padding and refusals told apart. */
import { bumpTraceLaw, verify } from '../host-allocators/host-law.ts';

export const statisticsMatchHistory = bumpTraceLaw('statistics-match-history');

if (import.meta.vitest) verify(statisticsMatchHistory);
