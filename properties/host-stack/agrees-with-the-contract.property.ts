/**
 * agrees-with-the-contract: the pointer is the next aligned address above the top; pop returns to the innermost mark and needs one.
 */
import { stackTraceLaw, verify } from '../host-allocators/host-law.ts';

export const agreesWithTheContract = stackTraceLaw('agrees-with-the-contract');

if (import.meta.vitest) verify(agreesWithTheContract);
