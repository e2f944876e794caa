/** statistics-match-history: used, capacity and top are what the calls imply. */
import { stackTraceLaw, verify } from '../host-allocators/host-law.ts';

export const statisticsMatchHistory = stackTraceLaw('statistics-match-history');

if (import.meta.vitest) verify(statisticsMatchHistory);
