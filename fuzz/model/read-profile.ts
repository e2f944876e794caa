/** A profile from JSON that a person may have written: every field is looked at before anything relies on it. */
import { OPERATION_KINDS } from '../trace/operation.ts';
import { WANTED } from './counter-meanings.ts';
import type { Profile } from './profile.ts';

interface Rule {
  readonly expected: string;
  readonly holds: (value: unknown) => boolean;
  readonly optional?: true;
}

const BOOLEAN: Rule = { expected: 'true or false', holds: (value) => typeof value === 'boolean' };
const COUNT: Rule = { expected: 'a whole number from 0 to 2^32', holds: (value) => isWhole(value) };
const POWER: Rule = { expected: 'a power of two from 1 to 2^31', holds: (value) => isWhole(value) && isPower(value) };

const optional = (rule: Rule): Rule => ({ ...rule, optional: true });

function oneOf(...words: readonly string[]): Rule {
  return { expected: `one of ${words.join(', ')}`, holds: (value) => words.some((word) => word === value) };
}

function listOf(expected: string, holds: (word: unknown) => boolean): Rule {
  return { expected: `a list of ${expected}`, holds: (value) => Array.isArray(value) && value.every(holds) };
}

const ZERO_MALLOC = oneOf('null', 'block', 'unspecified');

/** What each field of a profile may be. */
const RULES: Readonly<Record<keyof Profile, Rule>> = {
  operations: listOf(OPERATION_KINDS.join(', '), (word) => OPERATION_KINDS.some((kind) => kind === word)),
  alignmentBytes: POWER,
  smallestAlignmentBytes: optional(POWER),
  reallocKeepsAlignment: optional(BOOLEAN),
  leastAlignmentBytes: optional(POWER),
  maximumAlignmentBytes: POWER,
  arenaStart: COUNT,
  arenaEnd: COUNT,
  zeroMalloc: ZERO_MALLOC,
  zeroOthers: optional({ expected: 'calloc, realloc or aligned_alloc with a policy each', holds: isZeroOthers }),
  zeroRealloc: oneOf('frees', 'block', 'unspecified'),
  shrinkingNeverFails: BOOLEAN,
  shrinkingKeepsThePointer: BOOLEAN,
  reallocCopiesFreely: optional(BOOLEAN),
  mayGrow: BOOLEAN,
  growthSlackPages: COUNT,
  growsByShares: optional(BOOLEAN),
  sparesForeignPages: optional(BOOLEAN),
  readsContents: optional(BOOLEAN),
  reclaims: BOOLEAN,
  popsReclaim: optional(BOOLEAN),
  heldBackBlocks: optional(COUNT),
  coalesces: BOOLEAN,
  resetReplays: optional(BOOLEAN),
  capacityBytes: COUNT,
  ungrownBytes: optional(COUNT),
  grantsNothing: optional(BOOLEAN),
  firstPointer: optional(COUNT),
  reserveBytes: optional(COUNT),
  leastDistanceBytes: optional(COUNT),
  classBytes: optional(COUNT),
  pagedFromBytes: optional(COUNT),
  gapsAreKept: optional(BOOLEAN),
  maximumBlocks: optional(COUNT),
  guaranteedBlocks: optional(COUNT),
  counters: optional(listOf('counters with what each means', isCounterPromise)),
  exact: optional(oneOf('host-bump', 'host-stack', 'pool-bump')),
};

/** `value` as a profile. Throws TypeError with the field, what was found and what was expected. */
export function readProfile(value: unknown): Profile {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TypeError(`found ${JSON.stringify(value)}, expected an object`);
  }
  const given: Readonly<Record<string, unknown>> = { ...value };
  for (const name of Object.keys(given)) if (!(name in RULES)) throw new TypeError(`no field "${name}" is known`);
  for (const [name, rule] of Object.entries(RULES)) requireField(name, given[name], rule);
  return given as unknown as Profile;
}

function requireField(name: string, value: unknown, rule: Rule): void {
  if (value === undefined ? rule.optional === true : rule.holds(value)) return;
  const found = value === undefined ? 'nothing' : JSON.stringify(value);
  throw new TypeError(`${name}: found ${found}, expected ${rule.expected}`);
}

function isZeroOthers(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).every(
    ([name, policy]) => ['calloc', 'realloc', 'aligned_alloc'].includes(name) && ZERO_MALLOC.holds(policy),
  );
}

function isCounterPromise(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { counter, means, of, ...more } = value as Record<string, unknown>;
  const isOf = means === 'peak' ? typeof of === 'string' : of === undefined;
  return typeof counter === 'string' && String(means) in WANTED && isOf && Object.keys(more).length === 0;
}

function isWhole(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 2 ** 32;
}

function isPower(value: number): boolean {
  return value >= 1 && value <= 2 ** 31 && 2 ** Math.round(Math.log2(value)) === value;
}
