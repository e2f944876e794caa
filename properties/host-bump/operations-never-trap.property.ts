/** operations-never-trap: no call throws anything but MemoryError. */
import { bumpTraceLaw, verify } from '../host-allocators/host-law.ts';

export const operationsNeverTrap = bumpTraceLaw('operations-never-trap');

if (import.meta.vitest) verify(operationsNeverTrap);
