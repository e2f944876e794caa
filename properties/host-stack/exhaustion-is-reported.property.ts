/** exhaustion-is-reported: overflow is a MemoryError and changes nothing; what is left can still be had. */
import { stackTraceLaw, verify } from '../host-allocators/host-law.ts';

export const exhaustionIsReported = stackTraceLaw('exhaustion-is-reported');

if (import.meta.vitest) verify(exhaustionIsReported);
