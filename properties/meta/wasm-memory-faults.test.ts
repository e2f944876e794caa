/** The laws of the memory interface judged: each faulty copy is caught by its law, no sound copy by any. */
import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Effort } from '../claim.ts';
import { BrokenClaim } from '../report-failure.ts';
import { DEFAULT_SEED } from '../run-settings.ts';
import { MEMORY_LAWS } from '../wasm-memory/laws.ts';
import type { MemoryLaw } from '../wasm-memory/memory-law.ts';
import { MEMORY_FAULTS, type MemoryFault } from './wasm-memory-faults.ts';
import { implementationOf, SOUND_VARIANTS } from './wasm-memory-sound-variants.ts';

/** Sound copies get a part of the runs: a false alarm is a misread contract, and shows in any run or few. */
const SHARE_FOR_SOUND_COPIES = 0.05;

function refutationOf({ law, claim, type }: MemoryFault, effort: Effort = {}) {
  return law
    .claims(implementationOf(type))
    .find(({ title }) => title === claim)
    ?.refute(effort);
}

function faultNamed(name: string): MemoryFault {
  const fault = MEMORY_FAULTS.find((candidate) => candidate.name === name);
  if (fault === undefined) throw new Error(`no fault is named ${name}: see wasm-memory-faults.ts`);
  return fault;
}

function alarmsOf(law: MemoryLaw, implementation: (typeof SOUND_VARIANTS)[number]['implementation']): string[] {
  return law.claims(implementation).flatMap((claim) => {
    const refutation = claim.refute({ share: SHARE_FOR_SOUND_COPIES });
    return refutation === undefined ? [] : [`${claim.title}: ${String(refutation.error)}`];
  });
}

describe('each faulty memory interface is caught by the claim that should', () => {
  for (const fault of MEMORY_FAULTS) {
    it(`${fault.name}: ${fault.law.id}, ${fault.claim}`, () => {
      const refutation = refutationOf(fault, { shrinks: false });
      expect(refutation?.error, `${fault.law.id} lets through: ${fault.name}`).toBeInstanceOf(BrokenClaim);
    });
  }
});

describe('each law', () => {
  it('lives in the file of its name, and each file is in the list of laws', () => {
    const files = readdirSync(new URL('../wasm-memory/', import.meta.url)).filter((file) =>
      file.endsWith('.property.ts'),
    );
    expect(MEMORY_LAWS.map(({ id }) => `${id}.property.ts`)).toEqual(files.sort());
  });

  it('has a fault that it has to catch', () => {
    const caught = new Set(MEMORY_FAULTS.map(({ law }) => law.id));
    expect(MEMORY_LAWS.map(({ id }) => id).filter((id) => !caught.has(id))).toEqual([]);
  });
});

describe('a known fault comes down to', () => {
  const settings = fc.readConfigureGlobal();
  // How far a case shrinks depends a little on where it starts.
  beforeAll(() => fc.configureGlobal({ ...settings, seed: DEFAULT_SEED }));
  afterAll(() => fc.configureGlobal(settings));

  it('the two calls that it takes, of thirty', () => {
    const refutation = refutationOf(faultNamed('after a refused call the next write is lost'));
    // Array shrinking may leave a step behind the one that shows it; what counts are those before.
    expect(String(refutation?.error)).toContain('step 2 of the history');
  });

  it('two bytes, one further, for a copy in the wrong direction', () => {
    const refutation = refutationOf(faultNamed('writeBytes copies forwards byte by byte'));
    expect(refutation?.counterexample).toEqual([2, 0, 1]);
  });

  it('one character at 0, for a BOM that is stripped', () => {
    const refutation = refutationOf(faultNamed('a BOM is stripped'));
    expect(refutation?.counterexample).toEqual(['\ufeff', 0]);
  });
});

describe('no sound memory interface is caught', () => {
  for (const { name, implementation } of SOUND_VARIANTS) {
    for (const law of MEMORY_LAWS) {
      it(`${name}: ${law.id}`, () => expect(alarmsOf(law, implementation)).toEqual([]));
    }
  }
});
