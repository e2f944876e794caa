/** The laws of the memory interface judged: each faulty copy is caught by its law, no sound copy by any. */
import { describe, expect, it } from 'vitest';
import { MEMORY_LAWS } from '../wasm-memory/laws.ts';
import { MEMORY_FAULTS, type MemoryFault } from './wasm-memory-faults.ts';
import { implementationOf, SOUND_VARIANTS } from './wasm-memory-sound-variants.ts';

/** The first claim of the fault's own law that does not hold. */
function refutationOf({ law, type }: MemoryFault) {
  for (const claim of law.claims(implementationOf(type))) {
    const refutation = claim.refute();
    if (refutation !== undefined) return { claim, refutation };
  }
  return undefined;
}

describe('each faulty memory interface is caught by the law that should', () => {
  for (const fault of MEMORY_FAULTS) {
    it(`${fault.law.id}: ${fault.name}`, () => {
      expect(refutationOf(fault), `${fault.law.id} lets through: ${fault.name}`).toBeDefined();
    });
  }

  it('and every law has a fault that it catches', () => {
    const caught = new Set(MEMORY_FAULTS.map(({ law }) => law.id));
    expect(MEMORY_LAWS.map(({ id }) => id).filter((id) => !caught.has(id))).toEqual([]);
  });
});

describe('no sound memory interface is', () => {
  for (const { name, implementation } of SOUND_VARIANTS) {
    for (const law of MEMORY_LAWS) {
      it(`${name}: ${law.id}`, () => {
        const alarms = law.claims(implementation).flatMap((claim) => {
          const refutation = claim.refute();
          return refutation === undefined ? [] : [`${claim.title}: ${String(refutation.error)}`];
        });
        expect(alarms).toEqual([]);
      });
    }
  }
});
