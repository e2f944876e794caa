/** zero-size-policy-is-constant: alloc(0) is a MemoryError every time, and changes nothing. */
import { stackTraceLaw, verify } from '../host-allocators/host-law.ts';

export const zeroSizePolicyIsConstant = stackTraceLaw('zero-size-policy-is-constant');

if (import.meta.vitest) verify(zeroSizePolicyIsConstant);
