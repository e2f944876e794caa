/**
 * Whether a function that its name says to release what came later does so, and not one block alone: then it is no free,
 * and blocks above that are used again are no defect.
 *
 * Only names like `release`, `rewind` or `obstack_free` are looked at, beside an `alloc` written by hand. Behind `free`
 * and `dealloc`, and in every ABI with a contract of its own, blocks are independent, and such behaviour is a defect.
 */

import type { WasmModule } from '../../wasm/module.ts';
import type { PreparedModule } from '../../wasm/prepare.ts';
import type { Detection } from '../abi/abi.ts';
import { stackAbi } from '../abi/stack.ts';
import { surfaceOf } from '../abi/surface.ts';
import { ModuleSubject } from '../module-subject.ts';
import { attempt, share } from './attempt.ts';
import { unknownProfile } from './unknown-profile.ts';

const ABIS = ['pair', 'alloc'];
/** Blocks of different sizes keep their order, which a heap of free lists would not; the first are for small arenas. */
const SIZES_BYTES: readonly (readonly number[])[] = [
  [48, 48, 48, 48, 48, 48, 48, 48],
  [64, 100, 48, 333, 72, 56, 1000, 64],
  [400, 400, 400, 400, 400, 400, 400, 400],
];
/** Blocks below the mark. The three or more above it cannot all come again where one was freed. */
const KEPT_BLOCKS = [0, 2, 5];
/** A faulty release may fail where it ends the first block of all. One that ends all there is fails in the other tries. */
const STACK_SHARE = 2 / 3;
/** A faulty release may be wrong by a header, or by a granule of 64. */
const MOST_OFF_BYTES = 63;

/** What may be a stack by its names, where `detection` is another ABI; none where that leaves no doubt. */
export function stacksBeside(module: WasmModule, { abi, names }: Detection): Detection[] {
  if (!ABIS.includes(abi)) return [];
  const stacks = stackAbi.detect(surfaceOf(module)).filter((stack) => stack.names['alloc'] === names['alloc']);
  // Another function frees: what is released beside it is something else.
  return stacks.filter(({ names: { release } }) => names['dealloc'] === undefined || names['dealloc'] === release);
}

/** `detection`, or the stack that the module was seen to have instead. Throws CannotInstantiate. */
export function asStack(prepared: PreparedModule, detection: Detection): Detection {
  const alignmentFirst = (detection.alignmentFirst ?? []).filter((role) => role === 'alloc');
  const order = alignmentFirst.length === 0 ? {} : { alignmentFirst };
  const found = stacksBeside(prepared.module, detection).find((stack) => isStack(prepared, { ...stack, ...order }));
  if (found === undefined) return detection;
  const said = `${whatEnds(prepared.module, found)}, as its answers show: a stack, no free`;
  const learnt = detection.why.slice(Object.keys(detection.names).length);
  return { ...found, ...order, why: [...found.why, ...learnt, said] };
}

function whatEnds(module: WasmModule, { names: { release = '', mark } }: Detection): string {
  if (mark !== undefined) return `${release} ends every block made since ${mark}`;
  const takesPlace = surfaceOf(module).functions.get(release)?.startsWith('(i32)') === true;
  return takesPlace ? `${release} ends every block made since the one it is given` : `${release} ends the last block`;
}

function isStack(prepared: PreparedModule, detection: Detection): boolean {
  const subject = new ModuleSubject('probe', prepared, detection, unknownProfile(prepared));
  const tries = SIZES_BYTES.flatMap((sizes) => KEPT_BLOCKS.map((kept) => comesAgain(subject, sizes, kept)));
  return (
    share(
      tries.filter((seen) => seen !== undefined),
      (seen) => seen,
    ) >= STACK_SHARE
  );
}

/** Whether the blocks after the first `kept` come again after a pop, in place; undefined where there is no room for them. */
function comesAgain(subject: ModuleSubject, sizes: readonly number[], kept: number): boolean | undefined {
  return attempt<boolean | undefined>(subject, false, () => {
    const made = (bytes: readonly number[]) => bytes.map((sizeBytes) => subject.malloc(sizeBytes));
    const below = made(sizes.slice(0, kept));
    subject.mark();
    const above = made(sizes.slice(kept));
    if ([...below, ...above].includes(0)) return undefined;
    subject.pop();
    return isOrdered([...below, ...above]) && isSame(above, made(sizes.slice(kept)));
  });
}

/** All rise, or all fall. */
function isOrdered(pointers: readonly number[]): boolean {
  const signs = pointers.slice(1).map((pointer, index) => Math.sign(pointer - (pointers[index] ?? 0)));
  return signs[0] !== 0 && signs.every((sign) => sign === signs[0]);
}

/** Each where it was, or all a little beside it. */
function isSame(before: readonly number[], after: readonly number[]): boolean {
  const off = after.map((pointer, index) => pointer - (before[index] ?? 0));
  return off.every((bytes) => bytes === off[0] && Math.abs(bytes) <= MOST_OFF_BYTES && after[0] !== 0);
}
