/**
 * pointers-are-aligned: every pointer is a multiple of the alignment asked for, 8 when none is, in absolute terms.
 */
import { stackTraceLaw, verify } from '../host-allocators/host-law.ts';

export const pointersAreAligned = stackTraceLaw('pointers-are-aligned');

if (import.meta.vitest) verify(pointersAreAligned);
