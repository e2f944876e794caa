/** zero-size-policy-is-constant: alloc(0) is a MemoryError every time, and changes nothing. */
import { bumpTraceLaw, verify } from '../host-allocators/host-law.ts';

export const zeroSizePolicyIsConstant = bumpTraceLaw('zero-size-policy-is-constant');

if (import.meta.vitest) verify(zeroSizePolicyIsConstant);
