/** refusals-are-honest: a request that fits, down to the last byte of the largest memory, is met. */
import { bumpTraceLaw, verify } from '../host-allocators/host-law.ts';

export const refusalsAreHonest = bumpTraceLaw('refusals-are-honest');

if (import.meta.vitest) verify(refusalsAreHonest);
