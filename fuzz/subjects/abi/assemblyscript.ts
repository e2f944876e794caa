/**
 * AssemblyScript's runtime: `__new(size, id)` makes an object, `__pin` keeps it from the garbage collector, `__unpin`
 * gives it up. A request that cannot be met aborts.
 * Source: AssemblyScript `std/assembly/rt/itcms.ts` and `rt/common.ts` (objects are 16-byte aligned).
 */
import {
  type Abi,
  type Allocator,
  C_CONVENTION,
  type Detection,
  type ModuleAccess,
  type Names,
  required,
  signature,
  unsigned,
} from './abi.ts';
import { hasType, type Surface, sayType } from './surface.ts';

const ROLES: Readonly<Record<string, readonly string[]>> = {
  new: [signature(2, 1)],
  pin: [signature(1, 1)],
  unpin: [signature(1, 0)],
};

/** ArrayBuffer in every release with pinning: the collector looks for no pointers in it. */
const ARRAY_BUFFER_ID = 1;

export const assemblyScriptAbi: Abi = {
  name: 'assemblyscript',
  about: '__new, __pin, __unpin of AssemblyScript',
  convention: { ...C_CONVENTION, refusesByTrap: true, alignmentFloorBytes: 16 },
  roles: ROLES,
  detect: detectAssemblyScript,
  bind: bindAssemblyScript,
};

function detectAssemblyScript(surface: Surface): Detection[] {
  const roles = Object.entries(ROLES).map(([role, types]) => ({ role, types, name: `__${role}` }));
  if (!roles.every(({ name, types }) => hasType(surface, name, types))) return [];
  const names = Object.fromEntries(roles.map(({ role, name }) => [role, name]));
  return [{ abi: 'assemblyscript', names, why: roles.map(({ name }) => sayType(surface, name)) }];
}

function bindAssemblyScript(names: Names, { functionOf }: ModuleAccess): Allocator {
  const make = functionOf(required(names, 'new'));
  const pin = functionOf(required(names, 'pin'));
  const unpin = functionOf(required(names, 'unpin'));
  return {
    malloc: (size) => unsigned(pin(unsigned(make(size, ARRAY_BUFFER_ID)))),
    free: (pointer) => {
      if (pointer !== 0) unpin(pointer);
    },
  };
}
