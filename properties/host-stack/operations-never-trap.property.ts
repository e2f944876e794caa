/** operations-never-trap: no call throws anything but MemoryError. */
import { stackTraceLaw, verify } from '../host-allocators/host-law.ts';

export const operationsNeverTrap = stackTraceLaw('operations-never-trap');

if (import.meta.vitest) verify(operationsNeverTrap);
