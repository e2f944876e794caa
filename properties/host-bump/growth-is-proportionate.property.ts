/** growth-is-proportionate: a call grows memory by the pages it needs and no more, whoever else has grown it. */
import { bumpTraceLaw, verify } from '../host-allocators/host-law.ts';

export const growthIsProportionate = bumpTraceLaw('growth-is-proportionate');

if (import.meta.vitest) verify(growthIsProportionate);
