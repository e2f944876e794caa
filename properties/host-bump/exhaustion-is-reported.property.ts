/**
 * exhaustion-is-reported: a heap that cannot grow further answers with MemoryError, changes nothing and goes on working.
 */
import { bumpTraceLaw, verify } from '../host-allocators/host-law.ts';

export const exhaustionIsReported = bumpTraceLaw('exhaustion-is-reported');

if (import.meta.vitest) verify(exhaustionIsReported);
