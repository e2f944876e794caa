import { describe, expect, it } from 'vitest';
import type { Profile } from './profile.ts';
import { readProfile } from './read-profile.ts';

const WHOLE: Profile = {
  operations: ['malloc', 'free'],
  alignmentBytes: 16,
  maximumAlignmentBytes: 65536,
  arenaStart: 1,
  arenaEnd: 2 ** 32,
  zeroMalloc: 'null',
  zeroRealloc: 'frees',
  shrinkingNeverFails: true,
  shrinkingKeepsThePointer: false,
  mayGrow: true,
  growthSlackPages: 2,
  reclaims: true,
  coalesces: true,
  capacityBytes: 1000,
};

describe('readProfile', () => {
  it('takes what was written as JSON', () => {
    expect(readProfile(JSON.parse(JSON.stringify(WHOLE)))).toEqual(WHOLE);
    const counters = [
      { counter: 'used', means: 'used-bytes' },
      { counter: 'peak', means: 'peak', of: 'used' },
    ] as const;
    const more = { ...WHOLE, smallestAlignmentBytes: 8, counters, exact: 'pool-bump' } as const;
    expect(readProfile(more)).toEqual(more);
  });

  it.each<[unknown, string]>([
    [[], 'found [], expected an object'],
    [null, 'found null, expected an object'],
    [{ ...WHOLE, alignment: 8 }, 'no field "alignment" is known'],
    [{ ...WHOLE, reclaims: undefined }, 'reclaims: found nothing, expected true or false'],
    [{ ...WHOLE, reclaims: 'yes' }, 'reclaims: found "yes", expected true or false'],
    [{ ...WHOLE, alignmentBytes: 12 }, 'alignmentBytes: found 12, expected a power of two from 1 to 2^31'],
    [{ ...WHOLE, capacityBytes: -1 }, 'capacityBytes: found -1, expected a whole number from 0 to 2^32'],
    [{ ...WHOLE, zeroMalloc: 'NULL' }, 'zeroMalloc: found "NULL", expected one of null, block, unspecified'],
    [{ ...WHOLE, counters: ['used'] }, 'counters: found ["used"], expected a list of counters with what each means'],
    [{ ...WHOLE, counters: [{ counter: 'peak', means: 'peak' }] }, 'counters: found '],
    [{ ...WHOLE, counters: [{ counter: 'used', means: 'bytes' }] }, 'counters: found '],
    [{ ...WHOLE, operations: ['mallok'] }, 'operations: found ["mallok"], expected a list of malloc, '],
  ])('%j is refused: %s', (value, message) => {
    expect(() => readProfile(value)).toThrow(new RegExp(`^${message.replace(/[[\]^$]/g, '\\$&')}`));
  });
});
