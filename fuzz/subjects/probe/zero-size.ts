/** What malloc(0) and realloc(p, 0) do, as a rule. An exception to the rule is left for the law. */
import type { Profile, ZeroMalloc, ZeroRealloc } from '../../model/profile.ts';
import type { ModuleSubject } from '../module-subject.ts';
import { allocate, attempt, release, share } from './attempt.ts';

const TRIES = 20;
/** A rule holds when nine of ten answers keep it. */
const RULE = 0.9;

/** `block` only when such a block can be freed. */
export function probeZeroMalloc(subject: ModuleSubject): ZeroMalloc {
  const answers: number[] = [];
  const isFreeable = attempt(subject, false, () => {
    for (let index = 0; index < TRIES; index += 1) {
      const pointer = zeroBetween(subject, index);
      // A full heap says nothing of a policy.
      if (pointer === 0 && allocate(subject, 1) === undefined) break;
      answers.push(pointer);
    }
    return true;
  });
  if (share(answers, (pointer) => pointer === 0) >= RULE) return 'null';
  return isFreeable && share(answers, (pointer) => pointer !== 0) >= RULE ? 'block' : 'unspecified';
}

/** malloc(0) among other blocks, some freed; each second answer is freed at once. */
function zeroBetween(subject: ModuleSubject, index: number): number {
  const neighbour = allocate(subject, 1 + index * 37);
  const pointer = subject.malloc(0);
  if (neighbour !== undefined && index % 3 === 0) release(subject, neighbour);
  if (index % 2 === 0) subject.free(pointer, 0, subject.profile.alignmentBytes);
  return pointer;
}

/** More than malloc promises. */
const ALIGNMENT_BYTES = 64;

type Other = 'calloc' | 'realloc' | 'aligned_alloc';

/** Each as a request of 0 bytes. C lets every function have a policy of its own. */
const OTHERS: Readonly<Record<Other, (subject: ModuleSubject) => number>> = {
  calloc: (subject) => subject.calloc(0, 8),
  realloc: (subject) => subject.realloc(0, 0, subject.profile.alignmentBytes, 0),
  aligned_alloc: (subject) => subject.alignedAlloc(ALIGNMENT_BYTES, 0),
};

/** What those functions of `operations` answer, as a rule, that do not answer as malloc does. */
export function probeZeroOthers(
  subject: ModuleSubject,
  operations: Profile['operations'],
  zeroMalloc: ZeroMalloc,
): NonNullable<Profile['zeroOthers']> {
  const had = (Object.keys(OTHERS) as Other[]).filter((kind) => operations.includes(kind));
  const policies = had.map((kind) => [kind, policyOf(subject, kind)] as const);
  return Object.fromEntries(policies.filter(([, policy]) => policy !== zeroMalloc && policy !== undefined));
}

/** Undefined when there was no answer, which says nothing of a policy. */
function policyOf(subject: ModuleSubject, kind: Other): ZeroMalloc | undefined {
  const alignmentBytes = kind === 'aligned_alloc' ? ALIGNMENT_BYTES : subject.profile.alignmentBytes;
  const answers: number[] = [];
  attempt(subject, undefined, () => {
    for (let index = 0; index < TRIES; index += 1) {
      const neighbour = allocate(subject, 1 + index * 7);
      const pointer = OTHERS[kind](subject);
      answers.push(pointer);
      // What is kept would fill a small heap, whose NULL says nothing of a policy.
      if (neighbour !== undefined) release(subject, neighbour);
      subject.free(pointer, 0, alignmentBytes);
    }
  });
  if (answers.length === 0) return undefined;
  if (share(answers, (pointer) => pointer === 0) >= RULE) return 'null';
  return share(answers, (pointer) => pointer !== 0) >= RULE ? 'block' : 'unspecified';
}

/**
 * `frees` only when small or large blocks are seen to be free; that others are not is a defect, and left for the laws.
 * Without reclaiming, nothing can tell, and NULL is taken at its word.
 */
export function probeZeroRealloc(subject: ModuleSubject, capacityBytes: number, reclaims: boolean): ZeroRealloc {
  const answers: number[] = [];
  attempt(subject, undefined, () => {
    for (let index = 0; index < TRIES; index += 1) answers.push(...shrunkToNothing(subject, 1 + index * 41));
  });
  if (answers.length === 0) return 'unspecified';
  if (share(answers, (pointer) => pointer === 0) >= RULE) {
    return !reclaims || freesSmall(subject) || freesLarge(subject, capacityBytes) ? 'frees' : 'unspecified';
  }
  return share(answers, (pointer) => pointer !== 0) >= RULE ? 'block' : 'unspecified';
}

function shrunkToNothing(subject: ModuleSubject, sizeBytes: number): number[] {
  const block = allocate(subject, sizeBytes);
  if (block === undefined) return [];
  return [subject.realloc(block.pointer, sizeBytes, subject.profile.alignmentBytes, 0)];
}

/** Enough to see those come again that wait for others before. */
const FREED = 300;

/** Blocks that were freed come again: some hundred in a row lie at a third as many addresses. */
function freesSmall(subject: ModuleSubject): boolean {
  return attempt(subject, false, () => {
    const pointers = new Set<number>();
    for (let index = 0; index < FREED; index += 1) {
      const block = allocate(subject, 500);
      if (block === undefined) return false;
      pointers.add(block.pointer);
      subject.realloc(block.pointer, 500, subject.profile.alignmentBytes, 0);
    }
    return pointers.size <= FREED / 3;
  });
}

function freesLarge(subject: ModuleSubject, capacityBytes: number): boolean {
  const sizeBytes = Math.floor(capacityBytes * 0.6);
  return attempt(subject, false, () => {
    shrunkToNothing(subject, sizeBytes);
    return allocate(subject, sizeBytes) !== undefined;
  });
}
