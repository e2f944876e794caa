/** growth-is-proportionate: the stack never grows memory. */
import { stackTraceLaw, verify } from '../host-allocators/host-law.ts';

export const growthIsProportionate = stackTraceLaw('growth-is-proportionate');

if (import.meta.vitest) verify(growthIsProportionate);
