/**
 * Operator new and delete of C++, by their mangled names on wasm32: of single objects and of arrays, with the size that
 * deletes may be told, and for alignments above the usual one.
 * Source: [new.delete] of C++20: what an operator gave goes back to the delete of its form, told the size and the alignment
 * it was asked for. Failure may be NULL or a trap, as there are no exceptions.
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
import { byRemainder, FIFTHS, isSome, type Some, sayRemainders, THIRDS } from './by-remainder.ts';
import { hasType, type Surface, sayType } from './surface.ts';

const EXPORTS: Readonly<Record<string, string>> = {
  new: '_Znwm',
  delete: '_ZdlPv',
  delete_sized: '_ZdlPvm',
  new_array: '_Znam',
  delete_array: '_ZdaPv',
  delete_array_sized: '_ZdaPvm',
  new_aligned: '_ZnwmSt11align_val_t',
  delete_aligned: '_ZdlPvSt11align_val_t',
  delete_sized_aligned: '_ZdlPvmSt11align_val_t',
  new_array_aligned: '_ZnamSt11align_val_t',
  delete_array_aligned: '_ZdaPvSt11align_val_t',
  delete_array_sized_aligned: '_ZdaPvmSt11align_val_t',
};

/** A new and the deletes that take back what it gave, by their roles or by what they are exported as. */
interface Form {
  readonly create: string;
  readonly deletes: readonly string[];
}

const PLAIN: readonly Form[] = [
  { create: 'new', deletes: ['delete', 'delete_sized'] },
  { create: 'new_array', deletes: ['delete_array', 'delete_array_sized'] },
];
const ALIGNED: readonly Form[] = [
  { create: 'new_aligned', deletes: ['delete_aligned', 'delete_sized_aligned'] },
  { create: 'new_array_aligned', deletes: ['delete_array_aligned', 'delete_array_sized_aligned'] },
];

/** No compiler has a smaller alignment for operator new, and up to that it calls none that is told one. */
const LEAST_USUAL_ALIGNMENT_BYTES = 8;

const isSized = (role: string) => role.includes('_sized');
const isAligned = (role: string) => role.endsWith('_aligned');

function typesOf(role: string): string[] {
  const params = 1 + Number(isSized(role)) + Number(isAligned(role));
  return role.startsWith('new') ? [signature(params, 1)] : [signature(params, 0), signature(params, 1)];
}

export const cxxAbi: Abi = {
  name: 'c++',
  about: 'operator new and delete: of objects and arrays, sized and aligned',
  convention: {
    ...C_CONVENTION,
    refusesByTrap: true,
    usualAlignmentBytes: LEAST_USUAL_ALIGNMENT_BYTES,
    forbidsZeroRealloc: true,
  },
  roles: Object.fromEntries(Object.keys(EXPORTS).map((role) => [role, typesOf(role)])),
  sayDispatch,
  detect: detectCxx,
  bind: bindCxx,
};

function detectCxx(surface: Surface): Detection[] {
  const exported = Object.entries(EXPORTS).filter(([role, name]) => hasType(surface, name, typesOf(role)));
  const known = Object.fromEntries(exported);
  const roles = [...complete(PLAIN, known), ...complete(ALIGNED, known)].flatMap(({ create, deletes }) => [
    create,
    ...deletes,
  ]);
  const names = Object.fromEntries(roles.map((role) => [role, required(known, role)]));
  if (complete(PLAIN, names).length === 0) return [];
  const why = Object.values(names).map((name) => sayType(surface, name));
  return [{ abi: 'c++', names, why: [...why, ...sayDispatch(names)] }];
}

/** Those of `forms` that `names` has, with the deletes that it has: nothing is made that could not be taken back. */
function complete(forms: readonly Form[], names: Names): Form[] {
  return forms
    .map(({ create, deletes }) => ({ create, deletes: deletes.filter((role) => names[role] !== undefined) }))
    .filter(({ create, deletes }) => names[create] !== undefined && deletes.length > 0);
}

/** Which new, and which delete, goes with which sizes, a line each where there is a choice. */
function sayDispatch(names: Names): string[] {
  const nameOf = (role: string) => required(names, role);
  const [plain, aligned] = [complete(PLAIN, names), complete(ALIGNED, names)];
  return [
    ...sayChoice(
      'malloc',
      plain.map(({ create }) => nameOf(create)),
      THIRDS,
    ),
    ...sayChoice(
      'aligned_alloc',
      aligned.map(({ create }) => nameOf(create)),
      THIRDS,
    ),
    ...[...plain, ...aligned].flatMap(({ create, deletes }) =>
      sayChoice(`free of what ${nameOf(create)} gave`, deletes.map(nameOf), FIFTHS),
    ),
  ];
}

function sayChoice(what: string, names: readonly string[], divisor: number): string[] {
  if (!isSome(names) || names.length === 1) return [];
  return [`${what} by the remainder of the size by ${divisor}: ${sayRemainders(names, divisor)}`];
}

type Create = (sizeBytes: number, alignmentBytes: number) => number;
type Delete = (pointer: number, sizeBytes: number, alignmentBytes: number) => void;
interface BoundForm {
  readonly create: Create;
  readonly deletes: Some<Delete>;
}

/** Blocks of more than the usual alignment are those that were asked for with one: so free knows the form of each. */
function bindCxx(names: Names, access: ModuleAccess): Allocator {
  const plain = bindForms(PLAIN, names, access);
  const aligned = bindForms(ALIGNED, names, access);
  if (!isSome(plain)) throw new Error('no new has a delete; map them with --map new=f,delete=g');
  const isUsual = (alignment: number) => alignment <= access.alignmentBytes;
  const formOf = (size: number, alignment: number) =>
    byRemainder(isSome(aligned) && !isUsual(alignment) ? aligned : plain, THIRDS, size);
  return {
    malloc: (size) => byRemainder(plain, THIRDS, size).create(size, access.alignmentBytes),
    free: (pointer, size, alignment) => {
      if (pointer !== 0) byRemainder(formOf(size, alignment).deletes, FIFTHS, size)(pointer, size, alignment);
    },
    ...(isSome(aligned) && {
      alignsAboveMalloc: true,
      alignedAlloc: (alignment: number, size: number) =>
        alignment <= LEAST_USUAL_ALIGNMENT_BYTES ? 0 : formOf(size, alignment).create(size, alignment),
    }),
  };
}

function bindForms(forms: readonly Form[], names: Names, access: ModuleAccess): BoundForm[] {
  return complete(forms, names).flatMap(({ create, deletes }) => {
    const bound = deletes.map((role) => bindDelete(role, names, access));
    return isSome(bound) ? [{ create: bindCreate(create, names, access), deletes: bound }] : [];
  });
}

function bindCreate(role: string, names: Names, access: ModuleAccess): Create {
  const create = access.functionOf(required(names, role));
  if (isAligned(role)) return (size, alignment) => unsigned(create(size, alignment));
  return (size) => unsigned(create(size));
}

function bindDelete(role: string, names: Names, access: ModuleAccess): Delete {
  const called = access.functionOf(required(names, role));
  if (isSized(role) && isAligned(role)) return (pointer, size, alignment) => void called(pointer, size, alignment);
  if (isSized(role)) return (pointer, size) => void called(pointer, size);
  if (isAligned(role)) return (pointer, _size, alignment) => void called(pointer, alignment);
  return (pointer) => void called(pointer);
}
