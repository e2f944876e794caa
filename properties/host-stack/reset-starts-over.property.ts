/** reset-starts-over: after reset the top is the base and no mark is left. */
import { stackTraceLaw, verify } from '../host-allocators/host-law.ts';

export const resetStartsOver = stackTraceLaw('reset-starts-over');

if (import.meta.vitest) verify(resetStartsOver);
