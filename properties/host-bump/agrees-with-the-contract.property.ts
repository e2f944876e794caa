/** agrees-with-the-contract: the pointer is the next aligned address above the offset, always. */
import { bumpTraceLaw, verify } from '../host-allocators/host-law.ts';

export const agreesWithTheContract = bumpTraceLaw('agrees-with-the-contract');

if (import.meta.vitest) verify(agreesWithTheContract);
