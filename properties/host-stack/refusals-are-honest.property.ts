/** refusals-are-honest: a request that fits, down to the last byte of the region, is met. */
import { stackTraceLaw, verify } from '../host-allocators/host-law.ts';

export const refusalsAreHonest = stackTraceLaw('refusals-are-honest');

if (import.meta.vitest) verify(refusalsAreHonest);
