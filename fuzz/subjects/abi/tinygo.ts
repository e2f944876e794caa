/** TinyGo's C functions over its garbage collector. A heap that is full ends the program with a trap. */
import { type Abi, C_CONVENTION, type Detection } from './abi.ts';
import { bindC, C_ROLES, detectFamilies, sayAligning } from './c.ts';
import type { Surface } from './surface.ts';

export const tinygoAbi: Abi = {
  name: 'tinygo',
  about: 'malloc, free, calloc, realloc of a module made by TinyGo',
  convention: { ...C_CONVENTION, refusesByTrap: true, collectsConservatively: true },
  roles: C_ROLES,
  sayDispatch: sayAligning,
  detect: detectTinyGo,
  bind: bindC,
};

function detectTinyGo(surface: Surface): Detection[] {
  const signs = [
    surface.producers.includes('TinyGo') ? 'the producers section names TinyGo' : '',
    surface.importModules.has('gojs') ? 'it imports from gojs' : '',
  ].filter((sign) => sign !== '');
  if (signs.length === 0) return [];
  return detectFamilies(surface).map(({ names, why }) => ({ abi: 'tinygo', names, why: [...signs, ...why] }));
}
